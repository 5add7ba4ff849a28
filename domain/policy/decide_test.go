package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
	"wangge/domain/worldtest"
	"wangge/store"
)

var dogs = Content{
	Categories: []Category{{Code: "dogs", Name: domain.T("犬只", "Dogs"), Days: 4}},
	Conditions: []Condition{{Category: "dogs", Code: "general", Name: domain.T("一般", "general"), Urgency: "normal", Default: true}},
}

// Of two who write at once one is told; a draft that something was decided after is written anew; the same publishing is one version.
func TestDrafts(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, manager := t.Context(), w.people["manager"]
		first := must(w.policies.SetDraft(ctx, manager, noon, jia, -1, dogs))(t)
		for version, want := range map[int64]error{-1: domain.ErrStale, first.Version + 1: domain.ErrStale} {
			if _, err := w.policies.SetDraft(ctx, w.people["colleague"], noon, jia, version, Content{}); !errors.Is(err, want) {
				t.Errorf("at %d: %v", version, err)
			}
		}
		must(w.policies.Amend(ctx, manager, noon, must(w.policies.decided(ctx, manager, jia))(t), "tag", func(*Policy) error { return nil }, func(_ *Policy, c *Content) {
			c.SetTag(Tag{Code: "lives_alone", Name: domain.T("独居", "Alone")})
		}))(t)
		in := Publishing{From: "2026-11-23", Why: "会议决定"}
		if _, err := w.policies.Publish(ctx, manager, noon, jia, first.Version, in); conflict(err) != "outdated_draft" {
			t.Errorf("after another decision: %v", err)
		}
		again := dogs
		again.Tags = []Tag{{Code: "lives_alone", Name: domain.T("独居", "Alone")}}
		second := must(w.policies.SetDraft(ctx, manager, noon, jia, first.Version, again))(t)
		one := must(w.policies.Publish(ctx, manager, noon, jia, second.Version, in))(t)
		two := must(w.policies.Publish(ctx, manager, noon.Add(time.Minute), jia, second.Version, in))(t)
		if one.ID != two.ID || one.Number != 2 || one.Tag("lives_alone").Since != 1 || one.Content.Categories[0].Since != 2 {
			t.Errorf("%+v, then %+v", one, two)
		}
		if _, err := w.policies.Publish(ctx, manager, noon, jia, 0, in); conflict(err) != "no_draft" {
			t.Errorf("without a draft: %v", err)
		}
		third := must(w.policies.SetDraft(ctx, manager, noon, jia, -1, again))(t)
		if third.Version <= second.Version {
			t.Errorf("a new draft at %d, after %d", third.Version, second.Version)
		}
		must(0, w.policies.DropDraft(ctx, manager, noon, jia, third.Version))(t)
		if _, err := w.policies.Draft(ctx, manager, jia); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("dropped: %v", err)
		}
	})
}

