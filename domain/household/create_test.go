package household

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/geo"
)

func TestCreate(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east, "301")
		d.Members[0].IDNumber = str(citizen(1))
		d.Members[0].Tags = []TagInput{{Code: "empty_nest_elder", Level: "high"}}
		d.Owner = &PersonInput{Name: str("李四"), Phone: str("0512-6666 1234")}
		h := w.create("worker", d)
		if h.Place.Cell != w.id(east) || h.Partition != w.id(jia) || h.Boundary == "" || h.Occupancy != Own || h.Version != 1 {
			t.Errorf("made: %+v", h)
		}
		m := h.Members[0]
		if m.NameMasked != "王*明" || m.PhoneMasked != "138****0001" || m.IDNumberMasked != "3205**********"+citizen(1)[14:] || h.Owner.PhoneMasked != "0512****1234" {
			t.Errorf("masked: %+v, %+v", m, h.Owner)
		}
		if got := strings.Join(h.Marks, " "); got != "occupancy:own tag:empty_nest_elder" {
			t.Errorf("marks: %s", got)
		}
		// Nothing personal is stored or journaled in clear.
		raw := must(collection.Encode(w.get(h.ID)))(t).String()
		for _, e := range w.journal(jia) {
			raw += e.Action + e.Doc
			for k, v := range e.Dims {
				raw += k + v
			}
		}
		for _, secret := range []string{"王小", "小明", "李四", "13800000001", "66661234", citizen(1)} {
			if strings.Contains(raw, secret) {
				t.Errorf("%s is stored in clear", secret)
			}
		}
		// The same again is the same; anything else under the id is not.
		if again := w.create("worker", d); again.Version != 1 || again.ID != h.ID {
			t.Errorf("again: %+v", again.Meta)
		}
		another := d
		another.Occupancy = Rent
		if _, _, err := w.households.Create(t.Context(), w.people["worker"], noon, another); code(err) != "duplicate" {
			t.Errorf("another under the id: %v", err)
		}
		// The same dwelling, otherwise written.
		same := draft(east, "301室")
		same.Address = Address{Estate: " 大儒巷 小区", Building: "八号楼", Unit: "２单元", Floor: "3", Room: "0301"}
		if _, _, err := w.households.Create(t.Context(), w.people["worker"], noon, same); code(err) != "duplicate_address" {
			t.Errorf("the same dwelling: %v", err)
		}
		// The same address in another street is another one.
		w.create("other lead", draft(other, "301"))
	})
}

