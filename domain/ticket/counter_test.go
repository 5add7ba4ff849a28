package ticket

import (
	"errors"
	"slices"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
	"wangge/store"
)

// serve says which communities the cases linked to a ticket belong to.
func (w *world) serve(id string, communities ...string) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), []string{w.get(id).Partition}, func(tx *store.Tx) error {
		t, err := collection.Get(w.t.Context(), tx, id)
		if err != nil {
			return err
		}
		var served []string
		for _, code := range communities {
			served = append(served, worldtest.ID(w.t, w.areas, code))
		}
		return t.PutServed(tx, served, store.Entry{At: noon, Actor: "test", Action: string(Serve)})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A counter worker reports for residents anywhere in the city, sees what
// became of it, and is told what residents may be told.
func TestAtCounter(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		behalf := func(who, place string) (*Ticket, error) {
			d := draft(place)
			d.For, d.Source = &Resident{Name: "王小明", Phone: "13800000001"}, FromCounter
			return w.tickets.Report(ctx, w.people[who], noon, d)
		}
		for _, place := range []string{north, east, far, "beside jia"} {
			if got, err := behalf("counter", place); err != nil || got.ReportedBy != w.people["counter"].Account {
				t.Errorf("at %s: %+v, %v", place, got, err)
			}
		}
		if _, err := behalf("former counter", north); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("at no counter: %v", err)
		}
		if _, err := behalf("worker", far); len(pointers(err)) != 1 {
			t.Errorf("a worker outside their cells: %v", err)
		}
		abroad := w.people["counter"]
		abroad.Cities = []string{"another"}
		d := draft(north)
		d.For = &Resident{Phone: "13800000001"}
		if _, err := w.tickets.Report(ctx, abroad, noon, d); len(pointers(err)) != 1 {
			t.Errorf("from another city: %v", err)
		}

		sent := must(behalf("counter", far))(t)
		linked := w.working(east) // by a resident, with a worker
		must(w.tickets.Comment(ctx, w.people["resident"], noon, linked.ID, NewComment{ID: ids.New(), Text: "还在响"}))(t)
		must(w.tickets.Comment(ctx, w.people["worker"], noon, linked.ID, NewComment{ID: ids.New(), Text: "内部", Internal: true}))(t)
		sees := func(who, id string) access.View {
			t.Helper()
			_, view, err := w.tickets.Get(ctx, w.people[who], id)
			if view == access.Hidden && !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s: %v", who, err)
			}
			list, _, err := w.tickets.List(ctx, w.people[who], Filter{Mine: true, Limit: 100})
			if listed := slices.ContainsFunc(list, func(t *Ticket) bool { return t.ID == id }); err != nil || listed != (view != access.Hidden) {
				t.Errorf("%s lists it: %v, %v", who, listed, err)
			}
			return view
		}
		for i, c := range []struct {
			who, id string
			served  []string
			want    access.View
		}{
			{"counter", sent.ID, nil, access.Own}, {"other counter", sent.ID, nil, access.Hidden},
			{"counter", linked.ID, nil, access.Hidden}, {"counter", linked.ID, []string{bingOne}, access.Hidden}, {"other counter", linked.ID, []string{bingOne}, access.Own},
			{"counter", linked.ID, []string{bingOne, yiOne}, access.Own}, {"former counter", linked.ID, []string{jiaTwo}, access.Hidden}, {"worker at counter", linked.ID, []string{jiaTwo}, access.Own},
		} {
			if c.served != nil {
				w.serve(c.id, c.served...)
			}
			if got := sees(c.who, c.id); got != c.want {
				t.Errorf("%d: %s has the view %v", i, c.who, got)
			}
		}

		// What she says is staff's; who else said what is not told.
		own := must(w.tickets.Comment(ctx, w.people["counter"], noon, linked.ID, NewComment{ID: ids.New(), Text: "居民问进度"}))
		if !own(t).Staff {
			t.Error("her remark is not staff's")
		}
		if _, err := w.tickets.Comment(ctx, w.people["counter"], noon, linked.ID, NewComment{ID: ids.New(), Text: "内部", Internal: true}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("an internal remark: %v", err)
		}
		w.serve(linked.ID, jiaTwo)
		remarks, _, err := w.tickets.Comments(ctx, w.people["counter"], linked.ID, 10, "")
		if err != nil || len(remarks) != 2 || remarks[0].Author != "" || remarks[1].Author != w.people["counter"].Account {
			t.Errorf("reads %+v, %v", remarks, err)
		}
		events, _, err := w.tickets.Timeline(ctx, w.people["counter"], linked.ID, 50, "")
		if err != nil || len(events) < 6 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			if e.Actor != "" || e.Note != "" || e.After.Assignee != "" {
				t.Errorf("is told %+v", e)
			}
		}

		// Whom she reported for she may call back; not who else reported what she sees.
		if got, err := w.tickets.Reveal(ctx, w.people["counter"], noon, sent.ID, []string{"phone"}, "告知结果"); err != nil || got.Phone != "13800000001" {
			t.Errorf("reveals %+v, %v", got, err)
		}
		if _, err := w.tickets.Reveal(ctx, w.people["counter"], noon, linked.ID, []string{"phone"}, "告知结果"); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("reveals another's: %v", err)
		}
	})
}