// What would leave a step to nobody, tickets without a name or a rule broken is found, each by name, and refused.
func TestFindings(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.published("manager", jia, noon, "2026-11-23", dogs)
		w.inUse["dogs"], w.inUse["parking"] = true, true
		name := domain.T("名", "name")
		retired := func(code, heir string) Category {
			return Category{Mark: Mark{Retired: true}, Code: code, Name: name, Days: 4, Heir: heir}
		}
		with := func(change func(*Content)) Content {
			c := dogs.clone()
			change(&c)
			return c
		}
		slot := func(code, from, to string, each int) Content {
			return with(func(c *Content) { c.HomeCalls = []HomeCall{{Code: code, From: from, To: to, Each: each}} })
		}
		term := func(n int, u clocks.Unit) clocks.Term { return clocks.Term{Count: n, Unit: u} }
		accept := func(change func(*ClockRule)) Content {
			return with(func(c *Content) {
				r := Default().Rule(clocks.Accept)
				r.Levels = slices.Clone(r.Levels)
				change(&r)
				c.Clocks = []ClockRule{r}
			})
		}
		office := func(change func(*Office)) Content {
			return with(func(c *Content) {
				o := Office{Code: TheOffice, Hours: *clocks.Usual(), WorkingDays: clocks.NextDay}
				change(&o)
				c.Hours = []Office{o}
			})
		}
		ruled := func(change func(*Rules)) Content { return with(func(c *Content) { change(&c.Conditions[0].Rules) }) }
		group := func(g Group) Content { g.Name = name; return with(func(c *Content) { c.Groups = []Group{g} }) }
		bite := Condition{Category: "dogs", Code: "bite", Name: name, Urgency: "urgent"}
		for want, c := range map[string]Content{
			"unknown_code /clocks/0/code":           accept(func(r *ClockRule) { r.Code = "answering" }),
			"out_of_range /clocks/0/term":           accept(func(r *ClockRule) { r.Term = clocks.Term{} }),
			"unknown_code /clocks/0/term":           accept(func(r *ClockRule) { r.Code, r.Term = clocks.Imposed, term(1, clocks.Day) }),
			"out_of_range /clocks/0/term/count":     accept(func(r *ClockRule) { r.Term = term(0, clocks.Hour) }),
			"unknown_code /clocks/0/term/unit":      accept(func(r *ClockRule) { r.Term = term(1, "week") }),
			"out_of_range /clocks/0/warn/unit":      accept(func(r *ClockRule) { r.Warn = term(1, clocks.WorkingHour) }),
			"step_without_role /clocks/0/warnTo":    accept(func(r *ClockRule) { r.WarnTo = nil }),
			"unknown_code /clocks/0/levels/1/to/0":  accept(func(r *ClockRule) { r.Levels[1].To = []Recipient{"mayor"} }),
			"out_of_range /clocks/0/levels/1/after": accept(func(r *ClockRule) { r.Levels[1].After = clocks.Term{} }),
			"not_readable /clocks/0/levels":         accept(func(r *ClockRule) { r.Levels = make([]Level, 7) }),
			"unknown_code /hours/0/code":            office(func(o *Office) { o.Code = "night" }),
			"unknown_code /hours/0/workingDays":     office(func(o *Office) { o.WorkingDays = "any" }),
			"not_readable /hours/0/weekly/0/days/0": office(func(o *Office) {
				o.Hours.Weekly = []calendar.Weekly{{Days: []calendar.Weekday{8}, Spans: o.Hours.Weekly[0].Spans}}
			}),
			"unknown_code /conditions/0/terms/0/clock": ruled(func(r *Rules) { r.Terms = []Timed{{clocks.Imposed, term(1, clocks.Day)}} }),
			"not_readable /conditions/0/terms/1/clock": ruled(func(r *Rules) {
				r.Terms = []Timed{{clocks.Accept, term(1, clocks.Day)}, {clocks.Accept, term(2, clocks.Day)}}
			}),
			"out_of_range /conditions/0/photos":     ruled(func(r *Rules) { r.Photos = 21 }),
			"unknown_code /conditions/0/assignee":   ruled(func(r *Rules) { r.Assignee = "nobody" }),
			"fixed_step /conditions/0/roles/0/step": ruled(func(r *Rules) { r.Roles = []Narrow{{"start", []access.Role{access.Dispatcher}}} }),
			"step_without_role /conditions/0/roles/0/roles": with(func(c *Content) {
				c.Steps = []Step{{Code: "close", Roles: []access.Role{access.GridLead}}}
				c.Conditions[0].Roles = []Narrow{{"close", []access.Role{access.Dispatcher}}}
			}),
			"not_readable /conditions/0/closing/0/code": with(func(c *Content) { c.Conditions[0].Closing = []Item{{"Cleared", name}} }),
			"not_readable /conditions/0/closing/1":      with(func(c *Content) { c.Conditions[0].Closing = []Item{{"cleared", name}, {"cleared", name}} }),
			"unknown_code /categories/0/parent":         with(func(c *Content) { c.Categories[0].Parent = "nothing" }),
			"no_heir /groups/0/heir":                    group(Group{Mark: Mark{Retired: true}, Code: "order"}),
			"wrong_heir /groups/0/heir":                 group(Group{Code: "order", Heir: "others"}),
			"no_heir /conditions/0/heir": with(func(c *Content) {
				bite.Default = true
				c.Conditions[0].Default, c.Conditions[0].Retired = false, true
				c.Conditions = append(c.Conditions, bite)
			}),
			"wrong_heir /conditions/0/heir": with(func(c *Content) {
				bite.Default = true
				c.Conditions[0].Default, c.Conditions[0].Retired, c.Conditions[0].Heir = false, true, "gone"
				c.Conditions = append(c.Conditions, bite)
			}),
			"":                                 with(func(c *Content) { c.Categories[0] = retired("dogs", "other") }),
			"step_without_role /steps/0/roles": with(func(c *Content) { c.Steps = []Step{{Code: "close"}} }),
			"unknown_role /steps/0/roles/0":    with(func(c *Content) { c.Steps = []Step{{Code: "close", Roles: []access.Role{"mayor"}}} }),
			"role_cannot_lead /steps/0/roles/0": with(func(c *Content) {
				c.Steps = []Step{{Code: "close", Roles: []access.Role{access.Handler}}}
			}),
			"fixed_step /steps/0/code":           with(func(c *Content) { c.Steps = []Step{{Code: "start", Roles: []access.Role{access.GridLead}}} }),
			"no_heir /categories/0/heir":         with(func(c *Content) { c.Categories[0] = retired("dogs", "") }),
			"wrong_heir /categories/0/heir":      with(func(c *Content) { c.Categories[0] = retired("dogs", "dogs") }),
			"no_heir /categories/1/heir":         with(func(c *Content) { c.Categories = append(c.Categories, retired("parking", "")) }),
			"out_of_range /categories/0/days":    with(func(c *Content) { c.Categories[0].Days = 0 }),
			"unknown_code /conditions/0/urgency": with(func(c *Content) { c.Conditions[0].Urgency = "slow" }),
			"no_default /categories/0":           with(func(c *Content) { c.Conditions[0].Default = false }),
			"several_defaults /categories/0": with(func(c *Content) {
				c.Conditions = append(c.Conditions, Condition{Category: "dogs", Code: "bite", Name: name, Urgency: "urgent", Default: true})
			}),
			"vanished /categories vanished /conditions": {},
			"out_of_range /limits/0/value":              with(func(c *Content) { c.Limits = []Limit{{Code: SuspendDays, Value: 31}} }),
			"unknown_code /limits/0/code":               with(func(c *Content) { c.Limits = []Limit{{Code: "nothing", Value: 1}} }),
			"unknown_code /thresholds/0/code":           with(func(c *Content) { c.Thresholds = []Threshold{{Code: "too_late"}} }),
			"out_of_range /limits/1/value": with(func(c *Content) {
				c.Limits = []Limit{{Code: HomeCallDaysMost, Value: 3}, {Code: HomeCallDaysLeast, Value: 4}}
			}),
			"not_readable /homeCalls/0/from":  slot("noon", "9:00", "13:30", 2),
			"not_readable /homeCalls/0/to":    slot("noon", "12:00", "12:60", 2),
			"out_of_range /homeCalls/0/to":    slot("noon", "13:00", "12:00", 2),
			"out_of_range /homeCalls/0/each":  slot("noon", "12:00", "13:00", 0),
			"out_of_range /homeCalls/0":       slot("noon", "11:00", "13:00", 2),
			"not_readable /homeCalls/0/code":  slot("n", "12:00", "13:00", 2),
			"built_in_tag /tags/0/code":       with(func(c *Content) { c.Tags = []Tag{{Code: "party_member", Name: name}} }),
			"not_readable /categories/0/code": with(func(c *Content) { c.Categories[0].Code = "Dogs"; c.Conditions = nil }),
			"not_readable /tags/0/code":       with(func(c *Content) { c.Tags = []Tag{{Code: "lives/alone", Name: name}} }),
			"not_readable /conditions/1/code": with(func(c *Content) {
				c.Conditions = append(c.Conditions, Condition{Category: "dogs", Code: "bite/deep", Name: name, Urgency: "urgent"})
			}),
			"not_readable /categories/0/heir": with(func(c *Content) { c.Categories[0] = retired("dogs", strings.Repeat("x", 41)) }),
		} {
			var got []string
			for _, f := range must(w.policies.Check(t.Context(), w.people["manager"], noon, jia, c))(t) {
				got = append(got, string(f.Code), f.Pointer)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("found %v, want %s", got, want)
			}
			if want != "" && !strings.HasPrefix(want, "not_readable") {
				if _, err := w.publish("manager", jia, noon, "2026-11-23", c); len(pointers(err)) != len(got)/2 {
					t.Errorf("%s is put in force: %v", want, err)
				}
			}
		}
		alone := with(func(c *Content) { c.Tags = []Tag{{Code: "alone", Name: name}} })
		if _, err := w.publish("manager", jia, noon, "2026-11-24", alone); !slices.Equal(pointers(err), []string{"/tags"}) {
			t.Errorf("a tag from tomorrow on: %v", err)
		}
	})
}

