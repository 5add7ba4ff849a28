package demo

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
	"wangge/store/sqlite"
)

func open(t testing.TB) World {
	t.Helper()
	dir := t.TempDir()
	engine, err := sqlite.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []store.Declared
	for _, c := range [][]store.Declared{
		area.Collections(), account.Collections(), photo.Collections(), household.Collections(), form.Collections(), visit.Collections(), ticket.Collections(),
	} {
		all = append(all, c...)
	}
	st, err := store.Open(t.Context(), engine, store.Options{}, all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	keys, err := personal.LoadKeys(filepath.Join(dir, "keys.json"), "")
	if err != nil {
		t.Fatal(err)
	}
	areas, err := area.New(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	accounts := account.New(st, areas, keys, account.Options{DemoCode: Code})
	households := household.New(st, areas, keys)
	return World{st, areas, accounts, households, form.New(st, areas), visit.New(st, areas, keys, households), ticket.New(st, areas, accounts, keys)}
}

func TestFillHasEverythingAndIsWhole(t *testing.T) {
	w, ctx, now := open(t), t.Context(), time.Now().UTC()
	if demo, anything, err := w.Holds(ctx); demo || anything || err != nil {
		t.Fatalf("an empty store holds %v %v (%v)", demo, anything, err)
	}
	var out bytes.Buffer
	if err := w.Fill(ctx, now, &out); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if demo, _, err := w.Holds(ctx); !demo || err != nil {
		t.Errorf("the filled store is no demonstration: %v", err)
	}
	cells := w.Areas.Map().Cells()
	var features []geo.Feature
	for i, c := range cells {
		features = append(features, geo.Feature{Index: i, Geometry: c.Geometry})
		if len(c.Posts) < 2 {
			t.Errorf("cell %s has %d people", c.Code, len(c.Posts))
		}
	}
	if overlaps := geo.CheckOverlaps(features, 1); len(overlaps) > 0 || len(cells) < 600 {
		t.Errorf("%d cells, %d overlaps", len(cells), len(overlaps))
	}
	admin := access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Admin}}}
	for _, c := range ticket.Categories {
		counts, err := w.Tickets.Count(ctx, admin, ticket.Filter{Categories: []string{c.Code}}, "state")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ticket.States {
			if counts[string(s)] == 0 {
				t.Errorf("no ticket of %s in state %s", c.Code, s)
			}
		}
	}
	for _, s := range SignIns {
		in := account.Credentials{Username: s.User, Password: s.Secret}
		if s.Role == access.Resident {
			in = account.Credentials{Phone: s.User, Code: s.Secret}
		}
		signed, err := w.Accounts.SignIn(ctx, now, in, "127.0.0.1")
		if err != nil {
			t.Fatalf("%s: %v", s.Role, err)
		}
		actor, err := w.Accounts.Actor(ctx, signed.Account.ID, signed.Session.ID, now)
		if err != nil || !actor.Is(s.Role) {
			t.Errorf("%s: %v, %+v", s.Role, err, actor)
		}
		if mine := s.Role != access.Integration; mine {
			if list, _, err := w.Tickets.List(ctx, actor, ticket.Filter{}); err != nil || len(list) == 0 {
				t.Errorf("%s sees %d tickets (%v)", s.Role, len(list), err)
			}
		}
	}
	heads := w.Store.Heads()
	if err := w.Fill(ctx, now, &out); err != nil {
		t.Fatal(err)
	}
	for p, n := range w.Store.Heads() {
		if heads[p] != n {
			t.Errorf("filling again changed %s", p)
		}
	}
}

func TestFillRefusesAStoreInUse(t *testing.T) {
	w := open(t)
	if _, err := w.Accounts.EnsureAdmin(t.Context(), time.Now().UTC(), "admin", "a real password"); err != nil {
		t.Fatal(err)
	}
	if err := w.Fill(t.Context(), time.Now().UTC(), &bytes.Buffer{}); err != ErrNotDemo {
		t.Errorf("%v, want ErrNotDemo", err)
	}
}
