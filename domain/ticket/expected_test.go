package ticket

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/policy"
)

// lifecycle is the table of the lifecycle as the domain's description has it,
// written down apart from Transitions: the action; from which states; where it
// leads ("=": it stays; where several stand, the first is where a ticket of
// fixtures comes to); who may; and what else has to hold of the ticket, by the
// names of sides. A line of its own stands for each way that differs.
//
// To add a rule: name the side condition in sides, with what a ticket has that
// holds it (every such ticket is then walked by all, under every policy), and
// write it at the end of the line that asks for it, or "not" and it. Who is kept from a step by
// their own part in the ticket stands in barred; what a policy changes of "leads"
// in policies; what an action's input needs in complete.
const lifecycle = `
ask          | reported accepted                              | awaiting_reporter   | leads
answer       | awaiting_reporter                              | reported accepted   | leads reporter
unask        | awaiting_reporter                              | reported accepted   | leads
unanswered   | awaiting_reporter                              | reported accepted   | program             | lapsed
reply        | reported accepted                              | closed              | leads street counter | consultation
accept       | reported                                       | accepted            | leads
reject       | reported                                       | rejected            | leads
correct      | unresolved resolved                            | =                   | leads
take         | open                                           | =                   | receivers | offered
give_back    | open                                           | =                   | receivers | offered
allot        | open                                           | =                   | county | disputed
dispatch     | accepted dispatched in_progress suspended      | dispatched          | leads
escalate     | accepted dispatched                            | accepted            | leads
convene      | accepted dispatched in_progress                | =                   | street
attend       | open                                           | =                   | department | called
decline      | open                                           | =                   | department | called
rule         | open                                           | =                   | county | declined
request      | dispatched in_progress suspended               | =                   | assignee
grant        | dispatched in_progress suspended               | = accepted          | leads street        | asked
refuse       | dispatched in_progress suspended               | =                   | leads street        | asked
recall       | dispatched in_progress suspended               | =                   | assignee            | asked
start        | dispatched                                     | in_progress         | assignee
help_start   | dispatched in_progress suspended               | =                   | helper              | not a helper at it
help_done    | dispatched in_progress suspended               | =                   | helper              | a helper at it
help_release | dispatched in_progress suspended               | =                   | leads helper
suspend      | in_progress                                    | suspended           | leads
shelve       | in_progress suspended                          | suspended           | street
resume       | suspended                                      | in_progress         | leads program
resolve      | in_progress                                    | resolved            | assignee
resolve      | split                                          | resolved            | leads               | children over
confirm      | resolved                                       | =                   | reporter
dispute      | resolved                                       | =                   | reporter
rework       | resolved                                       | in_progress split   | leads
close        | resolved                                       | closed              | leads
close        | suspended                                      | closed              | street              | shelved
reopen       | closed                                         | accepted            | leads reporter      | not a child
reopen       | rejected                                       | reported            | leads reporter
withdraw     | reported awaiting_reporter accepted            | withdrawn           | reporter
withdraw     | split                                          | withdrawn           | reporter            | children waiting
urge         | open                                           | =                   | reporter
supervise    | open                                           | =                   | managers
split        | accepted split                                 | split               | leads               | not a child
unsplit      | split                                          | accepted            | leads               | children waiting
merge        | unresolved resolved                            | merged              | leads               | not a child
unmerge      | merged                                         | accepted reported awaiting_reporter dispatched in_progress suspended resolved | leads
`

// groups of the words that lifecycle uses.
var (
	stateGroups = map[string]string{
		"unresolved": "reported awaiting_reporter accepted dispatched in_progress suspended",
		"open":       "reported awaiting_reporter accepted dispatched in_progress suspended resolved split",
	}
	people = map[string]string{
		"leads": "lead manager_of_community dispatcher manager county admin", "street": "dispatcher manager county admin", "managers": "manager admin",
		"county": "county admin", "helper": "handler", "receivers": "receiver county admin",
	}
)