// What a node decides on a policy that another has changed since is decided anew, by the new one.
func TestTwoNodes(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		other, street := w.join(), w.street(jia)
		must(0, other.policies.Begin(t.Context(), noon))(t)
		w.published("manager", jia, noon, "2026-11-23", Content{Categories: []Category{parking(3)}})
		w.published("admin", city, noon, "2026-11-23", Content{Limits: []Limit{{Code: SuspendDays, Value: 10}}})
		if got := other.days(street, "parking", noon); got != 7 {
			t.Fatalf("the other node knows of it before it looks: %d", got)
		}
		var days, limit []int
		must(0, other.st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
			p, err := other.policies.In(t.Context(), tx, street, noon)
			if err != nil {
				return err
			}
			c, _ := p.Category("parking")
			days, limit = append(days, c.Days), append(limit, p.Limit(SuspendDays))
			return drafts.Insert(tx, &Draft{Meta: store.Meta{ID: "decided", Partition: street}}, entry(access.Program, noon, "test"))
		}))(t)
		if days[0] != 7 || days[len(days)-1] != 3 || limit[len(limit)-1] != 10 {
			t.Errorf("decided by %v days, %v", days, limit)
		}
	})
}

// A node that hears of a street's decisions before it knows the street reads them once it does.
func TestDecisionsOfAStreetNotKnownYet(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		const fresh = "320508009"
		other := w.join()
		worldtest.Import(t, w.areas, noon, worldtest.Areas+"street,"+fresh+",新街道,320508\n")
		must(0, w.policies.Begin(t.Context(), noon))(t)
		w.published("admin", city, noon, "2026-11-23", Content{Categories: []Category{parking(5)}})
		street := w.street(fresh)
		must(0, other.policies.refresh(t.Context(), street))(t)
		if known, _ := other.policies.TagAnywhere("party_member"); !known {
			t.Error("a tag that is built in is not known")
		}
		must(0, other.areas.Refresh(t.Context()))(t)
		must(0, other.policies.Begin(t.Context(), noon))(t)
		if got := other.days(street, "parking", noon); got != 5 {
			t.Errorf("%d days", got)
		}
	})
}

