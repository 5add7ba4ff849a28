package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/rating"
	"wangge/domain/service"
	"wangge/domain/visit"
)

// said is how somebody rated something, how many hours ago, and what became of it where that was bad.
type said struct {
	grade int
	words string
	hours int
	steps []rating.ActionInput
}

var (
	reached, missed = true, false
	result          = rating.ActionInput{Action: rating.StateResult, Text: "已上门说明办理进度，并向当事人致歉"}
	unreached       = rating.ActionInput{Action: rating.CallBack, Reached: &missed}
	content         = rating.ActionInput{Action: rating.CallBack, Reached: &reached, Grade: 4, Words: "后来办得很快"}
	stillNot        = rating.ActionInput{Action: rating.CallBack, Reached: &reached, Grade: 2, Words: "还是要多跑一趟"}
)

// sayings are what is said of cases and of visits, one after the other: of every
// grade, and a rectification in each of its states, one of them overdue. What is
// not among the first of them nobody has rated.
var sayings = []said{
	{5, "工作人员很耐心", 30, nil}, {2, "来回跑了三趟", 20, nil}, {4, "", 28, nil}, {1, "等了两个小时没人管", 14 * 24, nil}, {3, "", 26, nil},
	{2, "材料说法前后不一致", 5 * 24, []rating.ActionInput{result}}, {2, "说好的时间没有办完", 9 * 24, []rating.ActionInput{result, unreached, stillNot}},
	{1, "态度不好", 10 * 24, []rating.ActionInput{result, content}}, {2, "电话一直打不通", 12 * 24, []rating.ActionInput{result, unreached, unreached, unreached, {Action: rating.End}}}, {5, "一次就办好了", 24, nil},
}

// ratings has residents rate what was over in the last month, and what was bad put right.
func (w *filling) ratings(ctx context.Context) error {
	about, err := w.decided(ctx)
	if err != nil {
		return err
	}
	if err := w.rated(ctx, about, w.applicantOf); err != nil {
		return err
	}
	met, _, err := w.Visits.List(ctx, access.Program, w.now, visit.Filter{Area: homeCommunity, States: []visit.State{visit.Completed}, Results: []visit.Result{visit.Met}, Limit: 60})
	if err != nil {
		return err
	}
	about = nil
	for _, v := range met {
		about = append(about, rating.About{Kind: rating.Visit, ID: v.ID})
	}
	return w.rated(ctx, about, w.livesAt)
}

// decided makes a case of the counter at home for each of the sayings, done the
// day before, and one that nobody rates.
func (w *filling) decided(ctx context.Context) (about []rating.About, err error) {
	items, err := w.Items.All(ctx, w.Store, w.now)
	if err != nil {
		return nil, err
	}
	home := w.counters()[0]
	items = slices.DeleteFunc(home.takes(items), func(it *service.Item) bool { return it.Sensitive })
	for i := range len(sayings) + 1 {
		hours := 24
		if i < len(sayings) {
			hours = sayings[i].hours
		}
		m := matter{n: 40 * (100 + i), counter: home, platform: -1, item: items[i%len(items)], state: intake.Done, opened: w.now.Add(-time.Duration(hours+48) * time.Hour), who: w.atCounter(home, i%home.staff)}
		if err := w.take(ctx, m); err != nil {
			return nil, fmt.Errorf("a case to be rated: %w", err)
		}
		about = append(about, rating.About{Kind: rating.Case, ID: m.id()})
	}
	return about, nil
}

// rated has one of these rated with each of the sayings, as far as there is one that may be.
func (w *filling) rated(ctx context.Context, about []rating.About, who func(context.Context, rating.About) (phone string, overAt time.Time, err error)) error {
	used := map[rating.About]bool{}
	for _, s := range sayings {
		at := w.now.Add(-time.Duration(s.hours) * time.Hour)
		for _, a := range about {
			if used[a] {
				continue
			}
			phone, overAt, err := who(ctx, a)
			if err != nil {
				return err
			}
			if phone == "" || !overAt.Before(at) || at.Sub(overAt) > (rating.OpenDays-1)*24*time.Hour {
				continue
			}
			used[a] = true
			if err := w.say(ctx, a, s, phone, at); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// say has one thing rated at a time by who has this phone, and put right.
func (w *filling) say(ctx context.Context, a rating.About, s said, phone string, at time.Time) error {
	actor := resident(w.record.Residents[0])
	actor.Phone = phone
	own, err := w.Ratings.Rate(ctx, actor, at, a, rating.Input{ID: id("rating", a.ID), Grade: s.grade, Words: s.words})
	if err != nil {
		return fmt.Errorf("a rating of %s %s: %w", a.Kind, a.ID, err)
	}
	for i, in := range s.steps {
		in.ID = id("rectification", fmt.Sprintf("%s/%d", a.ID, i))
		if _, err := w.Ratings.TakeAction(ctx, w.rectifier(in.Action), at.Add(time.Duration(4+4*i)*time.Hour), own.ID, 0, in); err != nil {
			return fmt.Errorf("%s of what became of %s %s: %w", in.Action, a.Kind, a.ID, err)
		}
	}
	return nil
}

// rectifier is who takes a step: the community says what was done, and the street calls back.
func (w *filling) rectifier(action rating.Action) access.Actor {
	community, _ := w.Areas.Tree().ByCode(homeCommunity)
	if action == rating.StateResult {
		return access.Actor{Account: id("account", string(access.CommunityManager)), Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: community.Place.Street}}}
	}
	return access.Actor{Account: id("account", string(access.StreetManager)), Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: community.Place.Street}}}
}

func (w *filling) applicantOf(ctx context.Context, a rating.About) (string, time.Time, error) {
	c, err := intake.Load(ctx, w.Store, a.ID)
	if err != nil {
		return "", time.Time{}, err
	}
	return c.Applicant.Phone.Index, c.ClosedAt, nil
}

func (w *filling) livesAt(ctx context.Context, a rating.About) (string, time.Time, error) {
	found, err := visit.LoadVisits(ctx, w.Store, []string{a.ID})
	if err != nil {
		return "", time.Time{}, err
	}
	v := found[a.ID]
	homes, err := household.Current(ctx, w.Store, []string{v.Household})
	if err != nil || homes[v.Household] == nil || len(homes[v.Household].PhoneIndexes()) == 0 {
		return "", v.DoneAt, err
	}
	return homes[v.Household].PhoneIndexes()[0], v.DoneAt, nil
}
