package ticket

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"wangge/domain/access"
)

// whoWords say who may take a step.
var whoWords = map[access.Relation]string{
	access.Reporter: "上报人 reporter", access.AssigneeOf: "处置人 assignee", access.HelperOf: "协办 helper", access.LeadOf: "网格长及以上 lead+", access.DispatchOf: "街道 street",
	access.TheProgram: "系统 the program", access.CounterOf: "窗口 counter", access.ManagerOf: "街道管理员 street manager", access.CountyOf: "区县 county", access.ReceiverOf: "接收方 receiver", access.ConvenedOf: "被吹哨部门 department called in",
}

// needWords say what a step needs, in the order of needs.
var needWords = []struct {
	need Need
	word string
}{{NeedReason, "reason"}, {NeedAssignee, "assignee"}, {NeedUntil, "until"}, {NeedOutcome, "outcome"}, {NeedVerification, "verification"}, {NeedChange, "category or position"}, {NeedInto, "into"}}

// comesTo are the states beside To that a step leads to, where what it does decides.
var comesTo = map[Action][]State{
	Answer: {Reported, Accepted}, Unask: {Reported, Accepted}, Unanswered: {Reported, Accepted}, // where it was asked
	Grant: {Accepted}, Rework: {Divided}, // a return; what was answered for its children
	Unmerge: unresolvedOr(Resolved), // as it was
}

// leads are the states that a row may lead to from one of its states.
func (tr Transition) leads(from State) []State {
	switch also := comesTo[tr.Action]; {
	case tr.To != "":
		return append([]State{tr.To}, also...)
	case also == nil || tr.Action == Grant:
		return append([]State{from}, also...)
	default:
		return also
	}
}

// Describe writes the lifecycle as a table and a diagram, in Markdown.
func Describe(out io.Writer) error {
	var b strings.Builder
	b.WriteString("| action | 中文 | from | to | who | needs |\n|---|---|---|---|---|---|\n")
	for _, tr := range Transitions {
		var who, needs, from []string
		for _, r := range tr.Who {
			who = append(who, whoWords[r])
		}
		for _, n := range needWords {
			if tr.Needs&n.need != 0 {
				needs = append(needs, n.word)
			}
		}
		if tr.guard != nil {
			needs = append(needs, "†")
		}
		for _, s := range tr.From {
			from = append(from, string(s))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", tr.Action, tr.Action.word(), strings.Join(from, ", "), tr.to(), strings.Join(who, "; "), strings.Join(needs, ", "))
	}
	b.WriteString("\n† and what else its rule asks of the ticket. Which of those who lead may take a step the street's policy says.\n\n```mermaid\nstateDiagram-v2\n")
	fmt.Fprintf(&b, "    [*] --> %s : %s\n", Reported, Report)
	for _, e := range edges() {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", e.from, e.to, strings.Join(e.by, ", "))
	}
	b.WriteString("```\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// word is what an action is called.
func (a Action) word() string {
	for _, w := range ActionWords.Words {
		if w.Code == string(a) {
			return w.Text.ZH
		}
	}
	return a.Text().ZH // which nobody takes
}

// to says where a row leads.
func (tr Transition) to() string {
	var to []string
	if tr.To != "" {
		to = append(to, string(tr.To))
	} else if comesTo[tr.Action] == nil || tr.Action == Grant {
		to = append(to, "as it is")
	}
	for _, s := range comesTo[tr.Action] {
		to = append(to, string(s))
	}
	return strings.Join(to, " or ")
}

// edge is a way from a state to another, and the actions that go it.
type edge struct {
	from, to State
	by       []string
}

// edges are all ways from a state to another, in the order of states.
func edges() (out []edge) {
	for _, from := range States {
		for _, to := range States {
			e := edge{from: from, to: to}
			for _, tr := range Transitions {
				if from != to && slices.Contains(tr.From, from) && slices.Contains(tr.leads(from), to) && !slices.Contains(e.by, string(tr.Action)) {
					e.by = append(e.by, string(tr.Action))
				}
			}
			if e.by != nil {
				out = append(out, e)
			}
		}
	}
	return out
}