// relations are everybody who may meet the ticket of these tests.
var relations = map[string]access.Actor{
	"reporter":             holding("reporter", access.Grant{Role: access.Resident}),
	"stranger":             holding("stranger", access.Grant{Role: access.Resident}),
	"assignee":             holding("assignee", access.Grant{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}),
	"handler":              {Account: "handler", Organisation: "org", Grants: []access.Grant{{Role: access.Handler}}},
	"department":           {Account: "department", Organisation: "water", Grants: []access.Grant{{Role: access.Handler}}},
	"worker":               holding("worker", access.Grant{Role: access.OutreachWorker, Level: access.Cell, Area: "cell"}),
	"counter":              holding("counter", access.Grant{Role: access.CounterWorker, Level: access.Community, Area: "elsewhere"}),
	"receiver":             holding("receiver", access.Grant{Role: access.Dispatcher, Level: access.Street, Area: "next"}),
	"lead":                 holding("lead", access.Grant{Role: access.GridLead, Level: access.Cell, Area: "cell"}),
	"manager_of_community": holding("manager_of_community", access.Grant{Role: access.CommunityManager, Level: access.Community, Area: "community"}),
	"dispatcher":           holding("dispatcher", access.Grant{Role: access.Dispatcher, Level: access.Street, Area: "street"}),
	"manager":              holding("manager", access.Grant{Role: access.StreetManager, Level: access.Street, Area: "street"}),
	"county":               holding("county", access.Grant{Role: access.Dispatcher, Level: access.County, Area: "county"}),
	"admin":                holding("admin", access.Grant{Role: access.Admin}),
	"program":              {System: true},
}

func holding(account string, grants ...access.Grant) access.Actor {
	return access.Actor{Account: account, Grants: grants}
}

// sides are what else may hold of a ticket: in which states, and what it then has.
var sides = map[string]struct {
	states string
	with   func(*Ticket)
}{
	"": {"open closed rejected withdrawn merged", func(*Ticket) {}},
	"offered": {"open", func(t *Ticket) {
		t.Offer = &Offer{State: Offered, Place: access.Place{City: "city", County: "county", Street: "next"}}
	}},
	"disputed": {"open", func(t *Ticket) {
		t.Offer = &Offer{State: Disputed, Place: access.Place{City: "city", County: "county", Street: "next"}}
	}},
	"declined":             {"open", func(t *Ticket) { t.Convened = []Convened{{Organisation: "water", State: Declined}} }},
	"called":               {"open", func(t *Ticket) { t.Convened = []Convened{{Organisation: "water", State: Called}} }},
	"shelved":              {"suspended", func(t *Ticket) { t.Backlog, t.ResumeAt = &Backlog{Due: true, LapsesAt: noon}, time.Time{} }},
	"lapsed":               {"awaiting_reporter", func(t *Ticket) { t.Question.LapsesAt = noon }},
	"consultation":         {"reported accepted", func(t *Ticket) { t.Kind = Consultation }},
	"dispatched by a lead": {"dispatched in_progress suspended resolved", func(t *Ticket) { t.Dispatchers = []string{"lead"} }},
	"accepted by a lead":   {"accepted dispatched in_progress suspended resolved", func(t *Ticket) { t.Filed = []string{"lead"} }},
	"rejected by a lead":   {"reported", func(t *Ticket) { t.Reviewers = []string{"lead"} }},
	"handled by a lead":    {"resolved suspended", func(t *Ticket) { t.Handled = append(t.Handled, "lead") }},
	"asked": {"dispatched in_progress suspended", func(t *Ticket) {
		t.Requests = []Request{{Kind: ForExtension, By: "assignee", Persons: []string{"assignee"}, Of: mender, Street: "street", State: RequestOpen, Level: policy.ToLead, Until: noon.Add(time.Hour)}}
	}},
	"a child":          {"accepted in_progress closed", func(t *Ticket) { t.Parent = "parent" }},
	"children over":    {"split", func(t *Ticket) { t.Children = []Offspring{{State: Closed, Begun: true}, {State: Withdrawn}} }},
	"children waiting": {"split", func(t *Ticket) { t.Children = []Offspring{{State: Accepted}, {State: AwaitingReporter}} }},
	"a helper at it":   {"dispatched in_progress suspended", func(t *Ticket) { t.setPart(org, PartDoing, noon) }},
	"escalated":        {"accepted", func(t *Ticket) { t.Escalated = true }},
}

// barred are those who are kept from a step by what they did, which they else may take.
var barred = []struct{ policy, side, who, actions string }{
	{"", "rejected by a lead", "lead", "accept reject"},
	{"", "handled by a lead", "lead", "rework close"},
	{"strict", "dispatched by a lead", "lead", "rework close"},
	{"strict", "accepted by a lead", "lead", "dispatch"},
	{"", "*", "dispatcher manager county admin", "escalate"}, // they are the street
}

