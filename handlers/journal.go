package handlers

import (
	"strings"

	"wangge/domain/journal"
	"wangge/domain/notice"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// journalFilters are the parameters that say which entries.
var journalFilters = []string{"street", "from", "to", "actor", "thing", "id", "action", "reveals"}

// journalLine is a line of the journal.
type journalLine struct {
	Number int64        `json:"number"`
	Street *namedOut    `json:"street"` // null: the city's journal
	At     wire.Time    `json:"at"`
	Actor  *personOut   `json:"actor"` // null for the program, and for an anonymous reporter
	Action string       `json:"action"`
	Text   string       `json:"text"` // in the reader's language
	Thing  journalThing `json:"thing"`
	From   *string      `json:"from"` // states
	To     *string      `json:"to"`
	Cell   *namedOut    `json:"cell"`
	Fields []string     `json:"fields,omitempty"` // that were looked at in clear
	Reason string       `json:"reason,omitempty"`
}

// journalThing is what an entry is about.
type journalThing struct {
	Kind journal.Kind `json:"kind"`
	ID   *string      `json:"id"`   // null for a search
	Name *string      `json:"name"` // a number, a code with its name, a person; null where it has none
	Path *string      `json:"path"` // where it is found; null where it has no address
}

func listJournal(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	filter, err := r.journalFilter()
	if err != nil {
		return nil, err
	}
	lines, next, err := r.Journal.Read(r.Ctx, r.Actor, r.Now, filter, limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.journalLines(lines)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func (r *apiRequest) journalFilter() (f journal.Filter, err error) {
	f = journal.Filter{Actor: r.Query.Get("actor"), Kind: journal.Kind(r.Query.Get("thing")), ID: r.Query.Get("id"), Action: r.Query.Get("action")}
	if f.From, err = r.Instant("from"); err != nil {
		return f, err
	}
	if f.To, err = r.Instant("to"); err != nil {
		return f, err
	}
	if f.Reveals, err = r.Flag("reveals"); err != nil {
		return f, err
	}
	switch {
	case f.Kind != "" && !journal.KindWords.Has(string(f.Kind)):
		return f, web.BadWord("thing", journal.KindWords)
	case f.ID != "" && f.Kind == "":
		return f, web.BadQuery("id", "须同时给出 thing", "goes with thing")
	case f.Action != "" && !journal.Known(f.Action):
		return f, web.BadQuery("action", "没有这样的操作", "there is no such action")
	}
	if code, given := r.Query.Find("street"); given {
		a, ok := r.Areas.Tree().EverByCode(code)
		if !ok {
			return f, web.BadQuery("street", "没有这个街道", "there is no such street")
		}
		f.Street = a.ID
	}
	if f.Kind == "cell" { // known by its code
		if c, ok := r.Areas.Map().EverByCode(f.ID); ok {
			f.ID = c.ID
		}
	}
	return f, nil
}

func (r *apiRequest) journalLines(lines []journal.Line) ([]journalLine, error) {
	who := map[string]bool{}
	for _, l := range lines {
		who[l.Actor] = true
		if l.Kind == "account" {
			who[l.Thing] = true
		}
	}
	n, err := r.peopleOf(who)
	if err != nil {
		return nil, err
	}
	items := make([]journalLine, len(lines))
	for i, l := range lines {
		items[i] = journalLine{
			Number: l.Number, At: wire.Time(l.At), Actor: n.person(l.Actor), Action: l.Action, Text: r.Text(journal.Text(l.Action)), Thing: r.journalThing(l, n),
			From: optional(l.Before.State), To: optional(l.After.State), Cell: r.cellNamed(l.Cell),
		}
		if s, ok := r.Areas.Tree().ByID(l.Street); ok {
			items[i].Street = &namedOut{s.Code, s.Name}
		}
		if l.Looked != nil {
			items[i].Fields, items[i].Reason = l.Looked.Fields, l.Looked.Reason
		}
	}
	return items, nil
}

// journalPaths are those of things that no notice leads to.
var journalPaths = map[journal.Kind]string{"organisation": "/v1/organisations/{id}", "posting": "/v1/postings/{id}"}

func (r *apiRequest) journalThing(l journal.Line, n names) journalThing {
	out := journalThing{Kind: l.Kind, ID: optional(l.Thing), Name: optional(l.Name)}
	path := journalPaths[l.Kind]
	switch l.Kind {
	case "promise", "duty", "home-call", journal.Search: // found by something else of theirs; a call's own address is its owner's alone
	case "cell":
		c := r.cellNamed(l.Thing)
		if c == nil {
			return out
		}
		out.ID, out.Name, path = &c.Code, &c.Name, notice.Paths["cell"]
	case "account":
		if p := n.person(l.Thing); p != nil {
			out.Name = &p.Name
		}
		path = notice.Paths["account"]
	default:
		if known, ok := notice.Paths[string(l.Kind)]; ok {
			path = known
		}
	}
	if path != "" {
		out.Path = optional(strings.ReplaceAll(path, "{id}", *out.ID))
	}
	return out
}
