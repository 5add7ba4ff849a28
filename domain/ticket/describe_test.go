package ticket

import (
	"slices"
	"testing"
)

// The diagram has every way from a state to another, and no other.
func TestDiagramIsTheLifecycle(t *testing.T) {
	drawn := map[State][]State{}
	for _, e := range edges() {
		drawn[e.from] = append(drawn[e.from], e.to)
	}
	for _, from := range States {
		var want []State
		for _, to := range States {
			if to != from && slices.Contains(steps[from], to) {
				want = append(want, to)
			}
		}
		if !slices.Equal(drawn[from], want) {
			t.Errorf("from %s: %v, want %v", from, drawn[from], want)
		}
	}
	for _, tr := range Transitions {
		for _, r := range tr.Who {
			if whoWords[r] == "" {
				t.Errorf("%s: who may is not said", tr.Action)
			}
		}
		if tr.Action.word() == "" {
			t.Errorf("%s has no word", tr.Action)
		}
	}
}
