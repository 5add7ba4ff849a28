package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/geo"
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

// knock is one visit that is about to be made, or not.
type knock struct {
	key   string // of whom, by which plan and when: the same in every demonstration
	n     int    // 0 to 999, from the key
	visit *visit.Visit
	home  *household.Household
	at    time.Time
	i     int // in the order in which people go

	silent bool // nobody ever answers there
	shown  int  // the picture that who goes takes again and again
	often  bool // and does so often
}

// id of what comes of the visit.
func (k knock) id(kind string) string { return id(kind, k.key) }

// month goes to the doors, each worker as time passes. Doors that were gone to already stay as they are.
func (w *filling) month(ctx context.Context) error {
	var workers []string // as they set out
	rounds := map[string][]knock{}
	for _, street := range sortedKeys(w.staff.streets) {
		todo, err := w.knocks(ctx, street)
		if err != nil {
			return err
		}
		for i, k := range todo {
			worker := w.staff.visitor(k.home.Place.Cell).Account
			if k.at.After(w.now.Add(-time.Hour)) || worker == "" || w.unvisited(k) {
				continue
			}
			if rounds[worker] == nil {
				workers = append(workers, worker)
			}
			k.i, k.shown, k.often = i, slices.Index(workers, worker), worker == id("account", string(access.OutreachWorker))
			rounds[worker] = append(rounds[worker], k)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, worker := range workers {
		w.told.expect(len(rounds[worker]))
		g.Go(func() error { return w.round(ctx, rounds[worker]) })
	}
	return g.Wait()
}

// round is what one worker does, visit after visit.
func (w *filling) round(ctx context.Context, visits []knock) error {
	for _, k := range visits {
		err := w.knock(ctx, k)
		var conflict *domain.ConflictError
		if err != nil && !errors.As(err, &conflict) { // a conflict: an earlier stop has done it
			return fmt.Errorf("visit %d: %w", k.i, err)
		}
		w.told.did(1)
	}
	return nil
}

// knocks are the visits that the plans of a street asked for before now, wherever they
// were moved and whatever came of them, in the order in which people go.
func (w *filling) knocks(ctx context.Context, street string) ([]knock, error) {
	days := map[string]int{id("plan", fengqiao): forms[0].days} // of the plans' windows
	for _, code := range w.elsewhere() {
		days[id("plan", code)] = elsewhereDays
	}
	for _, f := range forms {
		days[id("plan", f.tag)] = f.days
	}
	var todo []knock
	for f := (visit.Filter{Area: street, Limit: 500}); ; {
		page, next, err := w.Visits.List(ctx, access.Program, w.now, f)
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, v := range page {
			ids = append(ids, v.Household)
		}
		homes, err := household.LoadMany(ctx, w.Store, ids)
		if err != nil {
			return nil, err
		}
		for _, v := range page {
			h := homes[v.Household]
			if h == nil || !v.Period.Start().Before(w.now) {
				continue
			}
			k := knock{key: v.Plan + "/" + h.AddressKey + "/" + string(v.Period), visit: v, home: h}
			k.n = int(uuid.MustParse(k.id("knock")).ID() % 1000)
			k.silent = uuid.MustParse(id("silent", h.AddressKey)).ID()%20 == 0
			k.at = v.Period.Add(k.n % days[v.Plan]).Start().Add(time.Duration(9*60+k.n%480) * time.Minute)
			todo = append(todo, k)
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	slices.SortFunc(todo, func(a, b knock) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.key, b.key)) })
	return todo, nil
}

// knock makes one visit, misses it, or leaves it to become overdue.
func (w *filling) knock(ctx context.Context, k knock) error {
	worker, lead := w.staff.visitor(k.home.Place.Cell), w.staff.lead[k.home.Place.Cell]
	move := func(actor access.Actor, in visit.ActionInput) error {
		in.ID = k.id("move")
		_, err := w.Visits.TakeAction(ctx, actor, k.at, k.visit.ID, 0, in)
		return err
	}
	switch {
	case k.n%100 >= 97:
		return nil // nobody goes: overdue
	case k.n%100 == 96:
		return move(worker, visit.ActionInput{Action: visit.Reschedule, Reason: "住户外出，改日再去", Day: civil.DateOf(k.at).Add(40)})
	case k.n%100 == 95:
		return move(worker, visit.ActionInput{Action: visit.Miss, Reason: "暴雨停工"})
	case k.n%100 == 94:
		return move(lead, visit.ActionInput{Action: visit.Cancel, Reason: "本周已在社区活动中见到"})
	}
	in, result, stay := k.arrival()
	stop, err := w.Stops.CheckIn(ctx, worker, k.at, in)
	if err != nil {
		return err
	}
	if stop.State == visit.AtTheDoor {
		done := visit.Completion{Result: result}
		if result == visit.Met {
			if err := w.met(ctx, k, worker, stop, &done); err != nil {
				return err
			}
		}
		if stop, err = w.Doors.Complete(ctx, worker, k.at.Add(stay), stop.ID, 0, done); err != nil {
			return err
		}
	}
	if stop.Proof.State == visit.Flagged && k.i%3 < 2 { // the others wait for a review
		_, err = w.Reviews.Review(ctx, lead, w.atMost(k.at.Add(6*time.Hour)), stop.ID, 0, k.i%3 == 0, []string{"已与住户核实", "与住户核实，当日未上门"}[k.i%3])
	}
	return err
}

// arrival is how somebody comes to the door, what comes of it, and how long they stay.
func (k knock) arrival() (visit.Arrival, visit.Result, time.Duration) {
	at, accuracy := k.home.Position.At(), float64(8+k.n%25)
	in := visit.Arrival{ID: k.id("stop"), Household: k.home.ID, Channel: visit.Home, Position: &at, Datum: geo.WGS84, AccuracyM: &accuracy}
	at[0], at[1] = at[0]+float64(k.n%7-3)*0.00003, at[1]+float64(k.n%5-2)*0.00003
	stay := time.Duration(8+k.n%20) * time.Minute
	switch k.i % 40 { // weak proofs, of every kind
	case 5:
		at[1] += 0.027 // 3 km
	case 10:
		in.Mock = true
	case 15:
		accuracy = 450
	case 20:
		at[0] -= 2 // faster than anybody goes
	case 25:
		stay = 20 * time.Second
	case 30:
		in.Clock = &domain.Clock{At: k.at.Add(-80 * time.Hour), Sent: k.at}
	case 35:
		in.Clock = &domain.Clock{At: k.at.Add(15 * time.Minute), Sent: k.at.Add(16 * time.Minute)}
	}
	switch {
	case k.silent:
		return in, visit.NoAnswer, 2 * time.Minute
	case k.n%100 < 70:
		return in, visit.Met, stay
	case k.n%100 < 78:
		in.Channel, in.Position, in.AccuracyM = visit.Phone, nil, nil
		return in, visit.Met, stay
	case k.n%100 < 81:
		in.Channel, in.Position, in.AccuracyM = visit.Video, nil, nil
		return in, visit.Met, stay
	case k.n%100 < 90:
		return in, visit.NoAnswer, 2 * time.Minute
	case k.n%100 < 93:
		return in, visit.Refused, 2 * time.Minute
	}
	return in, visit.MovedAway, 4 * time.Minute
}

// met is what is said and done when somebody opens.
func (w *filling) met(ctx context.Context, k knock, worker access.Actor, stop *visit.Stop, done *visit.Completion) error {
	sheet, err := w.Stops.Sheet(ctx, worker, stop.ID)
	if err != nil {
		return err
	}
	var said []string
	for _, text := range answers { // of the forms that are on the sheet
		if slices.ContainsFunc(sheet.Questions, func(q form.Question) bool { return strings.Contains(text, `"`+q.Key+`"`) }) {
			said = append(said, text)
		}
	}
	slices.Sort(said)
	if done.Answers, err = form.ReadAnswers("{" + strings.Join(said, ",") + "}"); err != nil {
		return err
	}
	i := k.i
	if i%8 == 0 {
		done.Promises = []visit.NewPromise{{ID: k.id("promise"), Text: []string{"下次带血压计来", "联系社区食堂送餐", "帮忙问医保报销"}[i/8%3], DueOn: civil.DateOf(k.at).Add(5 + i%9)}}
	}
	if i%30 == 0 {
		done.Needs = []visit.Need{{ID: k.id("need"), Category: []string{"pipe_dispute", "safety_hazard", "other"}[i/30%3], Title: []string{"厨房下水管漏水", "楼道灯不亮，老人怕摔", "想装扶手"}[i/30%3]}}
	}
	if i%25 == 0 {
		done.Aids = []visit.NewAid{{ID: k.id("aid"), Title: []string{"送米 5 公斤", "送棉被一床"}[i/25%2]}}
	}
	if i%60 < 2 || k.often && i%6 == 0 { // the same picture again
		return w.attach(ctx, k, worker, done)
	}
	return nil
}

func (w *filling) attach(ctx context.Context, k knock, worker access.Actor, done *visit.Completion) error {
	added, err := photo.New(w.Store).Add(ctx, worker, k.at, k.id("photo"), [2]string{uuid.NewString(), uuid.NewString()}, picture(k.shown, true))
	if err != nil {
		return err
	}
	done.Photos = []string{added.ID}
	return nil
}
