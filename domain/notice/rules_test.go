package notice_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/collections"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/rating"
	"wangge/domain/service"
	"wangge/domain/sight"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// city is the small city with its people, who are told what happens.
type city struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]string // accounts by what they are called here
	names  map[string]string
	now    time.Time
	after  time.Time // what was told until then was looked at
}

// node is a process on the store.
type node struct {
	st       *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	tickets  *ticket.Tickets
	cases    *intake.Cases
	stations *station.Stations
	items    *service.Items
	links    *link.Links
	homes    *household.Households
	visits   visit.UseCases
	notices  *notice.Notices
}

func (c *city) join(engine store.Engine) *node {
	t, n := c.t, &node{}
	t.Helper()
	n.st, n.areas = worldtest.Open(t, engine, store.Options{Rehearse: true, Log: slog.New(slog.DiscardHandler)}, collections.All(c.keys)...)
	n.accounts = account.New(n.st, n.areas, c.keys, account.Options{DemoCode: "000000"})
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	qualifications := service.NewQualifications(n.st, n.accounts, n.items)
	n.stations = station.New(n.st, n.areas, c.keys, calendars, n.items, qualifications)
	n.tickets = ticket.New(n.st, n.areas, n.accounts, policies, calendars, c.keys)
	n.links = link.New(n.st)
	n.homes = household.New(n.st, n.areas, policies, c.keys)
	n.visits = visit.New(n.st, n.areas, c.keys, n.homes)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, c.keys)
	ratings := rating.New(n.st, n.areas, n.accounts, policies, calendars, c.keys)
	n.notices = notice.New(n.st, n.areas, n.accounts, n.tickets)
	n.notices.Keys = c.keys
	n.accounts.Serving = n.stations.Serving
	n.notices.Sights = sight.All(sight.Of{Accounts: n.accounts, Areas: n.areas, Promises: n.visits.Promises, Stations: n.stations, Cases: n.cases, Ratings: ratings, Tickets: n.tickets, Visits: n.visits.Visits, Stops: n.visits.Stops, HomeCalls: &homecall.Calls{Store: n.st}, Qualifications: qualifications})
	return n
}

const wang = "13812345678" // the resident's phone

func settle(t testing.TB, at enginetest.Place) *city {
	t.Helper()
	c := &city{t: t, place: at, keys: worldtest.Keys(t), people: map[string]string{}, names: map[string]string{}, now: noon}
	c.node = c.join(at.Open(t))
	worldtest.Import(t, c.areas, noon, worldtest.Areas)
	worldtest.Draw(t, c.areas, noon, worldtest.Cells...)
	for who, in := range map[string]account.GrantInput{
		"admin": {Role: access.Admin}, "manager": {Role: access.StreetManager, Area: worldtest.Jia}, "community": {Role: access.CommunityManager, Area: worldtest.JiaOne}, "dispatcher": {Role: access.Dispatcher, Area: worldtest.Jia},
		"lead": {Role: access.GridLead, Area: worldtest.JiaOne}, "worker": {Role: access.OutreachWorker, Area: worldtest.JiaOne}, "second": {Role: access.OutreachWorker, Area: worldtest.JiaOne}, "counter": {Role: access.CounterWorker, Area: worldtest.JiaOne},
		"resident": {Role: access.Resident}, "neighbour": {Role: access.Resident},
	} {
		new := account.NewAccount{Username: who, Name: "某" + who, Grants: []account.GrantInput{in}}
		a := must(c.accounts.Create(t.Context(), access.Program, noon, new))(t)
		c.people[who], c.names[a.ID] = a.ID, who
	}
	c.post("lead", "worker")
	for code, content := range map[string]service.Content{"insurance": {Category: "社保", Name: "灵活就业参保登记", Department: "人社局", WorkingDays: 5}} {
		must(c.items.Put(t.Context(), c.as("admin"), noon, code, 0, service.Decision{From: "2026-01-01", Content: content}))(t)
	}
	st := must(c.stations.Create(t.Context(), c.as("admin"), noon, station.Draft{ID: ids.New(), Street: worldtest.Jia, Name: "甲一站", Position: place.PositionAt(worldtest.At[worldtest.East], geo.WGS84, nil),
		Models: []station.ModelSpan{{Model: station.OneForOne, Counter: true}}, Communities: []station.ServedIn{{Code: worldtest.JiaOne}},
		Hours: calendar.Hours{Weekly: []calendar.Weekly{{Days: []calendar.Weekday{1, 2, 3, 4, 5}, Spans: []calendar.Span{{From: "09:00", Until: "17:00"}}}}}}))(t)
	c.people["station"] = st.ID
	must(c.stations.SetStaff(t.Context(), c.as("admin"), noon, st.ID, 0, []station.Post{{Account: c.people["counter"], Part: station.Director}}))(t)
	c.told() // what made the city
	return c
}

