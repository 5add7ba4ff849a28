package handlers

import (
	"fmt"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/web"
)

// draftIn is the body of POST /v1/tickets.
type draftIn struct {
	ID          string                    `json:"id"`
	Kind        ticket.Kind               `json:"kind"`
	Category    string                    `json:"category" need:"true"`
	Source      ticket.Source             `json:"source"`
	Urgency     ticket.Urgency            `json:"urgency"`
	Title       string                    `json:"title" need:"true"`
	Description string                    `json:"description" lines:"true"`
	Address     string                    `json:"address"`
	Position    *web.PositionIn           `json:"position" need:"address household"`
	Household   string                    `json:"household"`
	Area        string                    `json:"area"`
	Photos      []string                  `json:"photos"`
	Anonymous   bool                      `json:"anonymous"`
	Answer      string                    `json:"answer" lines:"true"`
	OnBehalfOf  web.Nullable[residentIn]  `json:"onBehalfOf"`
	Clock       web.Nullable[web.ClockIn] `json:"clock"`
}

type residentIn struct {
	Name  string `json:"name"`
	Phone string `json:"phone" need:"true"`
}

// ticketActionIn is the body of POST /v1/tickets/{id}/transitions.
type ticketActionIn struct {
	ID           string                    `json:"id"`
	Action       ticket.Action             `json:"action" need:"true"`
	Note         string                    `json:"note" lines:"true"`
	Reason       string                    `json:"reason" lines:"true"`
	Assignee     *assigneeIn               `json:"assignee"`
	Helpers      []assigneeIn              `json:"helpers"`
	Until        web.Nullable[time.Time]   `json:"until"`
	Outcome      ticket.Outcome            `json:"outcome"`
	Photos       []string                  `json:"photos"`
	Verification ticket.Verification       `json:"verification"`
	Condition    string                    `json:"condition"`
	Category     string                    `json:"category"`
	Position     *web.PositionIn           `json:"position"`
	Candidate    string                    `json:"candidate"`
	Into         string                    `json:"into"`
	Question     string                    `json:"question" lines:"true"`
	Answer       string                    `json:"answer" lines:"true"`
	Request      ticket.RequestKind        `json:"request"`
	Facts        string                    `json:"facts" lines:"true"`
	Departments  []string                  `json:"departments"`
	Measures     string                    `json:"measures" lines:"true"`
	ReviewAt     web.Nullable[time.Time]   `json:"reviewAt"`
	Children     []childIn                 `json:"children"`
	Helper       *assigneeIn               `json:"helper"`
	Ticked       []string                  `json:"ticked"`
	Street       string                    `json:"street"`
	Clock        web.Nullable[web.ClockIn] `json:"clock"`
}

// childIn is a matter that a ticket is split into.
type childIn struct {
	ID          string `json:"id"`
	Category    string `json:"category" need:"true"`
	Title       string `json:"title" need:"true"`
	Description string `json:"description" lines:"true"`
}

type assigneeIn struct {
	Kind assigneeKind `json:"kind" need:"true"`
	ID   string       `json:"id" need:"true"`
}

type photosIn struct {
	When   photoTime `json:"when" need:"true"`
	Photos []string  `json:"photos" need:"true"`
}

type commentIn struct {
	ID       string                    `json:"id"`
	Text     string                    `json:"text" need:"true" lines:"true"`
	Internal bool                      `json:"internal"`
	Clock    web.Nullable[web.ClockIn] `json:"clock"`
}

// chosen is the id a client brought, checked, or a new one.
func chosen(id string) (string, error) {
	bad := &domain.InvalidError{}
	id = ids.Given(id, "/id", bad)
	return id, bad.Err()
}

func reportTicket(r *apiRequest) (*web.Reply, error) {
	var in draftIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	t, err := r.Tickets.Report(r.Ctx, r.Actor, r.Now, in.draft(r))
	if err != nil {
		return nil, err
	}
	return r.ticketMade(t, 201)
}

func (in *draftIn) draft(r *apiRequest) ticket.Draft {
	var bad domain.InvalidError
	id := ids.Given(in.ID, "/id", &bad)
	var at place.Asked
	if in.Position != nil {
		at.Position = new(in.Position.Read("/position", &bad))
		at.Datum, at.AccuracyM = geo.Datum(in.Position.Datum), in.Position.AccuracyM.Value
	}
	d := ticket.Draft{
		Wrong: bad, ID: id, Fresh: in.ID == "", Kind: in.Kind, Category: in.Category, Source: in.Source, Urgency: in.Urgency,
		Title: in.Title, Description: in.Description, Address: in.Address, Position: at.Position, Datum: at.Datum,
		AccuracyM: at.AccuracyM, Household: in.Household, Area: in.Area, Photos: in.Photos, Anonymous: in.Anonymous, Answer: in.Answer, Clock: in.Clock.Value.Clock(), From: r.Client(),
	}
	if who := in.OnBehalfOf.Value; who != nil {
		d.For = &ticket.Resident{Name: who.Name, Phone: who.Phone}
	}
	return d
}

