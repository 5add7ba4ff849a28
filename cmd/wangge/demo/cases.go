package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/photo"
	"wangge/domain/policy"
	"wangge/domain/service"
	"wangge/domain/ticket"
)

// platforms whose cases come in, by name, with what they call states.
var platforms = []struct {
	name, title, account string
	words                map[intake.State]string
}{
	{"sz-service", "苏州市政务服务一网通办", string(access.Integration), map[intake.State]string{
		intake.Received: "收件", intake.Accepted: "受理", intake.NotAccepted: "不予受理", intake.InReview: "审核", intake.NeedsMaterial: "补正告知",
		intake.Done: "办结", intake.Refused: "不予许可", intake.Withdrawn: "申请人撤回", intake.Collected: "已取件"}},
	{"sip-oneform", "园区社区一表通", "integration-park", map[intake.State]string{
		intake.Received: "NEW", intake.Accepted: "ACCEPTED", intake.NotAccepted: "REJECTED", intake.InReview: "REVIEW", intake.NeedsMaterial: "PENDING",
		intake.Done: "DONE", intake.Refused: "DENIED", intake.Withdrawn: "CANCELLED", intake.Collected: "PICKED_UP"}},
}

const unmapped = "转省级部门" // which nobody has said the meaning of yet

// toThere are the actions that bring a case of ours to a state.
var toThere = map[intake.State][]intake.Action{
	intake.Accepted: {intake.Accept}, intake.NotAccepted: {intake.NotAccept}, intake.InReview: {intake.Accept, intake.Review}, intake.NeedsMaterial: {intake.Accept, intake.AskMaterial},
	intake.Done: {intake.Accept, intake.Review, intake.Finish}, intake.Refused: {intake.Accept, intake.Review, intake.Refuse}, intake.Withdrawn: {intake.Withdraw},
	intake.Collected: {intake.Accept, intake.Review, intake.Finish, intake.Collect},
}

// matter is a case to be made: whose, what, since when, and how far it came.
type matter struct {
	n        int // at its counter
	counter  counter
	platform int // -1: by hand
	item     *service.Item
	state    intake.State
	opened   time.Time
	who      access.Actor // sees it through
}

func (m matter) number() string { return fmt.Sprintf("%s-%05d", m.counter.key, m.n+1) }

// id is that of the case.
func (m matter) id() string {
	if m.platform < 0 {
		return id("case", m.number())
	}
	return intake.Key{System: platforms[m.platform].name, Number: m.number()}.ID()
}

// systems says which platforms there are, and what their words mean.
func (w *filling) systems(ctx context.Context) error {
	_, err := w.Accounts.Create(ctx, access.Program, w.began, account.NewAccount{ID: id("account", platforms[1].account), Username: platforms[1].account, Name: platforms[1].title, Machine: true,
		Grants: []account.GrantInput{{Role: access.Integration, Area: "3205"}}})
	if err != nil {
		return err
	}
	for _, p := range platforms {
		in := intake.SystemInput{Title: p.title, Accounts: []string{id("account", p.account)}}
		for _, state := range intake.States {
			if word := p.words[state]; word != "" {
				in.States = append(in.States, intake.Word{Word: word, State: state})
			}
		}
		if _, err := w.Cases.PutSystem(ctx, access.Program, w.began, p.name, 0, in); err != nil {
			return err
		}
	}
	return nil
}

