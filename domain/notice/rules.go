package notice

import (
	"maps"

	"wangge/store"
)

// The table of what is told: of every action that stands in a journal it says
// to whom and as what, or that it is for nobody, and why. It is in files by what
// the entries are about.

// word says whom a rule is for.
type word string

const (
	toReporter     word = "reporter"      // of a ticket, of what they are shown
	toLoneReporter word = "lone reporter" // of one that no other joined: else todo tells the reporters
	toFollowers    word = "followers"     // of a ticket, of what the public sees, or they do
	toAssignee     word = "assignee"      // who has it now: a person, or who handles for the organisation
	toPrevious     word = "previous"      // who had it before the entry
	toHelpers      word = "helpers"       // of a ticket, as toAssignee
	toNext         word = "next"          // the nearest of those who lead who may take the step that a ticket waits for
	toLead         word = "lead"          // of the cell, or who is next up
	toManagers     word = "managers"      // of the community and of the street
	toWorker       word = "worker"        // who sees a case through, makes a home call or visit, or was at the door
	toOwner        word = "owner"         // the resident whose case or home call it is
	toStaff        word = "staff"         // of a cell, as of now
	toStandIn      word = "stand-in"      // and the absent person
	toOnDuty       word = "on duty"       // whom a roster names
	toAdmins       word = "admins"        // who manage the platform
	toKeepers      word = "keepers"       // the street's managers, of what they set up there
	toNamed        word = "named"         // whom the entry names
)

// rule says what an entry is told as, and whom.
type rule struct {
	kind Kind
	to   []word
	when func(*store.Entry) bool // nil: always
}

// telling is a row of the table: the rules of an action, of which the first
// that names somebody tells them; or why nobody is told.
type telling struct {
	rules  []rule
	nobody string
}

func tell(kind Kind, to ...word) telling { return telling{}.tell(kind, to...) }

func nobody(why string) telling { return telling{nobody: why} }

// tell adds a rule.
func (t telling) tell(kind Kind, to ...word) telling {
	t.rules = append(t.rules, rule{kind: kind, to: to})
	return t
}

// when has the last rule hold for some of the entries only.
func (t telling) when(is func(*store.Entry) bool) telling {
	t.rules[len(t.rules)-1].when = is
	return t
}

// moved are entries that changed the state.
func moved(e *store.Entry) bool { return e.Before.State != e.After.State }

// having are entries with a dimension.
func having(name, value string) func(*store.Entry) bool {
	return func(e *store.Entry) bool { return e.Dims[name] == value }
}

// askedByTodo: who is to act has an item in their list, of which todo.ask tells.
const askedByTodo = "asked by todo"

// rules are the whole table.
var rules = func() map[string]telling {
	all := map[string]telling{}
	for _, some := range []map[string]telling{askedRules, ticketRules, caseRules, doorRules, officeRules} {
		maps.Copy(all, some)
	}
	return all
}()

// askedRules are of what somebody is asked or told as an item of their list, as its kind.
var askedRules = map[string]telling{"todo.ask": tell("", toNamed)}

// Knows reports whether the table has a row of the action.
func Knows(action string) bool {
	_, ok := rules[action]
	return ok
}

// tells reports whether somebody may be told of the entry; one of an action
// without a row is told to nobody.
func tells(e *store.Entry) bool { return len(rules[e.Action].rules) > 0 }

// importance is what the table of kinds says; what is asked is something to do.
func (k Kind) importance() Importance {
	for _, line := range table {
		if line.word.Code == string(k) {
			return line.importance
		}
	}
	return Task
}
