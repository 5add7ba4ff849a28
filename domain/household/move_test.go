package household

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/geo"
	"wangge/store"
)

func TestMove(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.create("lead", draft(east, "1"))
		to := func(place, room string) Relocation {
			return Relocation{Address: Address{Estate: "钮家巷", Building: "3号", Room: room}, Position: at[place], Datum: geo.WGS84}
		}
		later := noon.Add(time.Hour)
		// A worker may let a household go into another cell of the street, not into another street.
		moved := must(w.households.Move(t.Context(), w.people["worker"], later, h.ID, 1, to(north, "1")))(t)
		if moved.Place.Cell != w.id(north) || moved.Place.Community != w.id(jiaTwo) || !moved.Since.Equal(later) || moved.Address.Estate != "钮家巷" {
			t.Errorf("moved: %+v", moved)
		}
		if _, err := w.households.Get(t.Context(), w.people["worker"], h.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the worker still sees it: %v", err)
		}
		if _, err := w.households.Move(t.Context(), w.people["worker"], later, w.create("worker", draft(east, "9")).ID, 0, to(other, "9")); pointers(err) != "/position" {
			t.Errorf("a worker into another street: %v", err)
		}
		w.create("manager", draft(west, "7"))
		if _, err := w.households.Move(t.Context(), w.people["manager"], later, h.ID, 0,
			Relocation{Address: draft(east, "7").Address, Position: at[east], Datum: geo.WGS84}); code(err) != "duplicate_address" {
			t.Errorf("where others live: %v", err)
		}
		last := noon.Add(2 * time.Hour)
		moved = must(w.households.Move(t.Context(), w.people["manager"], last, h.ID, 0, to(other, "1")))(t)
		if moved.Partition != w.id(yi) || moved.Place.Cell != w.id(other) {
			t.Errorf("into another street: %+v", moved)
		}
		if entries := w.journal(yi); entries[len(entries)-1].Action != "household.move" || entries[len(entries)-1].Before.Cell != w.id(north) {
			t.Errorf("journal of the other street: %+v", entries[len(entries)-1])
		}
		// Who lived where when.
		lived := func(who string, q StayQuery) string {
			t.Helper()
			list, _, err := w.households.Stays(t.Context(), w.people[who], q)
			if err != nil {
				return err.Error()
			}
			var out []string
			for _, s := range list {
				for _, p := range s.People {
					out = append(out, fmt.Sprintf("%s %s %d-%d %s", p.NameMasked, s.Address.Estate, int(p.From.Sub(noon).Hours()), int(s.To.Sub(noon).Hours()), s.Reason))
				}
			}
			return strings.Join(out, "; ")
		}
		want := "王*明 钮家巷 1-2 moved; 王*明 大儒巷小区 0-1 moved"
		if got := lived("other lead", StayQuery{Household: h.ID}); got != want {
			t.Errorf("the household lived: %s", got)
		}
		if got := lived("other lead", StayQuery{Household: h.ID, Member: h.Members[0].ID}); got != want {
			t.Errorf("the member lived: %s", got)
		}
		if got := lived("worker", StayQuery{Household: h.ID}); got != domain.ErrNotFound.Error() {
			t.Errorf("who does not see it reads: %s", got)
		}
		next := w.create("worker", draft(east, "1")) // where it first was
		if got := lived("worker", StayQuery{Household: next.ID, Address: true}); got != "王*明 大儒巷小区 0-1 moved" {
			t.Errorf("at the address lived: %s", got)
		}
		// A correction moves nobody.
		c := to(other, "2")
		c.Corrected = true
		if corrected := must(w.households.Move(t.Context(), w.people["other lead"], last.Add(time.Hour), h.ID, 0, c))(t); !corrected.Since.Equal(last) || corrected.Address.Room != "2" {
			t.Errorf("corrected: %+v", corrected)
		}
		if got := lived("other lead", StayQuery{Household: h.ID}); got != want {
			t.Errorf("after a correction: %s", got)
		}
	})
}

