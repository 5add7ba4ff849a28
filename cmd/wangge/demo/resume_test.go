package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv("DEMO_COMMITS") != "" {
		if err := live(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(mongotest.Main(m))
}

// live fills the small demonstration in a process that kills itself at a commit.
func live() error {
	ctx, dir := context.Background(), os.Getenv("DEMO_DIR")
	engine, err := engineAt(ctx, dir, os.Getenv("DEMO_URI"))
	if err != nil {
		return err
	}
	commits, err := strconv.ParseInt(os.Getenv("DEMO_COMMITS"), 10, 64)
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339, os.Getenv("DEMO_NOW"))
	if err != nil {
		return err
	}
	m := &mortal{Engine: engine, dieAt: commits}
	w, err := worldOn(ctx, m, dir)
	if err != nil {
		return err
	}
	if err := w.Fill(ctx, now, Small, io.Discard); err != nil {
		return err
	}
	return w.Store.Close(ctx)
}

// mortal is an engine whose process is killed at a commit, before or after it.
type mortal struct {
	store.Engine
	dieAt   int64
	commits atomic.Int64
}

type mortalTx struct {
	store.EngineTx
	m *mortal
}

func (m *mortal) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	tx, err := m.Engine.Begin(ctx, partitions, reserve)
	if err != nil {
		return nil, err
	}
	return mortalTx{tx, m}, nil
}

func (tx mortalTx) Commit(ctx context.Context) error {
	last := tx.m.commits.Add(1) == tx.m.dieAt
	if last && tx.m.dieAt%2 == 0 {
		die()
	}
	err := tx.EngineTx.Commit(ctx)
	if last {
		die()
	}
	return err
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// Killed at any commit and started again until it is whole, a filling comes to
// the demonstration that one left alone makes.
func TestFillGoesOnWhereItWasKilled(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	alone := open(t, t.TempDir(), "")
	if err := alone.Fill(t.Context(), now, Small, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := alone.everything(t)
	for name, uri := range map[string]func(*testing.T) string{"sqlite": func(*testing.T) string { return "" }, "mongodb": func(t *testing.T) string { mongotest.Impatient(t); return mongotest.URI(t) }} {
		t.Run(name, func(t *testing.T) {
			dir, uri := t.TempDir(), uri(t)
			lives := 0
			for at := now; ; lives++ {
				commits := 1 + rand.IntN(120)
				if lives == 0 {
					commits += 10 // before it has begun it keeps to no day
				}
				life := exec.Command(os.Args[0])
				life.Env = append(os.Environ(), "DEMO_DIR="+dir, "DEMO_URI="+uri, "DEMO_NOW="+at.Format(time.RFC3339), fmt.Sprint("DEMO_COMMITS=", commits))
				out, err := life.CombinedOutput()
				if err == nil {
					break
				}
				if ended, ok := err.(*exec.ExitError); !ok || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("life %d: %v: %s", lives, err, out)
				}
				at = at.Add(17 * time.Hour) // the next is another day
			}
			t.Logf("killed %d times", lives)
			w := open(t, dir, uri)
			got := w.everything(t)
			for _, line := range want {
				if !slices.Contains(got, line) {
					t.Errorf("left alone, and not killed: %s", line)
				}
			}
			if len(got) != len(want) || lives == 0 {
				t.Errorf("%d things, want %d; killed %d times", len(got), len(want), lives)
			}
		})
	}
}

// everything is what people see of a demonstration, a line a thing, without
// what differs from one to the next: ids and receipt numbers.
func (w World) everything(t *testing.T) []string {
	t.Helper()
	ctx := t.Context()
	admin := access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Admin}}}
	var out []string
	say := func(kind string, parts ...any) { out = append(out, kind+" "+strings.TrimSpace(fmt.Sprintln(parts...))) }
	accounts := map[string]string{} // names by id
	each(t, func(cursor string) (string, error) {
		page, next, err := storetest.Of[account.Account](account.Collections()).Find(ctx, w.Store, store.Query{Order: []string{"sort"}, Limit: 500, After: cursor})
		for _, a := range page {
			name, phone, err := w.Accounts.Open(a)
			if err != nil {
				t.Fatal(err)
			}
			accounts[a.ID] = cmp.Or(a.Username, phone)
			say("account", a.Username, name, phone, a.Organisation, a.Created, len(a.Grants))
		}
		return next, err
	})
	for _, c := range w.Areas.Map().Cells() {
		posts := []string{}
		for _, p := range c.Posts {
			posts = append(posts, fmt.Sprint(p.Role, " ", accounts[p.Account]))
		}
		slices.Sort(posts)
		say("cell", c.Code, c.Name, c.Centre, posts)
	}
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Tickets.List(ctx, admin, ticket.Filter{Limit: 100, Cursor: cursor})
		for _, k := range page {
			say("ticket", k.State, k.Title, k.Position, accounts[k.ReportedBy], accounts[k.Assignee.ID], k.DueAt, len(k.Photos), len(k.Applied), len(k.Links), k.Version)
		}
		return next, err
	})
	homes := map[string]string{} // addresses by id
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Households.List(ctx, admin, time.Now(), household.Filter{Area: "320508", Limit: 100, Cursor: cursor})
		for _, h := range page {
			homes[h.ID] = h.Address.String()
			tags := []string{}
			for _, m := range h.Members {
				for _, tag := range m.Tags {
					tags = append(tags, fmt.Sprint(tag.Code, tag.Level))
				}
			}
			slices.Sort(tags)
			say("household", h.Address, h.Occupancy, h.Position, len(h.Members), tags, h.Version)
		}
		return next, err
	})
	seen := map[string]bool{}
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Visits.List(ctx, admin, time.Now(), visit.Filter{Limit: 100, Cursor: cursor})
		for _, v := range page {
			say("visit", v.Plan, homes[v.Household], v.Period, v.Opens, v.Closes, v.State, v.Cause, v.Result, v.Channel, v.Covered, accounts[v.Assignee], len(v.Steps), v.DoneAt, v.Version)
			if v.Stop == "" || seen[v.Stop] {
				continue
			}
			seen[v.Stop] = true
			stop, err := w.Stops.Get(ctx, admin, v.Stop)
			if err != nil {
				t.Fatal(err)
			}
			say("stop", homes[stop.Household], stop.At, stop.LeftAt, accounts[stop.Account], stop.State, stop.Result, stop.Proof.State, stop.Proof.Score, stop.Proof.Flags, stop.Alert,
				len(stop.Visits), len(stop.Photos), len(stop.Needs), stop.Version)
		}
		return next, err
	})
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Promises.List(ctx, admin, Home, "", "", 100, cursor)
		for _, p := range page {
			say("promise", homes[p.Household], p.Text, p.DueOn, p.State)
		}
		return next, err
	})
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Works.List(ctx, admin, visit.WorkFilter{Limit: 100, Cursor: cursor})
		for _, x := range page {
			say("work", x.Kind, x.Title, homes[x.Household], x.HeldAt, x.People)
		}
		return next, err
	})
	slices.Sort(out)
	return out
}

// each reads page after page.
func each(t *testing.T, read func(cursor string) (next string, err error)) {
	t.Helper()
	for cursor := ""; ; {
		next, err := read(cursor)
		if err != nil {
			t.Fatal(err)
		}
		if cursor = next; next == "" {
			return
		}
	}
}