// post staffs the cell in the east: a lead and a worker, as far as they are named.
func (c *city) post(lead, worker string) {
	c.t.Helper()
	var posts []area.Post
	for who, role := range map[string]access.Role{lead: access.GridLead, worker: access.OutreachWorker} {
		if who != "" {
			posts = append(posts, area.Post{Account: c.people[who], Role: role})
		}
	}
	must(c.accounts.SetStaff(c.t.Context(), access.Program, c.now, worldtest.East, posts, nil, 0))(c.t)
	must(0, c.areas.Refresh(c.t.Context()))(c.t)
}

// as is somebody as of now.
func (c *city) as(who string) access.Actor {
	c.t.Helper()
	a := must(c.accounts.Reached(c.t.Context(), c.people[who], c.now))(c.t)
	a.Session = "s"
	return a
}

// told is what people were told since it was asked for last: who, as what, and
// about which kind of thing; and, of who stands in, for whom, or that it is urgent.
func (c *city) told() (out []string) {
	c.t.Helper()
	must(0, c.areas.Refresh(c.t.Context()))(c.t)
	lease := must(c.st.Acquire(c.t.Context(), "notices", "test", time.Hour))(c.t)
	consumer := c.notices.Consumer(func() time.Time { return c.now })
	consumer.Unknown = func(action string) { c.t.Errorf("no row for %s", action) }
	must(0, consumer.CatchUp(c.t.Context(), c.st, lease))(c.t)
	must(0, c.st.Release(c.t.Context(), lease))(c.t)
	for {
		all := must(c.notices.Since(c.t.Context(), c.after, 500))(c.t)
		for _, n := range all {
			if err := notice.Check(n); err != nil {
				c.t.Error(err)
			}
			line := c.names[n.Recipient] + ": " + string(n.Kind) + " " + n.About.Kind
			if n.For != "" {
				line += " for " + c.names[n.For]
			}
			if n.Importance == notice.Urgent {
				line += " urgent"
			}
			out, c.after = append(out, line), n.Made()
		}
		if len(all) < 500 {
			slices.Sort(out)
			return out
		}
	}
}