func TestCreateRefuses(t *testing.T) {
	w := onSQLite(t)
	for name, c := range map[string]struct {
		who  string
		set  func(*Draft)
		want string
	}{
		"another's cell":       {"worker", func(d *Draft) { d.Position = at[west] }, "/position"},
		"no cell":              {"worker", func(d *Draft) { d.Position = at["beside jia"] }, "/position"},
		"at sea":               {"admin", func(d *Draft) { d.Position = at["at sea"] }, "/position"},
		"no address":           {"worker", func(d *Draft) { d.Address = Address{Room: "1"} }, "/address/estate /address/building"},
		"signs for an address": {"worker", func(d *Draft) { d.Address.Building = " -- " }, "/address/building"},
		"an endless room":      {"worker", func(d *Draft) { d.Address.Room = strings.Repeat("1", 51) }, "/address/room"},
		"an occupancy":         {"worker", func(d *Draft) { d.Occupancy = "squat" }, "/occupancy"},
		"a phone":              {"worker", func(d *Draft) { d.Members[0].Phone = str("12345") }, "/members/0/phone"},
		"a checksum": {"worker", func(d *Draft) {
			n := citizen(1)
			d.Members[0].IDNumber = str(n[:17] + map[bool]string{true: "1", false: "2"}[n[17] != '1'])
		}, "/members/0/idNumber"},
		"a member without a name": {"worker", func(d *Draft) { d.Members[0].Name = str(" ") }, "/members/0/name"},
		"the owner's ID number":   {"worker", func(d *Draft) { d.Owner = &PersonInput{Name: str("李四"), IDNumber: str(citizen(1))} }, "/owner/idNumber"},
		"a citizen twice": {"worker", func(d *Draft) {
			d.Members = append(d.Members, MemberInput{PersonInput: PersonInput{Name: str("王大明"), IDNumber: str(citizen(1))}})
			d.Members[0].IDNumber = str(citizen(1))
		}, "/members/1/idNumber"},
		"a tag": {"worker", func(d *Draft) { d.Members[0].Tags = []TagInput{{Code: "rich"}} }, "/members/0/tags/0/code"},
		"a tag that ends first": {"worker", func(d *Draft) {
			d.Members[0].Tags = []TagInput{{Code: "party_member", Until: noon.Add(-time.Hour)}}
		}, "/members/0/tags/0/until"},
		"an id": {"worker", func(d *Draft) { d.ID = "7" }, "/id"},
	} {
		d := draft(east, "1")
		c.set(&d)
		if _, _, err := w.households.Create(t.Context(), w.people[c.who], noon, d); pointers(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, who := range []string{"resident", "handler", "counter"} {
		if _, _, err := w.households.Create(t.Context(), w.people[who], noon, draft(east, "1")); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, _, err := w.households.Create(t.Context(), w.people["dispatcher"], noon, draft(east, "1")); pointers(err) != "/position" {
		t.Errorf("a dispatcher: %v", err)
	}
	if got := lastAction(w); strings.HasPrefix(got, "household") {
		t.Errorf("%s was written", got)
	}
}

func lastAction(w *world) string {
	all := w.journal(jia)
	return all[len(all)-1].Action
}

func TestWarnings(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		first := w.create("lead", draft(west, "1")) // with the phone of every draft
		d := draft(east, "2")
		d.Members[0].IDNumber = str(citizen(1))
		_, warnings, err := w.households.Create(t.Context(), w.people["lead"], noon, d)
		if err != nil || len(warnings) != 1 || warnings[0].Pointer != "/members/0/phone" || warnings[0].Code != "phone_in_use" || strings.Join(warnings[0].Households, " ") != first.ID {
			t.Errorf("the lead: %+v, %v", warnings, err)
		}
		// Who does not see the other household is told nothing of it.
		_, warnings, err = w.households.AddMember(t.Context(), w.people["worker"], noon, d.ID, 0,
			MemberInput{PersonInput: PersonInput{Name: str("王父"), Phone: str("13800000001")}})
		if err != nil || len(warnings) != 0 {
			t.Errorf("the worker: %+v, %v", warnings, err)
		}
		e := draft(east, "3")
		e.Members[0].Phone, e.Members[0].IDNumber = nil, str(citizen(1))
		if _, warnings, err = w.households.Create(t.Context(), w.people["worker"], noon, e); err != nil || len(warnings) != 1 || warnings[0].Code != "id_number_in_use" || warnings[0].Households[0] != d.ID {
			t.Errorf("a citizen elsewhere too: %+v, %v", warnings, err)
		}
		// Nobody finds a number by writing one after the other.
		w.households.Reveals.NamesPerHour = 8
		told := 0
		for i := range 12 {
			number := []string{"13800000002", "13800000001"}[i%2]
			_, warnings, err := w.households.UpdateMember(t.Context(), w.people["lead"], noon.Add(2*time.Hour), d.ID, 0, d.Members[0].ID, PersonInput{Phone: &number})
			if err != nil {
				t.Fatal(err)
			}
			told += len(warnings)
		}
		if told != 12 { // the ID number each time, the phone every other
			t.Errorf("%d warnings on 12 changes, of which 8 are compared", told)
		}
	})
}

func TestGetAndChange(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east, "1")
		d.Members[0].Tags = []TagInput{{Code: "empty_nest_elder"}, {Code: "party_member"}}
		id := w.create("worker", d).ID
		for who, want := range map[string]string{"worker": "empty_nest_elder party_member", "lead": "empty_nest_elder party_member", "admin": "empty_nest_elder party_member",
			"dispatcher": "party_member", "two cells": "404", "other lead": "404", "other manager": "404", "resident": "404", "handler": "404", "counter": "404"} {
			h, err := w.households.Get(t.Context(), w.people[who], id)
			got := "404"
			if err == nil {
				var codes []string
				for _, tag := range h.Tags(noon) {
					codes = append(codes, tag.Code)
				}
				got = strings.Join(codes, " ")
			} else if !errors.Is(err, domain.ErrNotFound) {
				t.Error(err)
			}
			if got != want {
				t.Errorf("%s sees %s, want %s", who, got, want)
			}
		}
		rent := Rent
		owner := func(name, phone string) *PersonInput { return &PersonInput{Name: str(name), Phone: str(phone)} }
		h, _, err := w.households.Update(t.Context(), w.people["worker"], noon, id, 1, Change{Occupancy: &rent, Owner: owner("李四", "13900000002")})
		if err != nil || h.Occupancy != Rent || h.Owner == nil || h.Version != 2 || lastAction(w) != "household.change" {
			t.Fatalf("%+v, %v", h, err)
		}
		kept := h.Owner.Name
		h, _, err = w.households.Update(t.Context(), w.people["worker"], noon, id, 0, Change{Owner: &PersonInput{Phone: str("13900000003")}})
		if err != nil || h.Owner.PhoneMasked != "139****0003" || string(h.Owner.Name.Data) != string(kept.Data) {
			t.Errorf("another phone: %+v, %v", h.Owner, err)
		}
		if same, _, err := w.households.Update(t.Context(), w.people["worker"], noon, id, 0, Change{Owner: owner("李四", "+86 139 0000 0003")}); err != nil || same.Version != 3 {
			t.Errorf("no change was written: %+v, %v", same.Meta, err)
		}
		if h, _, err = w.households.Update(t.Context(), w.people["worker"], noon, id, 0, Change{Owner: owner("", "")}); err != nil || h.Owner != nil {
			t.Errorf("no owner any more: %+v, %v", h.Owner, err)
		}
		if _, _, err := w.households.Update(t.Context(), w.people["worker"], noon, id, 1, Change{Occupancy: &rent}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("at an old version: %v", err)
		}
		if _, _, err := w.households.Update(t.Context(), w.people["dispatcher"], noon, id, 0, Change{Occupancy: &rent}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a dispatcher: %v", err)
		}
		if _, _, err := w.households.Update(t.Context(), w.people["other lead"], noon, id, 0, Change{Occupancy: &rent}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("somebody elsewhere: %v", err)
		}
	})
}

