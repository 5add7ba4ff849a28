package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/photo"
	"wangge/domain/policy"
	"wangge/domain/rating"
	"wangge/domain/ticket"
	"wangge/geo"
)

// titles of made-up tickets, by category.
var titles = map[string][]string{
	"property_fee":   {"物业费三年没有调价公示", "停车费和物业费重复收取", "电梯坏了仍全额收物业费"},
	"garage_rental":  {"一楼车库出租住人", "车库改成快递点，噪声大", "车库出租开小作坊"},
	"parking":        {"消防通道长期停车", "小区门口乱停车，救护车进不来", "地面车位被私装地锁"},
	"garden_dispute": {"楼前绿地被开垦种菜", "公共绿化带搭了鸡棚", "屋后绿地被围起来种菜"},
	"pipe_dispute":   {"楼上漏水泡了天花板", "老楼下水道反水", "公共立管渗水，互相推诿"},
	"noise":          {"夜里十一点还在装修", "广场舞音响太大", "底楼棋牌室通宵吵闹"},
	"sanitation":     {"垃圾房几天没清运", "河边有大量漂浮垃圾", "楼道堆放杂物发臭"},
	"safety_hazard":  {"电动车在楼道充电", "外墙瓷砖脱落", "窨井盖破损"},
	"other":          {"路灯不亮", "健身器材坏了", "宠物没牵绳"},
}

// plot is one ticket to be made: where, what, and how far it goes.
type plot struct {
	n        int
	cell     *area.Cell
	at       orb.Point
	category policy.Category
	title    string
	until    ticket.State
	start    time.Time
	reporter access.Actor // at a counter or of the year's history; else one of the demo residents
	shelved  bool
	answered bool // closed by an answer
	pace     int  // how many times longer than usual each step takes, from 1; 0: as usual
}

// issues makes the tickets.
func (w *filling) issues(ctx context.Context) error {
	r, err := w.roll()
	if err != nil {
		return err
	}
	plots, west := append(w.shown(), w.history(r)...), w.staff.home[0].Centre
	for _, c := range w.Areas.Map().Cells() {
		if c.Bound().Min[0] < west[0] && !strings.HasPrefix(c.Code, fengqiao) {
			west = orb.Point{c.Bound().Min[0], c.Centre[1]}
		}
	}
	if err := w.outside(ctx, west); err != nil {
		return err
	}
	return inParallel(ctx, w.told, plots, func(ctx context.Context, _ int, p plot) error {
		if err := w.play(ctx, p); err != nil {
			return fmt.Errorf("ticket %d, %s until %s: %w", p.n, p.category.Code, p.until, err)
		}
		return nil
	})
}

// shown are tickets of every category in every state: of three one in the cells of the demo
// sign-ins, the others all over their street. One is split.
func (w *filling) shown() (plots []plot) {
	rng := rand.New(rand.NewPCG(20261123, 1))
	add := func(c *area.Cell, category policy.Category, until ticket.State) {
		days := 1 + rng.IntN(28)
		if until == ticket.Suspended || until == ticket.AwaitingReporter {
			days = 1 + rng.IntN(4) // so that its time has not come yet
		}
		choice := titles[category.Code]
		plots = append(plots, plot{n: len(plots), cell: c, at: inside(c, rng), category: category, title: choice[rng.IntN(len(choice))], until: until,
			start: w.now.Add(-time.Duration(days)*24*time.Hour - time.Duration(rng.IntN(600))*time.Minute)})
	}
	categories, home, street := policy.Default().Categories, w.staff.home, w.staff.streets[Home]
	alone := slices.DeleteFunc(slices.Clone(ticket.States), func(s ticket.State) bool { return s == ticket.Merged || s == ticket.Divided })
	for i, category := range categories {
		for j, state := range alone {
			if (i+j)%3 == 0 {
				add(home[(i+j)/3%len(home)], category, state)
			} else {
				add(street[(i*len(alone)+j)*7%len(street)], category, state)
			}
		}
	}
	plots[slices.IndexFunc(plots, func(p plot) bool { return p.until == ticket.Suspended })].shelved = true
	for i, category := range categories {
		if i%3 == 0 {
			add(home[i/3%len(home)], category, ticket.Merged)
		} else {
			add(street[i*11%len(street)], category, ticket.Merged)
		}
	}
	pipes, _ := policy.Default().Category("pipe_dispute")
	add(home[0], pipes, ticket.Divided)
	for i, c := range w.staff.streets[fengqiao] {
		for j := range 4 {
			add(c, categories[(i+j)%len(categories)], ticket.Closed)
		}
	}
	return plots
}

