package delivery

import (
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/notice"
)

// A lock screen says in the phone's language how much is asked, and nothing of
// what it is about: the same for every thing, person and place.
func TestLockScreen(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range []string{"zh-CN", "en"} {
		for _, kind := range domain.CodesOf[notice.Kind](notice.KindWords()) {
			for _, of := range []notice.Importance{notice.Urgent, notice.Task, notice.News} {
				say := func(about string) Message {
					h := &Handoff{}
					h.next(&Handoff{Way: JPush, Address: "device of " + about, Recipient: "who " + about, Thing: "thing " + about, Notice: "id", Kind: kind, Importance: of, At: noon}, noon)
					return h.message(Address{Text: "token"}, lang, noon.Add(time.Minute))
				}
				m, other := say("王小明"), say("大儒巷8号")
				if m.Title+m.Text != other.Title+other.Text || m.Text == "" || strings.ContainsAny(m.Text, "0123456789{}") {
					t.Errorf("%s, %s: %q, %q", kind, of, m.Text, other.Text)
				}
				if m.Urgent != (of == notice.Urgent) || m.Link != "wangge://inbox/id" || m.TTL != lives[of]-time.Minute {
					t.Errorf("%s, %s: %+v", kind, of, m)
				}
				seen[m.Text] = true
			}
		}
	}
	if len(seen) != 2*4 { // three importances, and what a cell is told
		t.Errorf("%d texts: %v", len(seen), seen)
	}
}