// ticketMade answers a POST that made or changed a ticket, which may have taken it out of the caller's sight.
func (r *apiRequest) ticketMade(t *ticket.Ticket, status int) (*web.Reply, error) {
	if access.TicketView(r.Actor, t.Facts()) == access.Hidden {
		return nil, domain.ErrNotFound
	}
	out, err := r.ticketReply(t)
	if err != nil {
		return nil, err
	}
	out.Status, out.Made = status, web.Resource{Kind: "ticket", ID: t.ID}
	return out, nil
}

func getTicket(r *apiRequest) (*web.Reply, error) { return ticketByID(r, r.Param("id")) }

func ticketByID(r *apiRequest, id string) (*web.Reply, error) {
	t, _, err := r.Tickets.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.ticketReply(t)
}

func (r *apiRequest) ticketReply(t *ticket.Ticket) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	out, err := r.ticketsOut([]*ticket.Ticket{t}, d)
	if err != nil {
		return nil, err
	}
	if out[0].Clocks, err = r.clocksOut(t); err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], t.VersionFor(r.Actor))
	reply.Changing = t.Joined != nil
	return reply, nil
}

func listTickets(r *apiRequest) (*web.Reply, error) {
	if followed, err := r.Flag("followed"); err != nil {
		return nil, err
	} else if followed {
		return listFollowed(r)
	}
	f, d, err := r.ticketFilter()
	if err != nil {
		return nil, err
	}
	tickets, next, err := r.Tickets.List(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.ticketsOut(tickets, d)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func countTickets(r *apiRequest) (*web.Reply, error) {
	f, _, err := r.ticketFilter()
	if err != nil {
		return nil, err
	}
	if r.Query.Get("by") == "todo" {
		return r.counted(map[string]string{"todo": ""}, ticket.CountWords, func(string) (map[string]int64, error) { return r.Tickets.CountTodos(r.Ctx, r.Actor, f) })
	}
	return r.counted(ticket.CountFields, ticket.CountWords, func(by string) (map[string]int64, error) { return r.Tickets.Count(r.Ctx, r.Actor, f, by) })
}

var ticketFilters = append([]string{"resolvedBy", "resolvedFrom", "resolvedTo", "state", "category", "urgency", "source", "cell", "area", "triage", "returned", "backlog", "escalated", "offered", "assignee", "mine", "mergedInto", "parent", "todo", "bbox", "datum", "q", "from", "to", "updatedAfter", "overdue"}, workFilters...)

func (r *apiRequest) ticketFilter() (f ticket.Filter, d geo.Datum, err error) {
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return f, d, err
	}
	if d, err = r.Datum(); err != nil {
		return f, d, err
	}
	if f.States, err = oneOf[ticket.State](r, "state", ticket.StateWords); err != nil {
		return f, d, err
	}
	if _, given := r.Query.Find("category"); given { // else the words of all streets need not be gathered
		if f.Categories, err = oneOf[string](r, "category", r.Tickets.Categories(r.Now)); err != nil {
			return f, d, err
		}
	}
	if f.Urgencies, err = oneOf[ticket.Urgency](r, "urgency", policy.UrgencyWords); err != nil {
		return f, d, err
	}
	if f.Sources, err = oneOf[ticket.Source](r, "source", ticket.SourceWords); err != nil {
		return f, d, err
	}
	f.Cell, f.Area, f.Assignee, f.Text, f.Into = r.Query.Get("cell"), r.Query.Get("area"), r.Query.Get("assignee"), r.Query.Get("q"), r.Query.Get("mergedInto")
	f.Parent = r.Query.Get("parent")
	if len([]rune(f.Text)) > 60 {
		return f, d, web.BadQuery("q", "最多 60 字", "60 characters at most")
	}
	if f.Handled.By, err = r.workers("resolvedBy"); err != nil {
		return f, d, err
	}
	for _, at := range []struct {
		name string
		to   *time.Time
	}{{"resolvedFrom", &f.Handled.From}, {"resolvedTo", &f.Handled.To}, {"from", &f.From}, {"to", &f.To}, {"updatedAfter", &f.Since}} {
		if *at.to, err = r.Instant(at.name); err != nil {
			return f, d, err
		}
	}
	for _, flag := range []struct {
		name string
		to   *bool
	}{{"triage", &f.Triage}, {"returned", &f.Returned}, {"backlog", &f.Backlog}, {"escalated", &f.Escalated}, {"offered", &f.Offered}, {"mine", &f.Mine}} {
		if *flag.to, err = r.Flag(flag.name); err != nil {
			return f, d, err
		}
	}
	if overdue, err := r.Flag("overdue"); err != nil {
		return f, d, err
	} else if overdue {
		f.Overdue = r.Now
	}
	box, given, err := r.BBox(d)
	if err != nil {
		return f, d, err
	}
	if given {
		f.Boxes = []orb.Bound{box}
	}
	f.Now = r.Now
	if text, given := r.Query.Find("todo"); given {
		if f.Todo = ticket.Todo(text); !ticket.TodoWords.Has(text) {
			return f, d, web.BadWord("todo", ticket.TodoWords)
		}
	}
	f.Sort, err = sortOf(r)
	return f, d, err
}

// sortOf reads in which order a list is asked for.
func sortOf(r *apiRequest) (domain.Sort, error) {
	by, given := r.Query.Find("sort")
	if given && !domain.SortWords.Has(by) {
		return "", web.BadWord("sort", domain.SortWords)
	}
	return domain.Sort(by), nil
}

// oneOf reads a comma-separated parameter of known words.
func oneOf[S ~string](r *apiRequest, name string, known domain.Enum) ([]S, error) {
	text, given := r.Query.Find(name)
	if !given {
		return nil, nil
	}
	var out []S
	for _, w := range strings.Split(text, ",") {
		if !known.Has(w) {
			return nil, web.BadWord(name, known)
		}
		out = append(out, S(w))
	}
	return out, nil
}

func takeTicketAction(r *apiRequest) (*web.Reply, error) {
	var in ticketActionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	m, err := in.move(r)
	if err != nil {
		return nil, err
	}
	t, err := r.Tickets.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, m)
	if err != nil {
		return nil, err
	}
	return r.ticketMade(t, 200)
}

