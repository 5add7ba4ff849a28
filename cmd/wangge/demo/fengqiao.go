package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/plan"
	"wangge/domain/posting"
)

// Fengqiao had 153 people in seven communities, 108 of them at counters; 20 are there still, at three centres.
const (
	fengqiao    = "320505003"
	communities = 7
	// FengqiaoManager is the username of who manages the street; the password is that of the sign-ins.
	FengqiaoManager = "fengqiao_manager"
)

// freed is what those who were free of a counter do since. Of each kind some
// sign in, one a community: the others are known by name.
var freed = []struct {
	kind   posting.Kind
	unit   string
	people int
	signIn string // what the usernames of those who sign in begin with
}{{posting.Grid, "", 46, "worker"}, {posting.VisitingTeam, "走访服务队", 21, "visiting"}, {posting.Mediation, "矛盾调解室", 13, "mediator"}, {posting.Other, "关爱帮扶", 8, ""}}

// fengqiaoCells are squares of about 400 m, one in each community, as a FeatureCollection.
func (w *filling) fengqiaoCells() ([]byte, error) {
	var features []map[string]any
	for i := range communities {
		west, south := 120.512+0.006*float64(i), 31.308
		code := fmt.Sprintf("%s%03d", fengqiao, i+1)
		a, _ := w.Areas.Tree().ByCode(code)
		features = append(features, map[string]any{
			"type": "Feature", "properties": map[string]any{"code": code + "001", "name": short(a.Name) + "第1网格"},
			"geometry": map[string]any{"type": "Polygon", "coordinates": orb.Polygon{{{west, south}, {west + 0.004, south}, {west + 0.004, south + 0.004}, {west, south + 0.004}, {west, south}}}},
		})
	}
	return json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
}

// freedIn is the username of who in a cell of Fengqiao was freed.
func freedIn(signIn, cell string) string { return signIn + "-" + cell[6:] }

// freed says who of Fengqiao visits and who settles disputes, in place of the workers of the cells.
func (st *staff) freed() {
	for _, c := range st.streets[fengqiao] {
		who := func(signIn string) access.Actor {
			return access.Actor{Account: id("account", freedIn(signIn, c.Code)), Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: c.ID}}}
		}
		st.visitors[c.ID], st.mediators[c.ID] = who("visiting"), who("mediator")
		for _, signIn := range []string{"visiting", "mediator"} {
			st.people = append(st.people, person{freedIn(signIn, c.Code), fengqiao, access.OutreachWorker})
		}
	}
}

// visitor goes to the doors of a cell.
func (st *staff) visitor(cell string) access.Actor {
	if v, ok := st.visitors[cell]; ok {
		return v
	}
	return st.worker[cell]
}

// fengqiaoHomes are the households of elders that are visited there, by their rows.
func (w *filling) fengqiaoHomes(rng *rand.Rand, first int) (out [][][]string) {
	for _, c := range w.staff.streets[fengqiao] {
		for i := range 4 {
			d := dwelling{short(areaName(w.World, c.Place.Community)) + "新村", strconv.Itoa(i + 1), "101", c.Centre[0] + float64(i-2)*0.0004, c.Centre[1], first + len(out)}
			rows := d.rows(rng)
			rows[0][10] = "empty_nest_elder"
			out = append(out, rows)
		}
	}
	return out
}

// fengqiaoPlan has the elders there visited every two weeks.
func (w *filling) fengqiaoPlan(ctx context.Context) error {
	_, err := w.Accounts.Create(ctx, access.Program, w.began, account.NewAccount{ID: id("account", FengqiaoManager), Username: FengqiaoManager, Name: "演示街道管理员", Password: Password,
		Grants: []account.GrantInput{{Role: access.StreetManager, Area: fengqiao}}})
	if err != nil {
		return err
	}
	return w.elders(ctx, fengqiao, forms[0].days, plan.Rule{RRule: "FREQ=WEEKLY;INTERVAL=2"})
}

// fengqiaoPostings says where its people worked before their counters were joined, and where they do since.
func (w *filling) fengqiaoPostings(day civil.Date) (rows [][]string) {
	n := 0
	post := func(kind posting.Kind, area, username, unit, from, until string) {
		called, number := "", ""
		if username == "" {
			called, number = name(1000+n), fmt.Sprintf("FQ%03d", n+1)
		}
		rows = append(rows, []string{string(kind), area, username, called, number, unit, from, until})
	}
	community := func() string { return fmt.Sprintf("%s%03d", fengqiao, 1+n%communities) }
	for _, c := range w.counters() {
		for i := range c.staff {
			if c.street == fengqiao {
				post(posting.Counter, community(), w.counterWorker(c, i), "", "", string(day))
				n++
			}
		}
	}
	cells := w.staff.streets[fengqiao]
	for _, f := range freed {
		for i := range f.people {
			area, username := community(), ""
			if i < len(cells) && f.signIn != "" {
				area, username = cells[i].Code[:12], freedIn(f.signIn, cells[i].Code)
			}
			post(posting.Counter, area, username, "", "", string(day))
			if f.kind != posting.Grid || username == "" { // else the cell has them on its staff
				post(f.kind, area, username, f.unit, string(day.Add(1)), "")
			}
			n++
		}
	}
	for i := range 45 - len(cells) { // who never was at a counter, beside the leads of the cells: secretary and director of each community, and people of the grid
		if i < 2*communities {
			post(posting.CommunityOffice, community(), "", []string{"书记", "主任"}[i/communities], "", "")
		} else {
			post(posting.Grid, community(), "", "", "", "")
		}
		n++
	}
	return rows
}

// draft is the form in a street.
func (f tagForm) draft(street string) form.Draft {
	return form.Draft{Street: street, Code: f.tag, Tag: f.tag, Title: form.Title{ZH: f.zh, EN: f.en}, Schema: `{"type":"object","properties":{` + f.questions + `}}`}
}