// Of a deleted household, and of those merged into it, nothing personal stays, and its address is free.
func TestDelete(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h, merged := w.create("lead", draft(east, "1")), w.create("lead", draft(east, "2"))
		must(w.households.Merge(t.Context(), w.people["lead"], noon, h.ID, 0, merged.ID))(t)
		if err := w.households.Delete(t.Context(), w.people["worker"], noon, h.ID, 0); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a worker: %v", err)
		}
		if err := w.households.Delete(t.Context(), w.people["lead"], noon, h.ID, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.households.Get(t.Context(), w.people["admin"], h.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("gone: %v", err)
		}
		// They follow into another street, and are forgotten there.
		c, d := w.create("manager", draft(north, "5")), w.create("manager", draft(north, "6"))
		must(w.households.Merge(t.Context(), w.people["manager"], noon, c.ID, 0, d.ID))(t)
		must(w.households.Move(t.Context(), w.people["county admin"], noon, c.ID, 0, Relocation{Address: c.Address, Position: at[other], Datum: geo.WGS84}))(t)
		if err := w.households.Delete(t.Context(), w.people["other manager"], noon, c.ID, 0); err != nil {
			t.Errorf("in another street: %v", err)
		}
		left := must(mergedInto(t.Context(), w.st, h.ID))(t)
		if len(left) != 1 || len(left[0].Members) != 0 || strings.Contains(strings.Join(must(left[0].terms(w.keys))(t), " "), "name:") {
			t.Errorf("left: %+v", left)
		}
		w.create("lead", draft(east, "1"))
		w.create("lead", draft(east, "2"))
	})
}

func TestTagDefinitions(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		own := TagDefinition{Code: "living_alone", Name: domain.T("独居老人", "Lives alone"), Sensitive: true}
		for _, who := range []string{"worker", "community", "dispatcher", "other manager"} {
			if _, err := w.households.DefineTag(t.Context(), w.people[who], noon, jia, 0, own); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s: %v", who, err)
			}
		}
		for code, want := range map[string]string{"party_member": "/code", "A": "/code", "x": "/code"} {
			if _, err := w.households.DefineTag(t.Context(), w.people["manager"], noon, jia, 0, TagDefinition{Code: code, Name: own.Name}); pointers(err) != want {
				t.Errorf("%s: %v", code, err)
			}
		}
		must(w.households.DefineTag(t.Context(), w.people["manager"], noon, jia, 0, own))(t)
		h := w.create("worker", draft(east, "1"))
		member := h.Members[0].ID
		tag := func(code string) error {
			_, err := w.households.Tag(t.Context(), w.people["worker"], noon, h.ID, 0, member, TagInput{Code: code})
			return err
		}
		if err := tag("living_alone"); err != nil {
			t.Error(err)
		}
		if seen := must(w.households.Get(t.Context(), w.people["dispatcher"], h.ID))(t); len(seen.Tags(noon)) != 0 {
			t.Errorf("a dispatcher sees %v", seen.Tags(noon))
		}
		own.Sensitive, own.Retired = false, true
		must(w.households.DefineTag(t.Context(), w.people["manager"], noon, jia, 0, own))(t)
		if seen := must(w.households.Get(t.Context(), w.people["dispatcher"], h.ID))(t); len(seen.Tags(noon)) != 1 {
			t.Errorf("not sensitive any more: %v", seen.Tags(noon))
		}
		if _, err := w.households.Untag(t.Context(), w.people["worker"], noon.Add(time.Hour), h.ID, 0, member, "living_alone"); err != nil {
			t.Error(err)
		}
		if err := tag("living_alone"); pointers(err) != "/tags/0/code" {
			t.Errorf("a retired tag: %v", err)
		}
		all := must(w.households.TagDefinitions(t.Context(), w.people["worker"], jia))(t)
		if len(all) != len(BuiltIn)+1 || all[len(BuiltIn)].Name != own.Name || !all[len(BuiltIn)].Retired {
			t.Errorf("%+v", all)
		}
		if _, err := w.households.TagDefinitions(t.Context(), w.people["resident"], jia); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a resident: %v", err)
		}
	})
}
