package notice

import (
	"slices"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// everything is what the texts of a notice about "one" of any kind may need.
func everything() *found {
	return &found{
		actor:    access.Actor{System: true},
		tickets:  map[string]*ticket.Ticket{"one": {Number: "320508001-261123-1"}},
		cases:    map[string]*intake.Case{"one": {Local: "S320508001-261123-1"}},
		cells:    map[string]*area.Cell{"one": aCell("320508001001001", "钮家巷一格"), "cell": aCell("320508001001002", "钮家巷二格")},
		stations: map[string]*station.Station{"one": {Name: "平江驿站"}},
		promises: map[string]*visit.Promise{"one": {Meta: store.Meta{ID: "one"}, Stop: "stop"}},
		messages: map[string]string{"one": "停水通知"},
		people:   map[string]account.Person{"absent": {ID: "absent", Name: "顾秋"}},
		category: func(*ticket.Ticket) *domain.Text { t := domain.T("噪声", "Noise"); return &t },
		area:     func(string) string { return "平江街道" },
	}
}

func aCell(code, name string) *area.Cell {
	c := &area.Cell{}
	c.Code, c.Name = code, name
	return c
}

// filled is a notice of the kind about something, with all that a rule may store.
func filled(k Kind, about string) *Notice {
	states := stateWords[about]
	n := &Notice{Kind: k, About: About{about, "one"}, Place: access.Place{Street: "street", Cell: "cell"}, Fields: map[string]string{"date": "2026-11-23", "count": "3"}}
	if len(states.Words) > 0 {
		n.Fields["state"] = states.Words[0].Code
	}
	return n
}

// Every kind reads well in every language, about whatever it can be told of, with
// all fields of its template; without one of them it is its word, and an error.
func TestEveryKindHasAText(t *testing.T) {
	for _, w := range KindWords().Words {
		rendered := 0
		for about := range Paths {
			for _, absent := range []string{"", "absent"} {
				n := filled(Kind(w.Code), about)
				n.For = absent
				if Check(n) != nil { // no notice of this kind is about that
					continue
				}
				rendered++
				text, err := n.text(everything())
				if err != nil || text.ZH == "" || text.EN == "" || strings.ContainsAny(text.ZH+text.EN, "{}") || absent != "" && n.Kind != StandingIn && !strings.Contains(text.ZH, "顾秋") {
					t.Errorf("%s about %s: %q %v", w.Code, about, text, err)
				}
				for _, name := range names(n.template()) {
					for _, of := range []string{name, "place", "about"} {
						less := *n
						switch of {
						case "place":
							less.Place = access.Place{}
						case "about":
							less.About.Kind = "nothing"
						default:
							less.Fields = map[string]string{}
							for k, v := range n.Fields {
								if k != name {
									less.Fields[k] = v
								}
							}
						}
						text, err := less.text(everything())
						_, stored := n.Fields[name]
						if err != nil && text != w.Text || err == nil && stored && of == name {
							t.Errorf("%s without %s says %q", w.Code, of, text)
						}
					}
				}
			}
		}
		if rendered == 0 {
			t.Errorf("%s is told of nothing", w.Code)
		}
	}
}

// A template names known fields only, the same in both languages.
func TestTemplates(t *testing.T) {
	all := []domain.Text{plain, instead}
	for _, k := range table {
		all = append(all, k.text)
	}
	for _, text := range asked {
		all = append(all, text)
	}
	for _, text := range inPublic {
		all = append(all, text)
	}
	for _, text := range timed {
		all = append(all, text)
	}
	for kind, of := range steps {
		for action, text := range of {
			if all = append(all, text); !slices.ContainsFunc(rules[action].rules, func(r rule) bool { return r.kind == kind }) {
				t.Errorf("no rule tells %s as %s", action, kind)
			}
		}
	}
	used := map[string]bool{}
	for _, text := range all {
		for _, name := range names(text) {
			used[name] = true
			if _, known := fields[name]; !known || !strings.Contains(text.ZH, "{"+name+"}") || !strings.Contains(text.EN, "{"+name+"}") {
				t.Errorf("%q names %s", text, name)
			}
		}
	}
	for name := range fields {
		if !used[name] {
			t.Errorf("no template names %s", name)
		}
	}
}

// What the reader may not see is not said, also where a rule stored it.
func TestTextsSayNoMoreThanTheReaderSees(t *testing.T) {
	f := everything()
	f.actor = access.Actor{}
	n := filled(CaseChanged, "intake-case")
	n.Fields["number"] = "S320508001-261123-1"
	if text, err := n.text(f); err != nil || text != KindWords().Text(string(CaseChanged)) {
		t.Errorf("%q %v", text, err)
	}
	gone := filled(TicketAssigned, "ticket")
	gone.About.ID = "another"
	if text, err := gone.text(f); err != nil || text != KindWords().Text(string(TicketAssigned)) {
		t.Errorf("%q %v", text, err)
	}
}

// What leaves the state as it is says what it is: the state was told before.
func TestStepsSayWhatHappened(t *testing.T) {
	said := map[string]string{}
	for kind, of := range steps {
		for action := range of {
			n := filled(kind, "ticket")
			plain, err := n.text(everything())
			if err != nil {
				t.Error(err)
			}
			n.Fields["action"] = action
			text, err := n.text(everything())
			if err != nil || text == plain || text.ZH == "" || strings.ContainsAny(text.ZH+text.EN, "{}") {
				t.Errorf("%s says %q %v", action, text, err)
			}
			said[action] = text.ZH
		}
	}
	if said["ticket.confirm"] == said["ticket.dispute"] {
		t.Error("solved and not solved read the same")
	}
}

// What two clocks of a ticket tell is two things to who reads it, also where one is not known any more.
func TestClocksAreTold(t *testing.T) {
	for kind := range timed {
		said := map[domain.Text]bool{}
		for _, clock := range []string{"dispatch", "promise", "gone", ""} {
			n := filled(kind, "ticket")
			n.Fields["clock"] = clock
			text, err := n.text(everything())
			if (err != nil) != (clock == "gone") || text.ZH == "" || strings.ContainsAny(text.ZH+text.EN, "{}") {
				t.Errorf("%s of %q: %q %v", kind, clock, text, err)
			}
			said[text] = true
		}
		if len(said) != 4 {
			t.Errorf("%s says %v", kind, said)
		}
	}
}

// A platform's word that nobody has mapped is for the counter, not for whose case it is.
func TestOwnersHearOfStatesWithANameOnly(t *testing.T) {
	tells := func(action, state string, who word) bool {
		e := &store.Entry{Action: action, Before: store.Facts{State: string(intake.Received)}, After: store.Facts{State: state}}
		return slices.ContainsFunc(rules[action].rules, func(r rule) bool { return slices.Contains(r.to, who) && (r.when == nil || r.when(e)) })
	}
	for _, action := range []string{"case.open", "case.receive", "case.update", "case.take_over", "case.map"} {
		if !tells(action, string(intake.Accepted), toOwner) || tells(action, string(intake.Other), toOwner) || !tells(action, string(intake.Other), toWorker) {
			t.Errorf("%s is told otherwise", action)
		}
	}
}
