package notice

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// Shown is a notice as who reads it has it.
type Shown struct {
	*Notice
	Text domain.Text
	Path string // where the thing is found; "" where it has no address
	For  string // the name of the absent person; "" for none
}

// found is what the texts and addresses of some notices need.
type found struct {
	actor    access.Actor
	area     func(id string) string // name; "" for none
	tickets  map[string]*ticket.Ticket
	cases    map[string]*intake.Case
	cells    map[string]*area.Cell
	stations map[string]*station.Station
	promises map[string]*visit.Promise
	people   map[string]account.Person
	messages map[string]string
	category func(*ticket.Ticket) *domain.Text
}

// show makes the texts of notices that the actor may see, with a read for each kind of thing.
func (s *Notices) show(ctx context.Context, actor access.Actor, all []*Notice) ([]Shown, error) {
	f, err := s.find(ctx, actor, all)
	if err != nil {
		return nil, err
	}
	out := make([]Shown, len(all))
	for i, n := range all {
		text, bad := n.text(f)
		if bad != nil { // a rule forgot it: the word is better than a hole, or than nothing
			slog.Default().Error("a notice has not what its text needs", "notice", n.ID, "error", bad)
		}
		out[i] = Shown{n, text, n.path(f), f.people[n.For].Name}
	}
	return out, nil
}

func (s *Notices) find(ctx context.Context, actor access.Actor, all []*Notice) (*found, error) {
	var tickets, cases, cells, stations, promises, messages, people []string
	for _, n := range all {
		switch n.About.Kind {
		case "ticket":
			tickets = append(tickets, n.About.ID)
		case "intake-case", ownCase:
			cases = append(cases, n.About.ID)
		case "station":
			stations = append(stations, n.About.ID)
		case "promise":
			promises = append(promises, n.About.ID)
		case cellMessage:
			messages = append(messages, n.About.ID)
		}
		cells, people = append(cells, n.cell()), append(people, n.For)
	}
	tree := s.areas.Tree()
	f := &found{actor: actor, area: func(id string) string {
		if a, ok := tree.ByID(id); ok {
			return a.Name
		}
		return ""
	}, category: func(t *ticket.Ticket) *domain.Text {
		if name := s.tickets.CategoryName(t); name != (domain.Text{}) {
			return &name
		}
		return nil
	}}
	for _, read := range []func() error{
		func() (err error) { f.tickets, err = ticket.Load(ctx, s.store, each(tickets)); return err },
		func() (err error) { f.cases, err = intake.LoadMany(ctx, s.store, each(cases)); return err },
		func() (err error) { f.cells, err = area.LoadCells(ctx, s.store, each(cells)); return err },
		func() (err error) { f.stations, err = station.LoadMany(ctx, s.store, each(stations)); return err },
		func() (err error) { f.promises, err = visit.LoadPromises(ctx, s.store, each(promises)); return err },
		func() (err error) { f.messages, err = s.Messages(ctx, each(messages)); return err },
		func() (err error) { f.people, err = s.accounts.People(ctx, each(people)); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// each is every id once.
func each(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// number is what the thing is called by, as far as the actor is shown that.
func (f *found) number(n *Notice) string {
	if n.ofCase() {
		c := f.cases[n.About.ID]
		if c == nil {
			return ""
		}
		shown := access.CaseView(f.actor, c.Facts())
		if n.About.Kind != ownCase && shown != access.CaseWhole && (shown != access.CaseLinked || c.Item.Sensitive) {
			return ""
		}
		return c.Key().Number
	}
	if t := f.tickets[n.About.ID]; t != nil {
		return t.Number
	}
	return n.Fields["number"]
}

func (f *found) cellName(id string) string {
	if c := f.cells[id]; c != nil {
		return c.Name
	}
	return ""
}

func (f *found) stationName(id string) string {
	if s := f.stations[id]; s != nil {
		return s.Name
	}
	return ""
}

var named = regexp.MustCompile(`\{([a-zA-Z]*)\}`)

// names are the fields that a template names.
func names(t domain.Text) (out []string) {
	for _, m := range named.FindAllStringSubmatch(t.ZH+t.EN, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// text fills in the template. Where something is missing, or not for who reads, it
// is what the kind is called; with an error where the notice should have had it.
func (n *Notice) text(f *found) (domain.Text, error) {
	template := n.template()
	if err := Check(n); err != nil {
		return KindWords().Text(string(n.Kind)), err
	}
	values := map[string]*domain.Text{}
	for _, name := range names(template) {
		if values[name] = fields[name].text(n, f); values[name] == nil {
			return KindWords().Text(string(n.Kind)), nil
		}
	}
	return domain.Text{
		ZH: named.ReplaceAllStringFunc(template.ZH, func(m string) string { return values[m[1:len(m)-1]].ZH }),
		EN: named.ReplaceAllStringFunc(template.EN, func(m string) string { return values[m[1:len(m)-1]].EN }),
	}, nil
}

// Check says what a notice lacks that its text or address needs.
func Check(n *Notice) error {
	for _, name := range names(n.template()) {
		if f, ok := fields[name]; !ok || !f.has(n) {
			return fmt.Errorf("%s about %s lacks the field %s", n.Kind, n.About.Kind, name)
		}
	}
	if _, ok := Paths[n.About.Kind]; !ok || n.About.ID == "" {
		return fmt.Errorf("%s about %s %q has no address", n.Kind, n.About.Kind, n.About.ID)
	}
	return nil
}
