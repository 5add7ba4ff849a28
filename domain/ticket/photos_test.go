package ticket

import (
	"errors"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/ids"
)

// A photo serves once: for one ticket, before the handling or after it.
func TestPhotos(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east)
		before := w.upload("resident")
		d.Category, d.Photos = "parking", []string{before}
		id := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t).ID
		add := func(who, when string, photos ...string) (*Ticket, error) {
			return w.tickets.AddPhotos(t.Context(), w.people[who], noon, id, when, photos)
		}
		refused := func(name, want string, err error) {
			t.Helper()
			got := strings.Join(pointers(err), " ")
			if errors.Is(err, domain.ErrForbidden) {
				got = "forbidden"
			} else if errors.Is(err, domain.ErrNotFound) {
				got = "hidden"
			} else if c := code(err); c != "" {
				got = c
			}
			if got != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
		more := w.upload("resident")
		first := must(add("resident", Before, more))(t)
		again := must(add("resident", Before, more))(t)
		if len(first.Photos) != 2 || again.Version != first.Version {
			t.Errorf("added: %+v, again: %+v", first.Photos, again.Photos)
		}
		_, err := add("resident", After, w.upload("resident"))
		refused("an after-photo of the reporter's", "forbidden", err)
		_, err = add("neighbour", Before, w.upload("neighbour"))
		refused("a stranger's", "hidden", err)
		_, err = add("worker", Before, w.upload("lead"))
		refused("somebody else's", "/photos/0", err)
		_, err = add("resident", Before)
		refused("none", "/photos", err)
		_, err = add("resident", "meanwhile", more)
		refused("neither before nor after", "/when", err)
		_, err = add("resident", Before, more, w.upload("resident"), ids.New())
		refused("one that is none", "/photos/1", err)
		d = draft(east)
		d.Photos = []string{more}
		_, err = w.tickets.Report(t.Context(), w.people["resident"], noon, d)
		refused("for another ticket", "/photos/0", err)

		w.move("lead", id, ActionInput{Action: Accept})
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.person("worker"))})
		w.move("worker", id, ActionInput{Action: Start})
		resolve := func(photos ...string) error {
			_, err := w.tickets.TakeAction(t.Context(), w.people["worker"], noon, id, 0, ActionInput{ID: ids.New(), Action: Resolve, Outcome: "fixed", Photos: photos})
			return err
		}
		refused("resolved without a photo", "/photos", resolve())
		refused("resolved with a photo of before", "/photos/0", resolve(before))
		after := w.upload("worker")
		if err := resolve(after); err != nil {
			t.Fatal(err)
		}
		// Back in work it takes another.
		w.move("lead", id, ActionInput{Action: Rework, Reason: "还堵着", Photos: []string{w.upload("lead")}})
		now := noon.Add(1)
		if _, err := w.tickets.TakeAction(t.Context(), w.people["worker"], now, id, 0, ActionInput{Action: Resolve, Outcome: "fixed", Photos: []string{after}}); strings.Join(pointers(err), " ") != "/photos/0" {
			t.Errorf("resolved with the photo of last time: %v", err)
		}
		must(add("worker", After, w.upload("worker")))(t)
		if err := resolve(); err != nil {
			t.Errorf("with the after-photo sent before: %v", err)
		}
		when := ""
		for _, p := range w.get(id).Photos {
			when += p.When + " "
		}
		if when != "before before after before after " {
			t.Errorf("photos: %s", when)
		}
		w.move("lead", id, ActionInput{Action: Close, Verification: "photo"})
		_, err = add("resident", Before, w.upload("resident"))
		refused("when it is over", "wrong_state", err)
		if _, err = add("resident", Before, more); err != nil {
			t.Errorf("sent again when it is over: %v", err)
		}
		open := w.report("resident", east).ID
		many := make([]string, photosMost+1)
		for i := range many {
			many[i] = w.upload("resident")
		}
		_, err = w.tickets.AddPhotos(t.Context(), w.people["resident"], noon, open, Before, many)
		refused("too many", "/photos", err)
		must(w.tickets.AddPhotos(t.Context(), w.people["resident"], noon, open, Before, many[1:]))(t)
	})
}