// policies are those under which all is walked: what they change of the built-in one, and who then still leads by an action.
var policies = map[string]struct {
	change func(*policy.Policy)
	leads  map[Action]string
}{
	"default": {func(*policy.Policy) {}, nil},
	"strict":  {func(p *policy.Policy) { setLimit(p, policy.Strict, 1) }, nil},
	"narrowed": {func(p *policy.Policy) {
		narrow(p, "accept", access.Dispatcher)
		narrow(p, "dispatch", access.GridLead, access.Dispatcher)
		narrow(p, "close", access.StreetManager)
	}, map[Action]string{Accept: "dispatcher county", Dispatch: "lead dispatcher county", Close: "manager"}},
}

func setLimit(p *policy.Policy, code string, value int) {
	i := slices.IndexFunc(p.Limits, func(l policy.Limit) bool { return l.Code == code })
	p.Limits[i].Value = value
}

func narrow(p *policy.Policy, step string, roles ...access.Role) {
	i := slices.IndexFunc(p.Steps, func(s policy.Step) bool { return s.Code == step })
	p.Steps[i].Roles = roles
}

// line of lifecycle.
type line struct {
	action Action
	from   []string
	to     []string
	who    []string
	side   string
}

// lines are those of lifecycle, with groups of states spelt out.
var lines = func() (out []line) {
	for _, text := range strings.Split(strings.TrimSpace(lifecycle), "\n") {
		cells := append(strings.Split(text, "|"), "")
		l := line{Action(strings.TrimSpace(cells[0])), spelt(cells[1], stateGroups), strings.Fields(cells[2]), strings.Fields(cells[3]), strings.TrimSpace(cells[4])}
		out = append(out, l)
	}
	return out
}()

// spelt are words with those that stand for several replaced.
func spelt(words string, groups map[string]string) (out []string) {
	for _, w := range strings.Fields(words) {
		if g, ok := groups[w]; ok {
			out = append(out, strings.Fields(g)...)
		} else {
			out = append(out, w)
		}
	}
	return out
}

// by reports whether somebody may take the line's step, under a policy and with a side.
func (l line) by(who, under, side string) bool {
	groups := maps.Clone(people)
	if leads, ok := policies[under].leads[l.action]; ok {
		groups["leads"] = leads
	}
	if side != "offered" && side != "disputed" { // to nobody
		groups["receivers"] = ""
	}
	may := spelt(strings.Join(l.who, " "), groups)
	if side == "escalated" && slices.Contains(spelt(people["leads"], nil), who) && !slices.Contains(spelt(people["street"], nil), who) {
		return false // only the street acts
	}
	return slices.Contains(may, who)
}

// holds reports whether a ticket with a side is as the line asks for.
func (l line) holds(side string) bool {
	without, not := strings.CutPrefix(l.side, "not ")
	return l.side == "" || (without == side) != not
}

// want is what lifecycle says of an action: the state it leads to, "-" for a
// state or a side in which it cannot be taken, "x" for who never may, "?" for a ticket that is not there for them.
func want(state State, side, under, who string, action Action) string {
	if !sees(who, state, side) {
		return "?"
	}
	ever := "x"
	for _, l := range lines {
		if l.action != action || !l.by(who, under, side) {
			continue
		}
		ever = "-"
		if !slices.Contains(l.from, string(state)) || !l.holds(side) {
			continue
		}
		for _, k := range barred {
			if (k.policy == "" || k.policy == under) && (k.side == "*" || k.side == side) && slices.Contains(strings.Fields(k.who), who) && slices.Contains(strings.Fields(k.actions), string(action)) {
				return "x"
			}
		}
		if l.to[0] == "=" {
			return string(state)
		}
		return l.to[0]
	}
	return ever
}

// sees: who has no part in the place sees a ticket while it is theirs, in whatever way.
func sees(who string, state State, side string) bool {
	switch who {
	case "stranger":
		return false
	case "assignee", "handler":
		return slices.Contains([]State{Dispatched, InProgress, Suspended, Resolved, Closed}, state)
	case "receiver":
		return side == "offered" || side == "disputed"
	case "department":
		return side == "called" || side == "declined"
	}
	return true
}

// steps are the only ways from a state to another, whoever goes.
var steps = func() map[State][]State {
	out := map[State][]State{}
	for _, l := range lines {
		for _, from := range l.from {
			for _, to := range l.to {
				if to == "=" {
					to = from
				}
				out[State(from)] = append(out[State(from)], State(to))
			}
		}
	}
	return out
}()