// cases makes those of a year: of every counter one in each state, and
// many that are over; what is linked with tickets comes after.
func (w *filling) cases(ctx context.Context) error {
	if err := w.systems(ctx); err != nil {
		return err
	}
	all, err := w.matters(ctx)
	if err != nil {
		return err
	}
	err = inParallel(ctx, w.told, all, func(ctx context.Context, _ int, m matter) error {
		if err := w.take(ctx, m); err != nil {
			return fmt.Errorf("case %s, %s since %s: %w", m.number(), m.state, m.opened, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.attached(ctx, all); err != nil {
		return err
	}
	return w.linked(ctx, all)
}

// matters are the cases that are made, the same each time.
func (w *filling) matters(ctx context.Context) (all []matter, err error) {
	items, err := w.Items.All(ctx, w.Store, w.now)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(63, 1))
	for _, c := range w.counters() {
		for n := range 6 * c.monthly {
			all = append(all, w.matter(rng, c, n, c.takes(items)))
		}
	}
	return append(all, w.away(rng, items)...), nil
}

// away are the cases that the platforms tell of in the communities without a counter: one or two in the year.
func (w *filling) away(rng *rand.Rand, items []*service.Item) (all []matter) {
	served := map[string]bool{}
	for _, c := range w.counters() {
		for _, code := range c.communities {
			served[code] = true
		}
	}
	for _, street := range w.elsewhere() {
		for _, c := range w.staff.streets[street] {
			code := c.Code[:len(homeCommunity)]
			if served[code] {
				continue
			}
			served[code] = true
			for n := range 1 + rng.IntN(2) {
				m := matter{n: n, counter: counter{key: code, street: street, communities: []string{code}}, item: items[rng.IntN(len(items))]}
				if !strings.HasPrefix(code, town) {
					m.platform = 1
				}
				days := rng.IntN(aYear)
				m.state = []intake.State{intake.Done, intake.Done, intake.Collected, intake.Collected, intake.Collected, intake.Refused, intake.Withdrawn, intake.NotAccepted}[rng.IntN(8)]
				if days < 20 {
					m.state = []intake.State{intake.Received, intake.Accepted, intake.InReview}[rng.IntN(3)]
				}
				m.opened = w.now.AddDate(0, 0, -days).Add(-time.Duration(1+rng.IntN(240)) * time.Minute)
				all = append(all, m)
			}
		}
	}
	return all
}

// station is where the case is taken; of those of the communities without a counter nobody says.
func (m matter) station() string {
	if m.counter.name == "" {
		return ""
	}
	return id("station", m.counter.key)
}

// attached: residents sent photos of what is wanting, and of what is not.
func (w *filling) attached(ctx context.Context, all []matter) error {
	for _, m := range all {
		if m.ofResident() < 0 || m.state != intake.NeedsMaterial && m.state != intake.InReview {
			continue
		}
		c, err := intake.Load(ctx, w.Store, m.id())
		if err != nil {
			return err
		}
		who := resident(w.record.Residents[m.ofResident()])
		who.Phone = c.Applicant.Phone.Index
		at := w.now.Add(-time.Duration(1+m.n) * time.Hour)
		shown := id("photo", "case/"+m.number())
		if _, err := photo.New(w.Store).Add(ctx, who, at, shown, [2]string{uuid.NewString(), uuid.NewString()}, picture(m.n, false)); err != nil {
			return err
		}
		if _, err := w.Cases.AttachOwn(ctx, who, at, c.ID, intake.Material{ID: id("material", m.number()), Name: "户口簿复印件", Photos: []string{shown}}); err != nil {
			return fmt.Errorf("a material of case %s: %w", m.number(), err)
		}
	}
	return nil
}

// matter decides what is made: the first of a counter are one in each state,
// the latest came today, and of those of before most are over.
func (w *filling) matter(rng *rand.Rand, c counter, n int, items []*service.Item) matter {
	m := matter{n: n, counter: c, platform: rng.IntN(2), item: items[(n*7+len(c.key))%len(items)], who: w.atCounter(c, n%c.staff)}
	days := rng.IntN(aYear / 2)
	if rng.IntN(3) == 0 {
		days += aYear / 2
	}
	switch {
	case n < len(intake.States):
		m.state, days = intake.States[n], 1+n
		if m.state == intake.Other {
			m.platform = 0
		}
	case n < len(intake.States)+6:
		m.state, days = []intake.State{intake.Received, intake.Accepted, intake.NeedsMaterial}[n%3], n%2
	case days < 30 && rng.IntN(2) == 0:
		m.state = []intake.State{intake.Accepted, intake.InReview, intake.InReview, intake.NeedsMaterial}[rng.IntN(4)]
	default:
		m.state = []intake.State{intake.Done, intake.Done, intake.Collected, intake.Collected, intake.Collected, intake.Refused, intake.Withdrawn, intake.NotAccepted}[rng.IntN(8)]
	}
	if m.state != intake.Other && rng.IntN(7) == 0 {
		m.platform = -1
	}
	if n%5 == 2 && m.state.Open() { // what is with the demo sign-in
		m.who = w.atCounter(c, 1%c.staff)
	}
	ago := time.Duration(1+rng.IntN(240)) * time.Minute
	if days == 0 { // today
		ago = min(ago, w.now.Sub(civil.DateOf(w.now).Start()))
	}
	m.opened = w.now.AddDate(0, 0, -days).Add(-ago)
	return m
}

// ofResident tells which of the demo residents has the case: of the counter at
// home each has some, one in each state among them. -1: none.
func (m matter) ofResident() int {
	if m.counter.key == "pingjiang" && m.n < len(intake.States) {
		return m.n % residents
	}
	return -1
}

// applicant is a demo resident, or made up; nobody has the phone then.
func (m matter) applicant() intake.ApplicantInput {
	if r := m.ofResident(); r >= 0 {
		return intake.ApplicantInput{Name: residentName(r), Phone: residentPhone(r)}
	}
	k := m.n*31 + len(m.counter.key)*7
	return intake.ApplicantInput{Name: name(k), Phone: fmt.Sprintf("190%08d", 90_000_000+k)}
}

func (m matter) community() string { return m.counter.communities[m.n%len(m.counter.communities)] }

// after is a moment of the case, so many of four steps on, and not in the future.
func (m matter) after(step int, now time.Time) time.Time {
	at := m.opened.Add(time.Duration(step) * time.Duration(8+m.n%40) * time.Hour)
	if at.After(now) {
		return now
	}
	return at
}

// take makes a case, as a platform tells of it or by hand.
func (w *filling) take(ctx context.Context, m matter) error {
	address := fmt.Sprintf("%s%d幢%d0%d室", short(areaName(w.World, w.communityID(m.community()))), 1+m.n%30, 1+m.n%6, 1+m.n%4)
	if m.platform < 0 {
		return w.byHand(ctx, m, address)
	}
	p := platforms[m.platform]
	in := intake.Upsert{Item: m.item.Code, State: cmp.Or(p.words[m.state], unmapped), ChangedAt: m.after(3, w.now), OpenedAt: m.opened, Community: m.community(), Station: m.station(),
		Address: address, Applicant: m.applicant()}
	for trip := range m.n % 3 {
		in.Trips = append(in.Trips, intake.Trip{On: civil.DateOf(m.after(trip, w.now)), Reason: "递交材料"})
	}
	switch m.state {
	case intake.Received, intake.NotAccepted, intake.Other:
	default:
		in.AcceptedAt = m.after(1, w.now)
	}
	switch m.state {
	case intake.NotAccepted, intake.NeedsMaterial:
		in.Missing, in.Reason = []string{"户口簿复印件", "近期一寸照片"}, "材料不齐，已一次性告知"
	case intake.Refused:
		in.Reason = "不符合申办条件"
	}
	machine := access.Actor{Account: id("account", p.account), Grants: []access.Grant{{Role: access.Integration, Level: access.City, Area: w.cityID()}}}
	c, _, err := w.Cases.Upsert(ctx, machine, in.ChangedAt, intake.Key{System: p.name, Number: m.number()}, in)
	if err != nil || !m.state.Open() || c.Worker == m.who.Account || m.who.Account == "" {
		return err
	}
	_, err = w.Cases.Update(ctx, m.who, in.ChangedAt, c.ID, 0, intake.Change{Worker: &m.who.Account})
	return err
}

func (w *filling) byHand(ctx context.Context, m matter, address string) error {
	c, err := w.Cases.Open(ctx, m.who, m.opened, intake.Draft{ID: m.id(), Item: m.item.Code, Station: id("station", m.counter.key), Community: m.community(), Address: address, Applicant: m.applicant()})
	if err != nil {
		return err
	}
	for i, action := range toThere[m.state] {
		in := intake.ActionInput{ID: id("case move", fmt.Sprintf("%s/%s", m.number(), action)), Action: action}
		switch action {
		case intake.NotAccept, intake.AskMaterial:
			in.Missing, in.Reason = []string{"户口簿复印件", "近期一寸照片"}, "材料不齐，已一次性告知"
		case intake.Refuse, intake.Withdraw:
			in.Reason = "经核对不再办理"
		}
		if _, err := w.Cases.TakeAction(ctx, m.who, m.after(i+1, w.now), c.ID, 0, in); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
	}
	return nil
}

// linked: what was heard at the counter of the demo sign-in became tickets at
// home, one of which is over; and a ticket there became a case.
func (w *filling) linked(ctx context.Context, all []matter) error {
	category, _ := policy.Default().Category("pipe_dispute")
	var open []matter
	for _, m := range all {
		if m.who.Account == id("account", string(access.CounterWorker)) && m.state.Open() && !m.item.Sensitive {
			open = append(open, m)
		}
	}
	for i, until := range []ticket.State{ticket.Accepted, ticket.InProgress, ticket.Closed} {
		if i >= len(open) {
			break
		}
		cell := w.staff.home[i%len(w.staff.home)]
		p := plot{n: 100_000 + 3*i, cell: cell, at: cell.Centre, category: category, title: titles[category.Code][i], until: until, start: domain.Later(open[i].opened, w.now.Add(-72*time.Hour)), reporter: open[i].who}
		if err := w.play(ctx, p); err != nil {
			return fmt.Errorf("a ticket from a case: %w", err)
		}
		made := link.Making{Kind: link.OriginatedFrom, Other: link.End{Thing: link.Case, ID: open[i].id()}, Reason: "居民在窗口反映，由网格处理"}
		if _, err := w.Links.Make(ctx, open[i].who, p.start, link.End{Thing: link.Ticket, ID: id("ticket", fmt.Sprint(p.n))}, made); err != nil {
			return fmt.Errorf("a ticket from a case: %w", err)
		}
	}
	home := slices.IndexFunc(all, func(m matter) bool { return m.counter.key == "pingjiang" && m.state.Open() && !m.item.Sensitive })
	if home < 0 {
		return nil
	}
	community, _ := w.Areas.Tree().ByCode(homeCommunity)
	manager := access.Actor{Account: id("account", string(access.CommunityManager)), Grants: []access.Grant{{Role: access.CommunityManager, Level: access.Community, Area: community.ID}}}
	made := link.Making{Kind: link.FollowUp, Other: link.End{Thing: link.Ticket, ID: id("ticket", "0")}, Reason: "网格上报后到窗口申办"}
	_, err := w.Links.Make(ctx, manager, w.now.Add(-time.Hour), link.End{Thing: link.Case, ID: all[home].id()}, made)
	if err != nil {
		return fmt.Errorf("a case that follows a ticket: %w", err)
	}
	return nil
}

func (w *filling) cityID() string {
	a, _ := w.Areas.Tree().ByCode("3205")
	return a.ID
}