func TestMoveMember(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(west, "1")
		d.Members[0].IDNumber, d.Members[0].Tags = str(citizen(1)), []TagInput{{Code: "party_member"}}
		a, b := w.create("two cells", d), w.create("two cells", draft(other, "1"))
		member := a.Members[0].ID
		later := noon.Add(time.Hour)
		for name, c := range map[string]struct{ who, member, to, want string }{
			"to itself": {"two cells", member, a.ID, "/to"}, "to none": {"two cells", member, ids.New(), "/to"}, "to another's": {"lead", member, b.ID, "/to"},
		} {
			if _, _, err := w.households.MoveMember(t.Context(), w.people[c.who], later, a.ID, 0, c.member, c.to); pointers(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		from, into, err := w.households.MoveMember(t.Context(), w.people["two cells"], later, a.ID, 1, member, b.ID)
		if err != nil || len(from.Members) != 0 || len(into.Members) != 2 || !into.Members[1].Since.Equal(later) {
			t.Fatalf("%+v, %+v, %v", from, into, err)
		}
		if strings.Join(from.Marks, " ") != "occupancy:own" || strings.Join(into.Marks, " ") != "occupancy:own tag:party_member" {
			t.Errorf("marks: %v, %v", from.Marks, into.Marks)
		}
		if got := must(w.households.Reveal(t.Context(), w.people["other lead"], later, b.ID, member, []string{"idNumber"}, "核对"))(t); got.IDNumber != citizen(1) {
			t.Errorf("sealed for another place: %+v", got)
		}
		list, _, err := w.households.Stays(t.Context(), w.people["other lead"], StayQuery{Household: b.ID, Member: member})
		if err != nil || len(list) != 1 || list[0].Reason != Joined || list[0].Next != b.ID || list[0].Household != a.ID {
			t.Errorf("stays: %+v, %v", list, err)
		}
		// Somebody else under the same id, whom it was chosen for, does not lead to where they lived.
		c := w.create("worker", draft(east, "3"))
		if _, _, err := w.households.AddMember(t.Context(), w.people["worker"], later, c.ID, 0, MemberInput{ID: member, PersonInput: PersonInput{Name: str("某人")}}); err != nil {
			t.Fatal(err)
		}
		if list, _, err := w.households.Stays(t.Context(), w.people["worker"], StayQuery{Household: c.ID, Member: member}); err != nil || len(list) != 0 {
			t.Errorf("stays of somebody elsewhere: %d, %v", len(list), err)
		}
	})
}

func TestMergeAndUnmerge(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east, "1")
		d.Members = append(d.Members, MemberInput{PersonInput: PersonInput{Name: str("李红")}})
		a := w.create("lead", d)
		e := draft(east, "1-2")
		e.Owner = &PersonInput{Name: str("赵主")}
		e.Members[0].Tags = []TagInput{{Code: "empty_nest_elder"}}
		e.Members = append(e.Members, MemberInput{PersonInput: PersonInput{Name: str("王孙")}})
		b := w.create("lead", e)
		met := func(id string, last time.Time) {
			t.Helper()
			if err := w.st.Update(t.Context(), []string{w.id(jia)}, func(tx *store.Tx) error {
				h, err := Load(t.Context(), tx, id)
				if err != nil {
					return err
				}
				return h.Visited(tx, w.people["lead"], noon, h.ID, last)
			}); err != nil {
				t.Fatal(err)
			}
		}
		met(a.ID, noon.Add(-2*time.Hour))
		met(b.ID, noon.Add(-time.Hour))
		a, b = w.get(a.ID), w.get(b.ID)
		for name, c := range map[string]struct{ who, other, want string }{"itself": {"lead", a.ID, "/household"}, "nothing": {"lead", ids.New(), "/household"},
			"in another street": {"admin", w.create("other lead", draft(other, "1")).ID, "/household"}} {
			if _, err := w.households.Merge(t.Context(), w.people[c.who], noon, a.ID, 0, c.other); pointers(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.households.Merge(t.Context(), w.people["worker"], noon, a.ID, 0, b.ID); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a worker: %v", err)
		}
		merged := must(w.households.Merge(t.Context(), w.people["lead"], noon, a.ID, 2, b.ID))(t)
		if len(merged.Members) != 3 || merged.Owner == nil || merged.Owner.NameMasked != "赵*" || strings.Join(merged.Marks, " ") != "occupancy:own tag:empty_nest_elder" ||
			!merged.LastVisitedAt.Equal(noon.Add(-time.Hour)) || !merged.VisitedAt.Equal(noon.Add(-2*time.Hour)) {
			t.Errorf("merged: %+v", merged)
		}
		if _, err := w.households.Get(t.Context(), w.people["admin"], b.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the other is still there: %v", err)
		}
		// The address of the other one is this one's now: nobody else gets it, and a file finds it there.
		if _, _, err := w.households.Create(t.Context(), w.people["lead"], noon, draft(east, "1-2")); code(err) != "duplicate_address" {
			t.Errorf("made again: %v", err)
		}
		third := w.create("lead", draft(east, "3"))
		there := Relocation{Address: e.Address, Position: at[east], Datum: geo.WGS84, Corrected: true}
		if _, err := w.households.Move(t.Context(), w.people["lead"], noon, third.ID, 0, there); code(err) != "duplicate_address" {
			t.Errorf("moved there: %v", err)
		}
		if got := inOneLine(w.imported("manager", "estate,building,unit,room,name\n大儒巷小区,8幢,2,1-2,王孙\n", Import{})); got != "1 rows, 0 refused, 0 added, 0 changed, 1 unchanged" {
			t.Errorf("imported again: %s", got)
		}
		must(w.households.Move(t.Context(), w.people["lead"], noon, a.ID, 0, there))(t)
		if _, _, err := w.households.Unmerge(t.Context(), w.people["lead"], noon, a.ID, 0, b.ID); code(err) != "duplicate_address" {
			t.Errorf("this one is there: %v", err)
		}
		there.Address = d.Address
		must(w.households.Move(t.Context(), w.people["lead"], noon, a.ID, 0, there))(t)
		if _, _, err := w.households.UpdateMember(t.Context(), w.people["lead"], noon, a.ID, 0, b.Members[1].ID, PersonInput{Relation: str("孙子")}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			who, id, other string
			ok             func(error) bool
		}{
			"a stranger":        {"other lead", a.ID, b.ID, func(err error) bool { return errors.Is(err, domain.ErrNotFound) }},
			"a worker":          {"worker", a.ID, b.ID, func(err error) bool { return errors.Is(err, domain.ErrForbidden) }},
			"what never merged": {"lead", a.ID, third.ID, func(err error) bool { return pointers(err) == "/household" }},
		} {
			if _, _, err := w.households.Unmerge(t.Context(), w.people[c.who], noon, c.id, 0, c.other); !c.ok(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		back, restored, err := w.households.Unmerge(t.Context(), w.people["lead"], noon, a.ID, 0, b.ID)
		if err != nil || content(t, back) != content(t, a) || restored.Members[1].Relation != "孙子" {
			t.Errorf("%v\n%s\n%s", err, content(t, back), content(t, a))
		}
		restored.Members[1].Relation = ""
		if content(t, restored) != content(t, b) {
			t.Errorf("restored:\n%s\n%s", content(t, restored), content(t, b))
		}
		if got := must(w.households.Get(t.Context(), w.people["lead"], b.ID))(t); got.MergedInto != "" || got.Deleted {
			t.Errorf("restored: %+v", got)
		}
	})
}