// want fails where people are told something else.
func (c *city) want(what string, want ...string) {
	c.t.Helper()
	c.now = c.now.Add(time.Minute)
	if got := c.told(); !slices.Equal(got, want) {
		c.t.Errorf("%s: told\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// report is a ticket of the resident's in the east.
func (c *city) report() string {
	c.t.Helper()
	spot := worldtest.At[worldtest.East]
	return must(c.tickets.Report(c.t.Context(), c.as("resident"), c.now, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: &spot, Datum: geo.WGS84}))(c.t).ID
}

func (c *city) take(who, id string, in ticket.ActionInput) *ticket.Ticket {
	c.t.Helper()
	return must(c.tickets.TakeAction(c.t.Context(), c.as(who), c.now, id, 0, in))(c.t)
}

func (c *city) comment(who, id string) {
	c.t.Helper()
	must(c.tickets.Comment(c.t.Context(), c.as(who), c.now, id, ticket.NewComment{ID: ids.New(), Text: "还在吗？"}))(c.t)
}

func (c *city) dispatch(id, to string) {
	c.t.Helper()
	c.take("lead", id, ticket.ActionInput{Action: ticket.Dispatch, Assignee: &access.Assignee{Kind: access.Person, ID: c.people[to]}})
}

// A ticket from its report to its end: each hears what concerns them, once.
func TestTicketIsTold(t *testing.T) {
	worldtest.Each(t, settle, func(t *testing.T, c *city) {
		c.want("nothing")
		id := c.report()
		c.want("report", "lead: ticket_in_street ticket")
		c.comment("resident", id)
		c.want("a comment while nobody has it", "lead: ticket_changed ticket")
		accepted := c.take("lead", id, ticket.ActionInput{Action: ticket.Accept})
		c.want("accept", "resident: ticket_changed ticket")
		must(c.tickets.Follow(t.Context(), c.as("resident"), c.now, id, ""))(t)
		must(c.tickets.Follow(t.Context(), c.as("worker"), c.now, id, ""))(t)
		if public := accepted.PublicID(); public != "" {
			must(c.tickets.Follow(t.Context(), c.as("neighbour"), c.now, public, ""))(t)
		}
		c.dispatch(id, "second")
		c.want("dispatch", "neighbour: ticket_changed followed-ticket", "resident: ticket_changed ticket", "second: ticket_assigned ticket", "worker: ticket_changed ticket")
		c.take("second", id, ticket.ActionInput{Action: ticket.Start})
		c.want("start", "neighbour: ticket_changed followed-ticket", "resident: ticket_changed ticket", "worker: ticket_changed ticket")
		c.comment("resident", id)
		c.want("the reporter's comment", "second: ticket_changed ticket")
		c.comment("lead", id)
		c.want("a comment of who leads", "resident: ticket_changed ticket", "second: ticket_changed ticket")
		c.take("second", id, ticket.ActionInput{Action: ticket.Apply, Request: ticket.ForReturn, Reason: "不归我管"})
		c.want("request", "lead: ticket_request ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Refuse, Request: ticket.ForReturn, Reason: "归您管"})
		c.want("refuse", "second: ticket_decided ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Suspend, Reason: "等材料", Until: c.now.Add(48 * time.Hour)})
		c.want("suspend", "neighbour: ticket_changed followed-ticket", "resident: ticket_changed ticket", "second: ticket_changed ticket", "worker: ticket_changed ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Resume})
		c.want("resume", "resident: ticket_changed ticket", "second: ticket_changed ticket")
		c.take("second", id, ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed"})
		c.want("resolve", "lead: ticket_to_check ticket", "neighbour: ticket_changed followed-ticket", "resident: ticket_changed ticket", "worker: ticket_changed ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Close, Verification: "phone"})
		c.want("close", "resident: ticket_changed ticket", "second: ticket_changed ticket")
	})
}

// What todo asks is told as that and as nothing else, and what is urgent there is urgent here.
func TestAskedIsToldOnce(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		id := c.report()
		c.want("report", "lead: ticket_in_street ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Ask, Question: "哪一栋？"})
		c.want("ask", "resident: ticket_asked ticket")
		c.take("resident", id, ticket.ActionInput{Action: ticket.Answer, Answer: "三栋"})
		c.want("answer", "lead: ticket_answered ticket")
		street := worldtest.ID(t, c.areas, worldtest.Jia)
		for _, urgent := range []bool{false, true} {
			must(0, c.st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
				about := todo.About{Kind: "ticket", ID: id, Place: access.Place{Street: street}}
				return todo.Ask(t.Context(), tx, todo.Asking{Kind: ticket.ClockOver, About: about, Occasion: fmt.Sprint(urgent), To: []string{c.people["manager"], c.people["neighbour"]}, Urgent: urgent}, store.Entry{At: c.now, Actor: "system"})
			}))(t)
			want := "manager: ticket_overdue ticket" // and not the neighbour, who sees nothing of it
			if urgent {
				want += " urgent"
			}
			c.want("overdue", want)
		}
	})
}

// Who stands in for somebody is told what that one is, for as long as it lasts.
func TestStandInIsToldMeanwhile(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		from, until := c.now.Add(24*time.Hour), c.now.Add(48*time.Hour)
		cover := account.NewCover{Absent: c.people["worker"], StandIn: c.people["second"], From: from, Until: until, Why: account.CoverReason(account.CoverReasonWords.Words[0].Code)}
		must(c.accounts.AddCover(t.Context(), c.as("manager"), c.now, cover))(t)
		c.want("cover", "second: standing_in cover", "worker: standing_in cover")
		for _, at := range []time.Time{from.Add(-time.Hour), from, until} {
			c.now = at
			want := []string{"resident: ticket_changed ticket", "worker: ticket_assigned ticket"}
			if at.Equal(from) {
				want = slices.Insert(want, 1, "second: ticket_assigned ticket for worker")
			}
			id := c.report()
			c.take("lead", id, ticket.ActionInput{Action: ticket.Accept})
			c.told()
			c.now = at.Add(time.Minute)
			c.dispatch(id, "worker")
			if got := c.told(); !slices.Equal(got, want) {
				t.Errorf("from %s to %s, at %s: %q", from, until, at, got)
			}
		}
	})
}

// Who may not see it any more is told nothing of what waited meanwhile, nor
// shown what they were told; an account that was disabled is told nothing.
func TestWhoLostSightIsToldNothing(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		id := c.report()
		must(c.tickets.Follow(t.Context(), c.as("worker"), c.now, id, ""))(t)
		c.want("report", "lead: ticket_in_street ticket")
		c.take("lead", id, ticket.ActionInput{Action: ticket.Accept})
		lead := c.as("lead")
		c.post("", "second")
		c.want("accept, by who leads there no more, and followed by who works there no more", "community: ticket_in_street ticket", "resident: ticket_changed ticket", "second: cell_staff cell")
		if seen := must(c.notices.SeenBy(t.Context(), lead, c.now, must(c.notices.Since(t.Context(), time.Time{}, 500))(t)))(t); len(seen) == 0 {
			t.Error("nothing was to be seen before")
		}
		page, _, err := c.notices.List(t.Context(), c.as("lead"), c.now, notice.Filter{Limit: 50})
		for _, n := range must(page, err)(t) {
			if n.About.ID == id {
				t.Errorf("the lead of before is shown %s", n.Kind)
			}
		}
		c.report()
		must(c.accounts.Update(t.Context(), c.as("admin"), c.now, c.people["community"], 0, account.Change{Disabled: new(true)}))(t)
		c.want("report, as the community's manager was disabled", "dispatcher: ticket_in_street ticket", "manager: ticket_in_street ticket")
	})
}

