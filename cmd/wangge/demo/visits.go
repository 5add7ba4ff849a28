package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/visit"
)

// monthAgo is when the plans of the demonstration begin.
const monthAgo = 33 * 24 * time.Hour

// tagForm is what is asked of who has a tag.
type tagForm struct {
	tag, zh, en string
	days        int // that a visit may wait
	questions   string
}

// forms of the four tags: questions by name, with titles and options in both languages.
var forms = []tagForm{
	{"empty_nest_elder", "空巢老人走访表", "Visit to an empty-nest elder", 3,
		`"health":{"title":"身体状况","x-title-en":"Health","oneOf":[{"const":"good","title":"良好","x-title-en":"Good"},{"const":"fair","title":"一般","x-title-en":"Fair"},{"const":"poor","title":"较差","x-title-en":"Poor"}]},"medicine":{"title":"是否按时服药","x-title-en":"Takes medicine in time","type":"boolean"},"meals":{"title":"用餐方式","x-title-en":"Meals","oneOf":[{"const":"own","title":"自己做饭","x-title-en":"Cooks at home"},{"const":"canteen","title":"社区食堂","x-title-en":"Community canteen"},{"const":"delivered","title":"送餐上门","x-title-en":"Meals delivered"}]},"fall":{"title":"近期是否跌倒","x-title-en":"Has fallen lately","type":"boolean"}`},
	{"family_in_difficulty", "困难家庭走访表", "Visit to a family in difficulty", 7,
		`"income":{"title":"月收入（元）","x-title-en":"Monthly income, yuan","type":"integer","minimum":0},"subsidy":{"title":"补助是否到位","x-title-en":"Subsidies are paid","type":"boolean"},"wish":{"title":"最需要的帮助","x-title-en":"Help needed most","type":"string","maxLength":200}`},
	{"party_member", "党员走访表", "Visit to a party member", 7,
		`"study":{"title":"是否参加学习","x-title-en":"Takes part in study","type":"boolean"},"volunteer":{"title":"愿意参加的志愿服务","x-title-en":"Would volunteer for","type":"array","items":{"oneOf":[{"const":"patrol","title":"治安巡逻","x-title-en":"Patrols"},{"const":"elders","title":"助老服务","x-title-en":"Helping elders"},{"const":"cleaning","title":"环境清洁","x-title-en":"Cleaning up"}]}}`},
	{"property_owner", "业主走访表", "Visit to a property owner", 60,
		`"fees":{"title":"物业费缴纳情况","x-title-en":"Property fees","oneOf":[{"const":"paid","title":"已缴","x-title-en":"Paid"},{"const":"partly","title":"部分缴纳","x-title-en":"Partly paid"},{"const":"unpaid","title":"未缴","x-title-en":"Unpaid"}]},"parking":{"title":"停车是否方便","x-title-en":"Parking is easy","type":"boolean"}`},
}

// answers to each form.
var answers = map[string]string{
	"empty_nest_elder": `"health":"fair","medicine":true,"meals":"own","fall":false`, "family_in_difficulty": `"income":2400,"subsidy":true,"wish":"孩子课后辅导"`,
	"party_member": `"study":true,"volunteer":["elders"]`, "property_owner": `"fees":"paid","parking":false`,
}

var ladder = []plan.Rung{{To: "worker", Days: 0}, {To: "grid_lead", Days: 2}, {To: "street_manager", Days: 5}}

// manager of a street decides what is not a worker's or a lead's to decide.
func (w *filling) manager(code string) access.Actor {
	street, _ := w.Areas.Tree().ByCode(code)
	return access.Actor{Account: id("account", managerIn(code)), Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: street.ID}}}
}

