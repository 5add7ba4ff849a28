package demo

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/place"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/geo"
)

// counter is a station to be made.
type counter struct {
	key, name, street string
	model             station.Model
	communities       []string // codes; of none, all of the street
	at                orb.Point
	staff             int // one of them directs
	shifts            []station.Shift
	hours             calendar.Hours
	items             int // that it takes; 0: all
	monthly           int // cases
}

var (
	everyDay  = []calendar.Weekday{1, 2, 3, 4, 5, 6, 7}
	weekdays  = everyDay[:5]
	lunch     = week(weekdays, "09:00", "11:30", "13:00", "17:00")
	inSummer  = week(weekdays, "09:00", "11:30", "13:30", "17:30")
	officely  = calendar.Hours{Weekly: lunch, Seasons: []calendar.Season{{From: "06-15", Until: "09-15", Weekly: inSummer}}, MakeUpDays: true}
	allYear   = calendar.Hours{Weekly: week(everyDay, "09:00", "21:00"), OpenOnHolidays: true}
	twoShifts = []station.Shift{{Name: "早班", Weekly: week(everyDay, "09:00", "15:00")}, {Name: "晚班", Weekly: week(everyDay, "15:00", "21:00")}}
	byDay     = []station.Shift{{Name: "日班", Weekly: lunch}}
)

// week is a week with the same times on some of its days.
func week(days []calendar.Weekday, times ...calendar.Clock) []calendar.Weekly {
	w := calendar.Weekly{Days: days}
	for i := 0; i < len(times); i += 2 {
		w.Spans = append(w.Spans, calendar.Span{From: times[i], Until: times[i+1]})
	}
	return []calendar.Weekly{w}
}

// Jingcheng's communities, as the list of 2023 writes them: 海尚、星湖、景城、九华、白塘.
const jingcheng = "320576054042"

var around = []string{"320576054039", "320576054033", jingcheng, "320576054035", "320576054046"}

// counters are the stations: that of the demo sign-ins, and of the whole of
// Suzhou three that are known from the papers, one of each model.
func (w *filling) counters() []counter {
	home := counter{"pingjiang", "平江路便民服务站", Home, station.OneForOne, []string{homeCommunity}, w.staff.home[0].Centre, 3, byDay, officely, 0, 6}
	if w.size == Small {
		return []counter{home}
	}
	all := []counter{home, {"jingcheng", "景城民众联络所", jingcheng[:9], station.OneForMany, around, w.centreOf(jingcheng), 7, twoShifts, allYear, 63, 36}}
	fengqiao := [][]string{{"320505003001", "320505003002"}, {"320505003003", "320505003004", "320505003005"}, {"320505003006", "320505003007"}}
	for i, name := range []string{"白马涧", "西津桥", "马浜"} {
		all = append(all, counter{fmt.Sprint("fengqiao-", i+1), "枫桥街道" + name + "便民服务中心", "320505003", station.Centre, fengqiao[i], orb.Point{120.52 + float64(i)/100, 31.31}, 7 - i/2, byDay, officely, 0, 8})
	}
	return append(all, counter{"xinsheng", "新升社区便民服务站", "320505002", station.OneForOne, []string{"320505002012"}, orb.Point{120.558, 31.292}, 4, byDay, officely, 0, 6})
}

// centreOf is the centre of a community's first cell.
func (w *filling) centreOf(community string) orb.Point {
	for _, c := range w.Areas.Map().Cells() {
		if c.Code[:len(community)] == community {
			return c.Centre
		}
	}
	return w.staff.home[0].Centre
}

// counterWorker is the username of somebody at a counter, counted from 0; the first
// directs. The demo sign-in works in Jingcheng, or where there is nothing else at home.
func (w *filling) counterWorker(c counter, n int) (username string) {
	signIn := "jingcheng"
	if w.size == Small {
		signIn = "pingjiang"
	}
	if c.key == signIn && n == 1 {
		return string(access.CounterWorker)
	}
	return fmt.Sprintf("counter-%s-%d", c.key, n+1)
}

// atCounter is somebody at a counter, who reaches the communities that it serves.
func (w *filling) atCounter(c counter, n int) access.Actor {
	who := access.Actor{Account: id("account", w.counterWorker(c, n))}
	for _, code := range c.communities {
		a, _ := w.Areas.Tree().ByCode(code)
		who.Grants = append(who.Grants, access.Grant{Role: access.CounterWorker, Level: access.Community, Area: a.ID})
	}
	return who
}

