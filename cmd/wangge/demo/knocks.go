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
	"wangge/domain/visit"
	"wangge/geo"
)

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