// plans says who of the elders is at high risk, makes and activates the plans
// of the four tags, and has the visits of the month made. That of the owners
// is for one cell.
func (w *filling) plans(ctx context.Context) error {
	at, manager := w.planned(), w.manager(Home)
	if err := w.levels(ctx, at, manager); err != nil {
		return fmt.Errorf("risk levels: %w", err)
	}
	day := min(28, at.In(civil.Zone).Day()) // which every month has
	rules := map[string][]plan.Rule{
		"empty_nest_elder": {{RRule: "FREQ=WEEKLY;INTERVAL=2"}, {Level: "high", RRule: "FREQ=WEEKLY;BYDAY=MO,TH"}}, "family_in_difficulty": {{RRule: fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", day)}},
		"party_member": {{RRule: fmt.Sprintf("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=%d", day)}}, "property_owner": {{RRule: fmt.Sprintf("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=%d", day)}},
	}
	for _, f := range forms {
		saved, err := w.Forms.Save(ctx, manager, at, 0, f.draft(Home))
		if err != nil {
			return err
		}
		terms := plan.Terms{Tag: f.tag, Rules: rules[f.tag], WindowDays: f.days, Form: saved.ID, Ladder: ladder}
		where := Home
		if f.tag == "property_owner" {
			where = w.staff.home[0].Code
		}
		p, err := w.Plans.Create(ctx, manager, at, plan.NewPlan{ID: id("plan", f.tag), Title: "走访" + f.zh[:len(f.zh)-len("走访表")], Area: where, From: civil.DateOf(at), Terms: terms})
		if err != nil {
			return err
		}
		if p.State != plan.Draft {
			continue // a filling that was stopped goes on
		}
		if _, err := w.Plans.TakeAction(ctx, manager, at, p.ID, 0, "activate"); err != nil {
			return err
		}
	}
	if w.size == Whole {
		if err := w.fengqiaoPlan(ctx); err != nil {
			return fmt.Errorf("in Fengqiao: %w", err)
		}
	}
	for i, street := range w.elsewhere() {
		day := min(28, civil.DateOf(w.now).Add(-firstWindow-i).Start().Day())
		if err := w.elders(ctx, street, elsewhereDays, plan.Rule{RRule: fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", day)}); err != nil {
			return fmt.Errorf("in %s: %w", street, err)
		}
	}
	return w.Scheduler.Schedule(ctx, "demo", at)
}

const (
	elsewhereDays = 7 // that a visit may wait in the streets without sign-ins
	firstWindow   = 2 // days ago that the visits of the first of these were due from; of the next it is a day more
)

// elsewhere are the streets in which nobody has a sign-in that people are told of.
func (w *filling) elsewhere() []string {
	return slices.DeleteFunc(sortedKeys(w.staff.streets), func(code string) bool { return code == Home || code == fengqiao })
}

// elders has those of a street visited by a rule.
func (w *filling) elders(ctx context.Context, street string, days int, rule plan.Rule) error {
	at, manager, f := w.planned(), w.manager(street), forms[0]
	saved, err := w.Forms.Save(ctx, manager, at, 0, f.draft(street))
	if err != nil {
		return err
	}
	p, err := w.Plans.Create(ctx, manager, at, plan.NewPlan{ID: id("plan", street), Title: "走访空巢老人", Area: street, From: civil.DateOf(at),
		Terms: plan.Terms{Tag: f.tag, Rules: []plan.Rule{rule}, WindowDays: days, Form: saved.ID, Ladder: ladder}})
	if err != nil || p.State != plan.Draft {
		return err // a filling that was stopped goes on
	}
	_, err = w.Plans.TakeAction(ctx, manager, at, p.ID, 0, "activate")
	return err
}

// unvisited: who goes to the doors of some cells has been away for two weeks, and nobody stands in.
func (w *filling) unvisited(k knock) bool {
	c, ok := w.Areas.Map().ByID(k.home.Place.Cell)
	return ok && !strings.HasPrefix(c.Code, homeCommunity) && !strings.HasPrefix(c.Code, fengqiao) &&
		k.at.After(w.now.AddDate(0, 0, -14)) && uuid.MustParse(id("unvisited", c.Code)).ID()%9 == 0
}

// planned is when the plans begin.
func (w *filling) planned() time.Time {
	return civil.DateOf(w.now.Add(-monthAgo)).Start().Add(9 * time.Hour)
}

// levels says who of the elders are at high risk: every fifth.
func (w *filling) levels(ctx context.Context, at time.Time, manager access.Actor) error {
	f := household.Filter{Area: Home, Tags: []string{"empty_nest_elder"}, Limit: 500}
	found, _, err := w.Households.List(ctx, manager, at, f)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b *household.Household) int { return strings.Compare(a.AddressKey, b.AddressKey) })
	for i, h := range found {
		elder := h.Members[0]
		if i%5 > 0 || slices.ContainsFunc(elder.Tags, func(t household.Tag) bool { return t.Level == "high" }) {
			continue
		}
		if _, err := w.Households.Tag(ctx, manager, at, h.ID, 0, elder.ID, household.TagInput{Code: "empty_nest_elder", Level: "high"}); err != nil {
			return err
		}
	}
	return nil
}

// later is what comes of the month: promises are kept, activities were held,
// and the visits of the coming weeks are made.
func (w *filling) later(ctx context.Context) error {
	manager := w.manager(Home)
	made, _, err := w.Promises.List(ctx, manager, Home, "", civil.DateOf(w.now), 500, "")
	if err != nil {
		return err
	}
	for _, p := range made { // of three that are due, two
		if uuid.MustParse(p.ID).ID()%3 == 0 {
			continue
		}
		if _, err := w.Promises.End(ctx, manager, w.atMost(p.DueOn.Start().Add(10*time.Hour)), p.ID, 0, visit.Kept, ""); err != nil {
			return err
		}
	}
	for i, title := range []string{"防诈骗讲座", "长者生日会", "楼道清理志愿活动"} {
		held := w.now.Add(-time.Duration(3+9*i) * 24 * time.Hour)
		if _, err := w.Works.Hold(ctx, manager, held, visit.NewActivity{ID: id("activity", title), Area: homeCommunity, Title: title, People: 18 + 11*i, HeldAt: held}); err != nil {
			return err
		}
	}
	return w.Scheduler.Schedule(ctx, "demo", w.now)
}

// atMost is a time, or now where that is earlier: nothing is of the future.
func (w *filling) atMost(at time.Time) time.Time {
	if at.After(w.now) {
		return w.now
	}
	return at
}