// takes are the items that the counter takes, from all over the catalogue.
func (c counter) takes(all []*service.Item) (out []*service.Item) {
	if c.items == 0 || c.items > len(all) {
		return all
	}
	for i := range c.items {
		out = append(out, all[i*len(all)/c.items])
	}
	return out
}

// stations makes the counters with who works there.
func (w *filling) stations(ctx context.Context) error {
	all := w.counters()
	w.told.expect(len(all))
	for i, c := range all {
		if err := w.station(ctx, i, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		w.told.did(1)
	}
	if w.size == Small {
		return nil
	}
	for n := range 10 { // Xinsheng's 14 but for the four at its counter work in the grid
		_, err := w.Accounts.Create(ctx, access.Program, w.began, account.NewAccount{ID: id("account", fmt.Sprint("xinsheng-grid-", n)), Username: fmt.Sprint("xinsheng-grid-", n+1), Name: name(900 + n),
			Grants: []account.GrantInput{{Role: access.OutreachWorker, Area: "320505002"}}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *filling) station(ctx context.Context, nth int, c counter) error {
	var posts []station.Post
	for n := range c.staff {
		username := w.counterWorker(c, n)
		if username != string(access.CounterWorker) {
			_, err := w.Accounts.Create(ctx, access.Program, w.began, account.NewAccount{ID: id("account", username), Username: username, Name: name(700 + nth*20 + n),
				Grants: []account.GrantInput{{Role: access.CounterWorker, Area: c.street}}})
			if err != nil {
				return err
			}
		}
		p := station.Post{Account: id("account", username), Part: station.Worker, Shifts: []string{c.shifts[n%len(c.shifts)].Name}, StandIn: id("account", w.counterWorker(c, (n+1)%c.staff)), Span: station.Span{From: w.began}}
		if n == 0 {
			p.Part = station.Director
		}
		posts = append(posts, p)
	}
	draft := station.Draft{ID: id("station", c.key), Street: c.street, Name: c.name, Address: short(areaName(w.World, w.communityID(c.communities[len(c.communities)/2]))), Phone: fmt.Sprintf("0512-6660%04d", 1000+nth),
		Position: place.PositionAt(c.at, geo.WGS84, nil), Models: []station.ModelSpan{{Model: c.model, Counter: true, Span: station.Span{From: w.began}}}, Hours: c.hours}
	for _, code := range c.communities {
		draft.Communities = append(draft.Communities, station.ServedIn{Code: code, Span: station.Span{From: w.began}})
	}
	items, err := w.Items.All(ctx, w.Store, w.now)
	if err != nil {
		return err
	}
	if c.items > 0 {
		for _, item := range c.takes(items) {
			draft.Items = append(draft.Items, item.Code)
		}
	}
	if _, err := w.Stations.Create(ctx, access.Program, w.began, draft); err != nil {
		return err
	}
	if _, err := w.Stations.SetShifts(ctx, access.Program, w.began, draft.ID, 0, c.shifts); err != nil {
		return err
	}
	if _, err = w.Stations.SetStaff(ctx, access.Program, w.began, draft.ID, 0, posts); err != nil {
		return err
	}
	for n, p := range posts {
		if err := w.qualify(ctx, p.Account, n); err != nil {
			return err
		}
	}
	return nil
}

// fields are what somebody at a counter may be qualified for, beside general practice.
var fields = []string{"civil_affairs", "social_insurance", "family_planning", "employment", "disability_services"}

// qualify gives the n-th of a counter general practice and all fields but one;
// for people with disabilities there are two of them, and one qualification ends soon.
func (w *filling) qualify(ctx context.Context, account string, n int) error {
	for i, kind := range append([]string{"general_practice"}, fields...) {
		if i > 0 && i-1 == n%len(fields) || kind == "disability_services" && n > 1 {
			continue
		}
		in := service.NewQualification{Account: account, Kind: kind, From: civil.DateOf(w.began)}
		if n == 1 && kind == "employment" {
			in.Until = civil.DateOf(w.now).Add(20)
		}
		if _, err := w.Qualifications.Give(ctx, access.Program, w.began, in); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func (w *filling) communityID(code string) string {
	a, _ := w.Areas.Tree().ByCode(code)
	return a.ID
}