// inside is a random point of a cell.
func inside(c *area.Cell, rng *rand.Rand) orb.Point {
	box := c.Bound()
	locator, err := geo.NewLocator([]geo.Shape{{Code: c.Code, Geometry: c.Geometry}})
	for range 1000 {
		p := orb.Point{box.Min[0] + rng.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + rng.Float64()*(box.Max[1]-box.Min[1])}
		if err == nil {
			if _, in := locator.Locate(p); in {
				return p
			}
		}
	}
	return c.Centre
}

// outside makes a ticket west of all but Fengqiao, which no cell holds: it waits in a street's triage list.
func (w *filling) outside(ctx context.Context, west orb.Point) error {
	_, err := w.Tickets.Report(ctx, resident(w.record.Residents[1]), w.now.Add(-5*time.Hour), ticket.Draft{
		ID: id("ticket", "outside"), Kind: "report", Category: "other", Title: "桥下路灯不亮", Address: "运河边",
		Position: &orb.Point{west[0] - 0.004, west[1]}, Datum: geo.WGS84,
	})
	return err
}

// paths are the actions that bring a ticket from reported to a state.
var paths = map[ticket.State][]ticket.Action{
	ticket.Reported:         nil,
	ticket.Accepted:         {ticket.Accept},
	ticket.AwaitingReporter: {ticket.Ask},
	ticket.Rejected:         {ticket.Reject},
	ticket.Withdrawn:        {ticket.Withdraw},
	ticket.Dispatched:       {ticket.Accept, ticket.Dispatch},
	ticket.InProgress:       {ticket.Accept, ticket.Dispatch, ticket.Start},
	ticket.Suspended:        {ticket.Accept, ticket.Dispatch, ticket.Start, ticket.Suspend},
	ticket.Resolved:         {ticket.Accept, ticket.Dispatch, ticket.Start, ticket.Resolve},
	ticket.Merged:           {ticket.Merge},
	ticket.Divided:          {ticket.Accept, ticket.Split},
	ticket.Closed:           {ticket.Accept, ticket.Dispatch, ticket.Start, ticket.Resolve, ticket.Close},
}

// path is what is done about a ticket.
func (p plot) path() []ticket.Action {
	if p.answered {
		return []ticket.Action{ticket.Reply}
	}
	return paths[p.until]
}

// first is what a ticket that is to be merged joins: reported at the same place before, by somebody else.
func (p plot) first() plot {
	p.n, p.until, p.start = p.n+100_001, ticket.Accepted, p.start.Add(-3*time.Hour)
	return p
}

// play takes a ticket through its life, as the people of its cell would.
func (w *filling) play(ctx context.Context, p plot) error {
	reporter, kinds := p.reporter, ticket.Kinds
	if reporter.Account == "" {
		reporter = resident(w.record.Residents[p.n%residents])
	}
	if p.answered {
		kinds = []ticket.Kind{ticket.Consultation}
	}
	draft := ticket.Draft{
		ID: id("ticket", fmt.Sprint(p.n)), Kind: kinds[p.n%len(kinds)], Category: p.category.Code, Title: p.title,
		Description: "演示数据：" + p.title + "，请处理。", Address: p.cell.Name, Position: &p.at, Datum: geo.WGS84,
	}
	if p.until == ticket.Merged {
		if err := w.play(ctx, p.first()); err != nil {
			return err
		}
	}
	if reporter.IsStaff() && p.reporter.Account != "" && !reporter.Is(access.CounterWorker) {
		draft.Source = ticket.FromPatrol
	}
	if p.n%3 == 0 && p.category.AfterPhoto && p.n < firstOfHistory {
		before, err := w.photo(ctx, reporter, p, "before")
		if err != nil {
			return err
		}
		draft.Photos = []string{before}
	}
	t, err := w.Tickets.Report(ctx, reporter, p.start, draft)
	if err != nil {
		return err
	}
	at := p.start
	for i, action := range p.path() {
		at = w.atMost(at.Add(time.Duration((20+(p.n*37+i*53)%240)*max(p.pace, 1)) * time.Minute))
		actor, move, err := w.move(ctx, p, action, reporter, at)
		if err != nil {
			return err
		}
		if _, err = w.Tickets.TakeAction(ctx, actor, at, t.ID, 0, move); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
	}
	return w.heard(ctx, p, t, reporter, at)
}

