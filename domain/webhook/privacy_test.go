package webhook

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
)

// private are names, phones, addresses, numbers and words that no message may hold.
var private = map[string]string{
	"applicant": "王小明", "phone": "13812345678", "ID number": "110101199003070011", "address": "大儒巷8号", "caller": "李秀英", "caller's phone": "13900001111",
	"title": "楼上深夜打骂", "description": "我丈夫有精神病", "reason": "当事人情绪激动", "note": "卧床的老人", "comment": "物业不作为", "staff": "某counter",
}

// everyText is each text in a value, with the path to it.
func everyText(v reflect.Value, path string, found func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		found(path, v.String())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			everyText(v.Elem(), path, found)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			everyText(v.Field(i), path+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			everyText(v.Index(i), fmt.Sprint(path, "[", i, "]"), found)
		}
	}
}

// No field of any message holds what identifies a person, what residents said,
// or who works here; nor what another platform calls a case.
func TestMessagesTellNobody(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		all := []*Target{w.target("platform", "", "case.*", "ticket.*"), w.target("other platform", "", "case.*", "ticket.*"), w.target("street platform", "", "case.*", "ticket.*")}
		counter := w.people["counter"]
		plain, sensitive := w.eventful("GS-01"), w.eventful("MZ-01")
		must(0, w.enqueue(w.node))(t)
		said, shown := 0, map[string]int{}
		for i, target := range all {
			for _, d := range w.everything(target) {
				m := must(w.deliveries.Message(t.Context(), d, w.at))(t)
				everyText(reflect.ValueOf(m), "", func(path, text string) {
					said++
					for what, secret := range private {
						if strings.Contains(text, secret) {
							t.Errorf("%s of %s has the %s: %s", path, m.Type, what, text)
						}
					}
					for _, id := range []string{counter.Account, resident.Account, w.people["handler"].Account} {
						if text == id {
							t.Errorf("%s of %s names somebody", path, m.Type)
						}
					}
					if i > 0 && (text == "A-GS-01" || text == "A-MZ-01" || text == "rnd") {
						t.Errorf("%s of %s is another platform's: %s", path, m.Type, text)
					}
					if i > 0 && d.Of == sensitive && strings.Contains(text, "保障") {
						t.Errorf("%s of %s says what a sensitive case is about", path, m.Type)
					}
				})
				if m.Case != nil {
					shown[fmt.Sprint(i, d.Of == sensitive, m.Case.Shown)]++
					if i == 0 && (m.Case.Number == "" || m.Case.Shown != ShownWhole) {
						t.Errorf("the platform is not told its own: %+v", m.Case)
					}
				}
			}
		}
		for _, key := range []string{"0 falsewhole", "0 truewhole", "1 falsewhole", "1 truelimited", "2 falsewhole", "2 truelimited"} {
			if shown[key] == 0 {
				t.Errorf("nothing was told %s of %s: %v", key, plain, shown)
			}
		}
		if said < 100 {
			t.Errorf("only %d texts were looked at", said)
		}
	})
}

// everything is all that a target is told.
func (w *world) everything(t *Target) []*Delivery {
	w.t.Helper()
	found, _, err := deliveries.Find(w.t.Context(), w.st, store.Query{Where: []store.Cond{store.Eq("target", t.ID)}, Order: []string{"at"}, Limit: 500})
	return must(found, err)(w.t)
}

// eventful is a case to which much happened, with a ticket; its id.
func (w *world) eventful(item string) string {
	t := w.t
	at := worldtest.At[worldtest.East]
	say := func(state string, version int64, missing ...string) *intake.Case {
		w.at = w.at.Add(time.Minute)
		c, _, err := w.cases.Upsert(t.Context(), w.people["platform"], w.at, intake.Key{System: "rnd", Number: "A-" + item}, intake.Upsert{
			Item: item, State: state, Version: &version, ChangedAt: w.at, OpenedAt: noon.Add(-time.Hour), Community: jiaOne, Address: private["address"], Reason: private["reason"], Missing: missing,
			Applicant: intake.ApplicantInput{Name: private["applicant"], Phone: private["phone"], IDNumber: private["ID number"]},
		})
		return must(c, err)(t)
	}
	c := say("accepted", 1)
	counter := w.people["counter"]
	change := intake.Change{Worker: &counter.Account, HomeCall: &intake.HomeCall{Note: private["note"]}}
	must(w.cases.Update(t.Context(), counter, w.at, c.ID, 0, change))(t)
	must(w.cases.AddTrip(t.Context(), counter, w.at, c.ID, intake.Trip{ID: ids.New(), On: "2026-11-20", InVain: true, Reason: private["reason"]}))(t)
	must(w.cases.AddMaterial(t.Context(), counter, w.at, c.ID, intake.Material{ID: ids.New(), Name: "户口簿"}))(t)
	tk := must(w.tickets.Report(t.Context(), counter, w.at, ticket.Draft{ID: ids.New(), Category: "noise", Title: private["title"], Description: private["description"], Address: private["address"], Position: &at, Datum: geo.WGS84,
		For: &ticket.Resident{Name: private["caller"], Phone: private["caller's phone"]}}))(t)
	must(w.links.Make(t.Context(), counter, w.at, link.End{Thing: link.Ticket, ID: tk.ID}, link.Making{Kind: link.FollowUp, Other: link.End{Thing: link.Case, ID: c.ID}, Reason: private["reason"]}))(t)
	w.at = w.at.Add(time.Minute)
	take := func(m ticket.ActionInput) {
		m.Note = private["comment"]
		must(w.tickets.TakeAction(t.Context(), admin, w.at, tk.ID, 0, m))(t)
	}
	take(ticket.ActionInput{Action: ticket.Accept})
	take(ticket.ActionInput{Action: ticket.Dispatch, Assignee: &w.mender})
	must(w.tickets.Comment(t.Context(), admin, w.at, tk.ID, ticket.NewComment{ID: ids.New(), Text: private["comment"]}))(t)
	say("needs_material", 2, "身份证")
	say("done", 3)
	return c.ID
}
