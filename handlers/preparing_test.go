package handlers

import (
	"context"
	"slices"
	"testing"
	"time"

	"wangge/domain/ticket"
	"wangge/store"
	"wangge/store/enginetest"
)

// unbuilt is an engine on which tickets have few of their indexes, as
// after an upgrade, and are too many to be indexed before the store is open.
type unbuilt struct{ store.Engine }

func isTickets(spec *store.Spec) bool { return spec.Name == ticket.Collections()[0].Spec().Name }

func (e unbuilt) Setup(ctx context.Context, specs []*store.Spec) ([]store.Found, error) {
	found, err := e.Engine.Setup(ctx, specs)
	if i := slices.IndexFunc(specs, isTickets); err == nil && i >= 0 {
		found[i] = store.Found{}
		for _, part := range e.Parts(specs[i]) {
			found[i].Kept = append(found[i].Kept, part.As)
		}
		for _, ix := range specs[i].Indexes {
			if ix.Unique || ix.Fields[0].Path == "openKey" { // which a report asks
				found[i].Indexes = append(found[i].Indexes, ix.Name)
			}
		}
	}
	return found, err
}

func (e unbuilt) Size(ctx context.Context, spec *store.Spec) (int64, error) {
	if isTickets(spec) {
		return 1_000_000, nil
	}
	return e.Engine.Size(ctx, spec)
}

// TestPreparing: what needs an index that is still being built says so, the
// rest is served, and it is told how far it is.
func TestPreparing(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		h := newHarness(t, unbuilt{p.Open(t)})
		list := call{method: "GET", url: "/v1/tickets", as: "dispatcher"}
		a := h.must(t, 503, list)
		if a.text("/code") != "preparing" || a.header.Get("Retry-After") != "10" {
			t.Errorf("a list: %s, again after %s", a.body, a.header.Get("Retry-After"))
		}
		one := h.report(t, "resident", inside(niujia, 1), "noise")
		h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + one.ID, as: "resident"})
		if a := h.must(t, 200, call{method: "GET", url: "/readyz"}); a.text("/status") != "ready" || a.text("/preparing/0/collection") != "tickets" {
			t.Errorf("readiness: %s", a.body)
		}
		lease := must(h.Store.Acquire(t.Context(), "upgrade", "test", time.Minute))(t)
		if err := h.Store.Upgrade(t.Context(), lease); err != nil {
			t.Fatal(err)
		}
		if a := h.must(t, 200, list); a.text("/items/0/id") != one.ID {
			t.Errorf("the list afterwards: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/readyz"}); a.at("/preparing") != nil {
			t.Errorf("readiness afterwards: %s", a.body)
		}
	})
}
