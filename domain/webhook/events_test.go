package webhook

import (
	"slices"
	"testing"

	"wangge/domain"
	"wangge/domain/intake"
	"wangge/domain/ticket"
)

// Of each action on a case or a ticket the table says as what it is told, or
// that it is not; and it names no other.
func TestEachActionIsToldOrNot(t *testing.T) {
	known := []string{"case.key"} // which is on no timeline
	for family, words := range map[string]domain.Enum{"case.": intake.EventWords, "ticket.": ticket.EventWords} {
		for _, w := range words.Words {
			known = append(known, family+w.Code)
		}
	}
	for _, action := range known {
		if (events[action] != "") == slices.Contains(notTold, action) {
			t.Errorf("%s is told as %q, and not told: %v", action, events[action], slices.Contains(notTold, action))
		}
	}
	for action, event := range events {
		if !slices.Contains(known, action) || !EventWords.Has(string(event)) {
			t.Errorf("nothing makes %s, which is told as %s", action, event)
		}
	}
	for _, action := range notTold {
		if !slices.Contains(known, action) {
			t.Errorf("nothing makes %s", action)
		}
	}
}