// A street whose code changed keeps what it had decided, until it decides anew.
func TestPolicyFollowsTheStreet(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		old := w.street(jia)
		w.published("manager", jia, noon, "2026-11-23", Content{Categories: []Category{parking(3)}})
		const fresh = "320508009"
		file := strings.ReplaceAll(worldtest.Areas, jia, fresh)
		file = strings.Replace(strings.ReplaceAll(file, "\n", ",\n"), "parent_code,", "parent_code,successor_code", 1)
		file += "," + jia + ",,," + fresh + "\n"
		if _, err := w.areas.ImportAreas(t.Context(), access.Program, noon.Add(time.Hour), strings.NewReader(file), area.AreaImport{Full: true}); err != nil {
			t.Fatal(err)
		}
		a, ok := w.areas.Tree().ByCode(fresh)
		if !ok || !slices.Contains(w.areas.Tree().Heirs(old), a.ID) {
			t.Fatalf("the street has no successor: %v", w.areas.Tree().Heirs(old))
		}
		for _, id := range []string{old, a.ID} {
			if got := w.days(id, "parking", noon.Add(time.Hour)); got != 3 {
				t.Errorf("%d days in %s", got, id)
			}
		}
		v := w.published("admin", fresh, noon.Add(2*time.Hour), "2026-11-23", Content{Categories: []Category{parking(2)}})
		if got := w.days(old, "parking", noon.Add(3*time.Hour)); got != 2 || v.Number != 2 || w.days(old, "parking", noon) != 3 {
			t.Errorf("%d days, version %d", got, v.Number)
		}
		later := noon.Add(4 * time.Hour)
		v = w.published("admin", fresh, later, "2026-11-25", Content{Categories: []Category{parking(1)}})
		all, _, err := w.policies.Versions(t.Context(), w.people["admin"], fresh, 10, "")
		if v.Number != 3 || w.days(a.ID, "parking", later) != 2 || w.days(a.ID, "parking", later.Add(48*time.Hour)) != 1 || err != nil || len(all) != 3 {
			t.Errorf("version %d of %d, %v", v.Number, len(all), err)
		}
	})
}