// Those who reported or follow what is merged are told once each.
func TestMergedIsToldOnce(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		one, other := c.report(), c.report()
		must(c.tickets.Follow(t.Context(), c.as("resident"), c.now, one, ""))(t)
		must(c.tickets.Follow(t.Context(), c.as("worker"), c.now, one, ""))(t)
		c.told()
		c.take("lead", one, ticket.ActionInput{Action: ticket.Merge, Into: other})
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			defer close(over)
			c.tickets.RunClock(ctx, jobs.Node{Store: c.st, Name: "clock", Now: func() time.Time { return c.now }, Log: slog.New(slog.DiscardHandler)})
		}()
		asked := func() (n int) {
			for _, e := range worldtest.Journal(t, c.st, worldtest.ID(t, c.areas, worldtest.Jia)) {
				if e.Dims["kind"] == string(ticket.ToldMerged) {
					n++
				}
			}
			return n
		}
		for asked() < 2 { // the reporter, and who follows it
			time.Sleep(time.Millisecond)
		}
		stop()
		<-over
		c.want("merge", "resident: ticket_merged ticket", "worker: ticket_merged followed-ticket")
	})
}

// A case is told to who sees it through and to whose it is, by the phone that they proved.
func TestCaseIsToldToWhoseItIs(t *testing.T) {
	worldtest.Each(t, settle, func(t *testing.T, c *city) {
		open := func(phone string) *intake.Case {
			return must(c.cases.Open(t.Context(), c.as("counter"), c.now, intake.Draft{ID: ids.New(), Item: "insurance", Community: worldtest.JiaOne, Station: c.people["station"], Applicant: intake.ApplicantInput{Name: "王小明", Phone: phone}}))(t)
		}
		k := open(wang)
		c.want("opened by the counter itself, for a phone without an account")
		act := func(in intake.ActionInput) {
			must(c.cases.TakeAction(t.Context(), c.as("counter"), c.now, k.ID, 0, in))(t)
		}
		act(intake.ActionInput{Action: intake.Accept})
		c.want("accept")
		c.prove(wang)
		k = open(wang)
		c.want("opened for whose phone is known", "owner: case_changed own-case")
		act(intake.ActionInput{Action: intake.Accept})
		c.want("accept", "owner: case_changed own-case")
		act(intake.ActionInput{Action: intake.AskMaterial, Missing: []string{"身份证"}})
		c.want("ask for material", "owner: case_missing own-case")
	})
}

