package notice

// word says whom a rule is for.
type word string

const (
	toReporter word = "reporter"
	toAssignee word = "assignee"
	toNamed    word = "named" // whom the entry names
)

// rule says what an entry is told as, and whom.
type rule struct {
	kind Kind
	to   []word
}

// rules say whom an action of the journals is told.
var rules = map[string][]rule{
	"todo.ask":        {{"", []word{toNamed}}}, // as the kind of what is asked
	"ticket.dispatch": {{TicketAssigned, []word{toAssignee}}, {TicketChanged, []word{toReporter}}},
	"ticket.resolve":  {{TicketChanged, []word{toReporter}}},
}