// What a street amends is in what it has decided for later too, changed since
// one version; what is stated of it is held against what is in force.
func TestAmendWhatIsToCome(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		street := must(w.policies.decided(t.Context(), w.people["manager"], jia))(t)
		tomorrow := noon.Add(24 * time.Hour)
		w.published("manager", jia, noon, "2026-11-24", Content{Limits: []Limit{{Code: WeekLimit, Value: 20}}})
		seen := int64(-1)
		for value, name := range []string{"独居", "独居老人"} {
			made := must(w.policies.Amend(t.Context(), w.people["manager"], noon, street, "both", func(p *Policy) error {
				tag, _ := find(p.Tags, "lives_alone")
				if seen >= 0 && tag.Since != seen {
					return domain.ErrStale
				}
				return nil
			}, func(_ *Policy, c *Content) {
				c.SetTag(Tag{Code: "lives_alone", Name: domain.T(name, "Alone")})
				c.SetLimit(ReviewAt, 30+value)
			}))(t)
			for _, at := range []time.Time{noon, tomorrow, Always} {
				p := w.policies.At(street.ID, at)
				tag, _ := find(p.Tags, "lives_alone")
				if tag.Name.ZH != name || tag.Since != made.Number || p.Limit(ReviewAt) != 30+value || p.VisitsSince() != made.Number {
					t.Errorf("at %s: %+v, visits since %d, made %d", at, tag, p.VisitsSince(), made.Number)
				}
			}
			seen = made.Number
		}
		if now, then := w.policies.At(street.ID, noon).Limit(WeekLimit), w.policies.At(street.ID, tomorrow).Limit(WeekLimit); now != 60 || then != 20 {
			t.Errorf("%d a week, then %d", now, then)
		}
	})
}

// What begins later above a street, or in one of a city's, is looked at with what is decided today.
func TestFindingsOfLaterDays(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		handedOn := func(code, heir string) Content {
			return Content{Categories: []Category{{Mark: Mark{Retired: true}, Code: code, Name: domain.T("名", "name"), Days: 4, Heir: heir}}}
		}
		w.published("manager", jia, noon, "2026-11-30", handedOn("noise", "parking"))
		if _, err := w.publish("admin", city, noon, "2026-11-23", handedOn("parking", "noise")); err == nil {
			t.Error("a city under what a street begins later")
		}
		w.published("admin", city, noon, "2026-11-30", handedOn("garage_rental", "other"))
		if _, err := w.publish("manager", jia, noon, "2026-11-23", handedOn("other", "garage_rental")); err == nil {
			t.Error("a street over what its city begins later")
		}
	})
}

// What earlier programs kept of a street is its first version, each entry at the version that clients know.
func TestCarriedOver(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		street := w.street(jia)
		rules := &visitRules{Meta: store.Meta{ID: street, Partition: street}, Thresholds: map[string]oldThreshold{"too_far": {50, 90}}, ReviewAt: 30, WeekLimit: 20, WelfareTags: []string{"lives_alone"}, UpdatedAt: noon}
		tag := &tagDefinition{Meta: store.Meta{ID: street + "/lives_alone", Partition: street}, Code: "lives_alone", NameZH: "独居", NameEN: "Alone", Sensitive: true}
		e := entry(access.Program, noon, "test")
		must(0, w.st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
			r, d := *rules, *tag
			return errors.Join(oldRules.Insert(tx, &r, e), oldTags.Insert(tx, &d, e))
		}))(t)
		must(0, w.st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
			d, err := oldTags.Get(t.Context(), tx, tag.ID)
			if err != nil {
				return err
			}
			d.NameZH = "独居老人"
			return oldTags.Put(tx, d, e)
		}))(t)
		for range 2 { // a second time it finds nothing left to do
			policies := w.join().policies
			p := policies.At(street, noon)
			own, _ := find(p.Tags, "lives_alone")
			far, _ := find(p.Thresholds, "too_far")
			if p.ID != "3/3205.0/320508001.2" || own.Since != 2 || own.Name.ZH != "独居老人" || !own.Sensitive || far.Limit != 50 || far.Score != 90 || p.Limit(ReviewAt) != 30 || p.VisitsSince() != 1 ||
				!p.IsWelfare("lives_alone") || p.IsWelfare("empty_nest_elder") {
				t.Errorf("%s: %+v, %+v, visits since %d", p.ID, own, far, p.VisitsSince())
			}
			if got := policies.DecidedAt(street, p.VisitsSince()); !got.Equal(noon) {
				t.Errorf("decided at %v", got)
			}
		}
	})
}
