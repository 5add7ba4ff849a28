package intake

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
)

// open is a case opened by hand.
func (w *world) open(who, item string) *Case {
	w.t.Helper()
	return must(w.cases.Open(w.t.Context(), w.people[who], noon, Draft{ID: ids.New(), Item: item, Community: jiaOne, Address: "大儒巷8号", Applicant: ApplicantInput{Name: "李四", Phone: "13900000000"}}))(w.t)
}

func TestTransitions(t *testing.T) {
	for _, tr := range Transitions {
		if len(tr.From) == 0 || !StateWords.Has(string(tr.To)) || !ActionWords.Has(string(tr.Action)) {
			t.Errorf("%+v", tr)
		}
	}
	for _, s := range States {
		leads := slices.ContainsFunc(Transitions, func(tr Transition) bool { return slices.Contains(tr.From, s) })
		reached := s == Received || slices.ContainsFunc(Transitions, func(tr Transition) bool { return tr.To == s })
		if end := s == NotAccepted || s == Collected || s == Other; leads == end || reached == (s == Other) {
			t.Errorf("%s leads on: %v, is reached: %v", s, leads, reached)
		}
	}
}

// A case of ours from the counter to the end; the same draft and action again are the same.
func TestCaseByHand(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, counter := t.Context(), w.people["counter"]
		draft := Draft{ID: ids.New(), Item: "insurance", Community: jiaOne, Applicant: ApplicantInput{Phone: "13900000000"}}
		c := must(w.cases.Open(ctx, counter, noon, draft))(t)
		if c.Local != "320508001-j261123-1" || c.State != Received || c.Worker != counter.Account || c.Item.Name == "" || !slices.Equal(c.People, []string{counter.Account}) {
			t.Errorf("opened: %+v", c)
		}
		if again := must(w.cases.Open(ctx, counter, noon, draft))(t); again.Local != c.Local || again.Version != c.Version {
			t.Errorf("again: %+v", again)
		}
		draft.Item = "allowance"
		if _, err := w.cases.Open(ctx, counter, noon, draft); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another draft under the id: %v", err)
		}
		step := func(a Action, in ActionInput) (*Case, error) {
			in.Action = a
			return w.cases.TakeAction(ctx, counter, noon, c.ID, 0, in)
		}
		for _, try := range []struct {
			action Action
			in     ActionInput
			want   State
			wrong  string
		}{
			{Finish, ActionInput{}, "", "wrong_state"},
			{NotAccept, ActionInput{}, "", "/reason /missing"},
			{Accept, ActionInput{ID: "once"}, Accepted, ""},
			{Accept, ActionInput{ID: "once"}, Accepted, ""},
			{Review, ActionInput{}, InReview, ""},
			{AskMaterial, ActionInput{}, "", "/missing"},
			{AskMaterial, ActionInput{Missing: []string{"身份证复印件", "社保卡"}}, NeedsMaterial, ""},
			{Resume, ActionInput{}, InReview, ""},
			{Refuse, ActionInput{}, "", "/reason"},
			{Finish, ActionInput{}, Done, ""},
			{Collect, ActionInput{}, Collected, ""},
			{Withdraw, ActionInput{}, "", "wrong_state"},
		} {
			got, err := step(try.action, try.in)
			if wrong := worldtest.Conflict(err) + strings.Join(worldtest.Pointers(err), " "); wrong != try.wrong || err == nil && got.State != try.want {
				t.Errorf("%s: %v, %+v", try.action, err, got)
			}
		}
		c = must(Load(ctx, w.st, c.ID))(t)
		if len(c.Pauses) != 1 || !c.Pauses[0].Until.Equal(noon) || c.Missing != nil || len(c.Steps) != 1 || c.DueAt.IsZero() {
			t.Errorf("in the end: %+v", c)
		}
		if _, err := w.cases.TakeAction(ctx, w.people["other counter"], noon, c.ID, 0, ActionInput{Action: Accept}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another counter: %v", err)
		}
		if _, err := w.cases.TakeAction(ctx, w.people["manager"], noon, c.ID, 0, ActionInput{Action: Accept}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a manager: %v", err)
		}
		if _, err := w.cases.TakeAction(ctx, counter, noon, c.ID, 1, ActionInput{Action: Collect}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("at an old version: %v", err)
		}
		events, _, err := w.cases.Timeline(ctx, counter, c.ID, 50, "")
		if err != nil || len(events) != 7 || events[0].Action != "open" || events[3].Step.Missing == nil || events[6].To != Collected {
			t.Errorf("timeline: %v, %+v", err, events)
		}
	})
}