func (in *ticketActionIn) move(r *apiRequest) (m ticket.ActionInput, err error) {
	id, err := chosen(in.ID)
	if err != nil {
		return m, err
	}
	bad := &domain.InvalidError{}
	m = ticket.ActionInput{
		ID: id, Action: in.Action, Note: in.Note, Reason: in.Reason, Outcome: in.Outcome,
		Photos: in.Photos, Verification: in.Verification, Condition: in.Condition, Category: in.Category, Candidate: in.Candidate, Into: in.Into, Until: given(in.Until.Value).UTC(), Clock: in.Clock.Value.Clock(),
	}
	m.Question, m.Answer, m.Request, m.Facts, m.Departments = in.Question, in.Answer, in.Request, in.Facts, in.Departments
	m.Measures, m.ReviewAt, m.Ticked, m.Street = in.Measures, given(in.ReviewAt.Value).UTC(), in.Ticked, in.Street
	for i, c := range in.Children {
		m.Children = append(m.Children, ticket.Child{ID: ids.Given(c.ID, fmt.Sprintf("/children/%d/id", i), bad), Category: c.Category, Title: c.Title, Description: c.Description})
	}
	if in.Helper != nil {
		m.Helper = &access.Assignee{Kind: string(in.Helper.Kind), ID: in.Helper.ID}
	}
	if in.Assignee != nil {
		m.Assignee = &access.Assignee{Kind: string(in.Assignee.Kind), ID: in.Assignee.ID}
	}
	for _, h := range in.Helpers {
		m.Helpers = append(m.Helpers, access.Assignee{Kind: string(h.Kind), ID: h.ID})
	}
	if in.Position != nil {
		at := in.Position.Read("/position", bad)
		m.Position, m.Datum, m.AccuracyM = &at, geo.Datum(in.Position.Datum), in.Position.AccuracyM.Value
	}
	return m, bad.Err()
}

func addTicketPhotos(r *apiRequest) (*web.Reply, error) {
	var in photosIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	t, err := r.Tickets.AddPhotos(r.Ctx, r.Actor, r.Now, r.Param("id"), string(in.When), in.Photos)
	if err != nil {
		return nil, err
	}
	return r.ticketMade(t, 200)
}