// prove signs somebody in by a phone, whose account that is from then on.
func (c *city) prove(phone string) {
	c.t.Helper()
	in := must(c.accounts.SignIn(c.t.Context(), c.now, account.Credentials{Phone: phone, Code: "000000"}, "192.0.2.1"))(c.t)
	c.names[in.Account.ID] = "owner"
}

// Silence at an old person's door is urgent to who leads there, be it their own
// call; what they decide of a proof is told to who was there.
func TestSilenceIsUrgent(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		id := ids.New()
		home, _, err := c.homes.Create(t.Context(), c.as("admin"), c.now, household.Draft{ID: id, Address: household.Address{Estate: "大儒巷", Building: "1", Room: "101"}, Position: worldtest.At[worldtest.East], Datum: geo.WGS84,
			Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: new("王小明")}, Tags: []household.TagInput{{Code: "empty_nest_elder", Since: noon.AddDate(-1, 0, 0)}}}}})
		must(home, err)(t)
		call := func(who string) *visit.Stop {
			c.now = c.now.Add(2 * time.Hour)
			stop := must(c.visits.Stops.CheckIn(t.Context(), c.as(who), c.now, visit.Arrival{ID: ids.New(), Household: home.ID, Channel: visit.Phone, OnTheSpot: true}))(t)
			return must(c.visits.Stops.Complete(t.Context(), c.as(who), c.now, stop.ID, 0, visit.Completion{Result: visit.NoAnswer}, nil))(t)
		}
		call("worker")
		c.want("silence once")
		stop := call("worker")
		if stop.Alert != visit.Raised {
			t.Fatalf("the alert is %q", stop.Alert)
		}
		c.want("silence twice", "lead: welfare_alert stop urgent")
		must(c.visits.Reviews.ClearAlert(t.Context(), c.as("lead"), c.now, stop.ID, 0, "已联系子女"))(t)
		c.want("seen to")
		call("lead")
		c.want("silence to the lead", "community: welfare_alert stop urgent")
	})
}

// Whom a cell and a duty roster name hear of it.
func TestStaffIsTold(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		c.post("lead", "second")
		c.want("staff", "lead: cell_staff cell", "second: cell_staff cell")
		night := account.DutyShift{Account: c.people["community"], From: noon.Add(8 * time.Hour), Until: noon.Add(20 * time.Hour)}
		must(c.accounts.SetDuty(t.Context(), c.as("manager"), c.now, worldtest.Jia, "2026-11", 0, []account.DutyShift{night}))(t)
		c.want("duty", "community: on_duty duty")
		must(c.accounts.Update(t.Context(), c.as("admin"), c.now, c.people["second"], 0, account.Change{Disabled: new(true)}))(t)
		c.post("lead", "worker")
		c.want("who was disabled hears nothing", "lead: cell_staff cell", "worker: cell_staff cell")
	})
}

// Linked to a ticket, a case is told to who sees it through.
func TestLinkedCaseIsTold(t *testing.T) {
	worldtest.One(t, settle, func(t *testing.T, c *city) {
		id := c.report()
		k := must(c.cases.Open(t.Context(), c.as("counter"), c.now, intake.Draft{ID: ids.New(), Item: "insurance", Community: worldtest.JiaOne, Station: c.people["station"], Applicant: intake.ApplicantInput{Name: "王小明", Phone: wang}}))(t)
		c.want("both", "lead: ticket_in_street ticket")
		must(c.links.Make(t.Context(), c.as("community"), c.now, link.End{Thing: link.Ticket, ID: id}, link.Making{Kind: link.SameMatter, Other: link.End{Thing: link.Case, ID: k.ID}, Reason: "同一件事"}))(t)
		c.want("linked", "counter: case_linked intake-case")
	})
}