// A platform takes a case of ours over: then its word counts, under both names.
func TestTakeOver(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, platform, counter := t.Context(), w.people["platform"], w.people["counter"]
		ours, other := w.open("counter", "insurance"), w.open("counter", "insurance")
		must(w.cases.TakeAction(ctx, counter, noon, ours.ID, 0, ActionInput{Action: Accept}))(t)
		said := w.told("in_review", noon)
		said.Local = ours.Local
		c := w.upsert("T-1", said)
		if c.ID != ours.ID || c.State != InReview || c.Worker != counter.Account || c.Local != ours.Local || c.Key() != (Key{rnd, "T-1"}) {
			t.Errorf("taken over: %+v", c)
		}
		if again := w.upsert("T-1", said); again.Version != c.Version {
			t.Errorf("again: %+v", again)
		}
		later := w.told("done", noon.Add(time.Minute))
		if c = w.upsert("T-1", later); c.ID != ours.ID || c.State != Done {
			t.Errorf("by its number alone: %+v", c)
		}
		for _, key := range []Key{{rnd, "T-1"}, {Local, ours.Local}} {
			if found, err := w.cases.Find(ctx, counter, key); err != nil || found == nil || found.ID != ours.ID {
				t.Errorf("%v: %v", key, err)
			}
		}
		if _, shown, err := w.cases.Get(ctx, platform, ours.ID); err != nil || shown != access.CaseWhole {
			t.Errorf("what the platform told of last it does not read back: %v %v", shown, err)
		}
		if _, err := w.cases.TakeAction(ctx, counter, noon, ours.ID, 0, ActionInput{Action: Collect}); worldtest.Conflict(err) != "platform_decides" {
			t.Errorf("by hand: %v", err)
		}
		said.Local, said.ChangedAt = other.Local, noon.Add(2*time.Minute)
		if _, _, err := w.cases.Upsert(ctx, platform, noon, Key{rnd, "T-1"}, said); worldtest.Conflict(err) != "taken_over" {
			t.Errorf("the number of another case: %v", err)
		}
		said.Local = ours.Local
		if _, _, err := w.cases.Upsert(ctx, platform, noon, Key{rnd, "T-2"}, said); worldtest.Conflict(err) != "taken_over" {
			t.Errorf("a case that has a number: %v", err)
		}
		if clear := must(must(Load(ctx, w.st, ours.ID))(t).Applicant.open(w.keys))(t); clear.Name != "王小明" || clear.Phone != "13812345678" {
			t.Errorf("the applicant: %+v", clear)
		}
	})
}

// People add to any case who sees it through, trips, materials and home calls, each once.
func TestWhatPeopleAdd(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, counter := t.Context(), w.people["counter"]
		c := w.upsert("P-1", w.told("accepted", noon))
		in, standIn := w.people["stand-in"], w.people["stand-in"].Account
		if _, _, err := w.cases.Get(ctx, in, c.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("before they stand in: %v", err)
		}
		if _, err := w.cases.Update(ctx, counter, noon, c.ID, 0, Change{Worker: &counter.Account, StandIn: &standIn, HomeCall: &HomeCall{On: "2026-11-25", Note: "卧床"}}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			must(w.cases.AddTrip(ctx, in, noon, c.ID, Trip{ID: "t", On: "2026-11-23", InVain: true, Reason: "材料不齐"}))(t)
			c = must(w.cases.AddMaterial(ctx, in, noon, c.ID, Material{ID: "m", Name: "户口簿"}))(t)
		}
		if len(c.Trips) != 1 || c.Trips[0].By != standIn || len(c.Materials) != 1 || c.HomeCall.By != counter.Account || c.State != Accepted {
			t.Errorf("added: %+v", c)
		}
		if _, err := w.cases.AddTrip(ctx, in, noon, c.ID, Trip{ID: "t", On: "2026-11-22"}); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another trip under the id: %v", err)
		}
		said := w.told("in_review", noon.Add(time.Minute))
		said.Trips = []Trip{{On: "2026-11-20"}}
		if c = w.upsert("P-1", said); len(c.Trips) != 2 || c.StandIn != standIn || len(c.Materials) != 1 {
			t.Errorf("after the platform's next word: %+v", c)
		}
		resident := w.people["platform"].Account
		if _, err := w.cases.Update(ctx, w.people["manager"], noon, c.ID, 0, Change{Worker: &resident}); strings.Join(worldtest.Pointers(err), " ") != "/worker" {
			t.Errorf("nobody of a counter: %v", err)
		}
		out, err := w.cases.Reveal(ctx, counter, noon, c.ID, ids.New(), []string{"phone"}, "联系申请人")
		if err != nil || out != (ApplicantInput{Phone: "13812345678"}) {
			t.Errorf("revealed: %v, %+v", err, out)
		}
		if _, err := w.cases.Reveal(ctx, w.people["other counter"], noon, c.ID, ids.New(), []string{"phone"}, "联系申请人"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another counter: %v", err)
		}
	})
}

// A manager who works at a counter elsewhere does not come to see a sensitive
// case by naming herself for it.
func TestManagersTakeOnNothingSensitive(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		said := w.told("办理中", noon.Add(-time.Hour))
		said.Item = "allowance"
		secret := w.upsert("M-1", said)
		both := w.people["other counter"]
		both.Grants = append(slices.Clone(both.Grants), w.people["community"].Grants...)
		for pointer, change := range map[string]Change{"/worker": {Worker: &both.Account}, "/standIn": {StandIn: &both.Account}} {
			if _, err := w.cases.Update(t.Context(), both, noon, secret.ID, 0, change); !slices.Equal(worldtest.Pointers(err), []string{pointer}) {
				t.Errorf("%s: %v", pointer, err)
			}
		}
		other := w.people["stand-in"].Account
		if c := must(w.cases.Update(t.Context(), both, noon, secret.ID, 0, Change{StandIn: &other}))(t); c.StandIn != other {
			t.Errorf("somebody else: %+v", c)
		}
	})
}