// heard is what is said of a ticket beside its path: that one is shelved, and by residents, of every other that is closed how it went, and that one that waits concerns somebody else too.
func (w *filling) heard(ctx context.Context, p plot, t *ticket.Ticket, reporter access.Actor, at time.Time) (err error) {
	switch {
	case p.n >= firstOfHistory && p.until == ticket.Accepted && t.Public != nil && strings.HasPrefix(p.cell.Code, Home):
		_, err = w.Tickets.Follow(ctx, resident(w.record.Residents[p.n%residents]), at, t.Public.ID, "我家也受影响")
	case p.reporter.Account != "":
	case p.until == ticket.Divided:
		err = w.shared(ctx, p, at)
	case p.until == ticket.Closed && p.n%2 == 0:
		_, err = w.Ratings.Rate(ctx, reporter, at, rating.About{Kind: rating.Ticket, ID: t.ID}, rating.Input{ID: id("rating", t.ID), Grade: 5 - p.n/2%5, Words: []string{"处理得很快", "", "", "", "一直没有人回话"}[p.n/2%5]})
	case p.shelved:
		_, err = w.Tickets.TakeAction(ctx, dispatcherOf(p.cell.Place.Street), at, t.ID, 0, ticket.ActionInput{ID: id("move", fmt.Sprintf("%d/%s", p.n, ticket.Shelve)), Action: ticket.Shelve,
			Reason: "须待雨污分流改造，已列入明年计划", Measures: "每周巡查一次，设围挡", ReviewAt: at.Add(90 * 24 * time.Hour)})
	case (p.until == ticket.Reported || p.until == ticket.Accepted) && t.Public != nil:
		_, err = w.Tickets.Follow(ctx, resident(w.record.Residents[(p.n+1+p.n/10%4)%residents]), at, t.Public.ID, "我家也受影响") // anybody but the reporter
	}
	return err
}

// move is who takes an action, and what they say.
func (w *filling) move(ctx context.Context, p plot, action ticket.Action, reporter access.Actor, at time.Time) (access.Actor, ticket.ActionInput, error) {
	m := ticket.ActionInput{ID: id("move", fmt.Sprintf("%d/%s", p.n, action)), Action: action}
	lead, worker := w.staff.lead[p.cell.ID], w.staff.worker[p.cell.ID]
	handler, assignee := worker, access.Assignee{Kind: access.Person, ID: worker.Account}
	if p.n%3 == 1 {
		assignee = access.Assignee{Kind: access.Organisation, ID: w.staff.orgs[p.cell.Place.Street][p.n%2]}
		handler = w.staff.handlers[assignee.ID]
	}
	if m, ok := w.staff.mediators[p.cell.ID]; ok && p.n%3 == 2 {
		handler, assignee = m, access.Assignee{Kind: access.Person, ID: m.Account}
	}
	switch action {
	case ticket.Ask:
		m.Question = "请补充具体楼栋、时间和现场照片"
	case ticket.Reply:
		m.Answer = "已向您说明有关规定和办理途径，如情况有变请再告知"
	case ticket.Reject:
		m.Reason = "经核实不属于网格受理范围，已告知办理途径"
	case ticket.Withdraw:
		m.Reason = "已经自行解决"
		return reporter, m, nil
	case ticket.Dispatch:
		m.Assignee, m.Note = &assignee, "请当天到现场查看"
	case ticket.Start:
		return handler, m, nil
	case ticket.Suspend:
		m.Reason, m.Until = "等待配件到货", at.Add(25*24*time.Hour)
	case ticket.Resolve:
		m.Outcome, m.Note = "fixed", "已处理完毕"
		if p.category.AfterPhoto {
			after, err := w.photo(ctx, handler, p, "after")
			if err != nil {
				return handler, m, err
			}
			m.Photos = []string{after}
		}
		return handler, m, nil
	case ticket.Split:
		m.Children = p.children()
	case ticket.Merge:
		m.Into, m.Reason = id("ticket", fmt.Sprint(p.first().n)), "与同一地点的诉求合并办理"
	case ticket.Close:
		m.Verification, m.Reason = "phone", "已电话回访，居民认可"
	}
	return lead, m, nil
}

// photo stores a made-up picture.
func (w *filling) photo(ctx context.Context, by access.Actor, p plot, when string) (string, error) {
	photoID := id("photo", fmt.Sprintf("%d/%s", p.n, when))
	blobs := [2]string{uuid.NewString(), uuid.NewString()}
	_, err := photo.New(w.Store).Add(ctx, by, p.start, photoID, blobs, picture(p.n, when == "after"))
	return photoID, err
}

// picture is a street in a few strokes: sky, houses, road, and, before, what is in the way.
func picture(n int, tidy bool) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 240, 180))
	fill := func(x0, y0, x1, y1 int, c color.RGBA) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, 240, 100, color.RGBA{200, 220, 240, 255})
	for i := range 6 {
		top := 30 + (n*31+i*47)%45
		fill(i*40+3, top, i*40+37, 100, color.RGBA{uint8(150 + (n+i*20)%60), 140, uint8(120 + i*12), 255})
	}
	fill(0, 100, 240, 180, color.RGBA{120, 120, 124, 255})
	fill(0, 138, 240, 142, color.RGBA{235, 235, 235, 255})
	if !tidy {
		fill(75+n%30, 110, 145+n%30, 135, color.RGBA{180, 40, 40, 255})
	}
	var buf bytes.Buffer
	_ = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 80}) // a bytes.Buffer takes everything
	return buf.Bytes()
}