// content is everything of a household but its envelope and the time of its last change.
func content(t *testing.T, h *Household) string {
	t.Helper()
	c := *h
	c.Meta, c.UpdatedAt = store.Meta{ID: h.ID, Partition: h.Partition}, time.Time{}
	if c.Members == nil {
		c.Members = []Member{}
	}
	return string(must(json.Marshal(c))(t))
}

// However households are merged, moved meanwhile and taken apart again, in the
// end each is what it was.
func TestMergesUndone(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(3, 3))
		for round := range 6 {
			var all []*Household
			was := map[string]string{}
			for i := range 5 {
				d := draft(pick(rng, []string{east, west, "beside jia"}), fmt.Sprintf("%d%02d", round, i))
				d.Members[0].Name, d.Members[0].Phone = str(pick(rng, []string{"王小明", "李红", "赵四"})), nil
				if rng.IntN(2) == 0 {
					d.Members[0].Tags = []TagInput{{Code: pick(rng, BuiltIn).Code}}
				}
				if rng.IntN(2) == 0 {
					d.Emergency = &PersonInput{Name: str("急")}
				}
				h := w.create("manager", d)
				all, was[h.ID] = append(all, h), content(t, h)
			}
			live := slices.Clone(all)
			for len(live) > 1 {
				i := rng.IntN(len(live))
				loser := live[i]
				live = slices.Delete(live, i, i+1)
				must(w.households.Merge(t.Context(), w.people["manager"], noon, pick(rng, live).ID, 0, loser.ID))(t)
			}
			there := Relocation{Address: live[0].Address, Position: at[other], Datum: geo.WGS84, Corrected: true}
			must(w.households.Move(t.Context(), w.people["county admin"], noon, live[0].ID, 0, there))(t)
			there.Position = live[0].Position.At()
			must(w.households.Move(t.Context(), w.people["county admin"], noon, live[0].ID, 0, there))(t)
			for joined := live; len(joined) > 0; {
				h := w.get(joined[0].ID)
				if len(h.Merged) == 0 {
					joined = joined[1:]
					continue
				}
				if first := h.Merged[0].Household; len(h.Merged) > 1 {
					if _, _, err := w.households.Unmerge(t.Context(), w.people["manager"], noon, h.ID, 0, first); code(err) != "merged_later" {
						t.Errorf("not the last: %v", err)
					}
				}
				_, restored, err := w.households.Unmerge(t.Context(), w.people["manager"], noon, h.ID, 0, h.Merged[len(h.Merged)-1].Household)
				if err != nil {
					t.Fatal(err)
				}
				joined = append(joined, restored)
			}
			for _, h := range all {
				if got := content(t, w.get(h.ID)); got != was[h.ID] {
					t.Errorf("round %d:\n%s\nwas\n%s", round, got, was[h.ID])
				}
			}
		}
	})
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }
