package rating

import (
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/domain/todo"
	"wangge/store"
)

// State of a rectification.
type State string

const (
	Open       State = "open"        // 待整改
	Stated     State = "stated"      // 已整改，待回访
	CalledBack State = "called_back" // 回访不满意: somebody was reached, who is not satisfied still
	Closed     State = "closed"      // 已办结
)

// States lists every state in the order of its life.
var States = []State{Open, Stated, CalledBack, Closed}

// Level is from where somebody is made responsible.
type Level string

const (
	ByStation   Level = "station"   // who directs it
	ByCell      Level = "cell"      // who leads it
	ByCommunity Level = "community" // who manages it
	ByStreet    Level = "street"    // who manages it
)

// Rectification 整改 is how something bad is put right. Its id is that of the rating.
type Rectification struct {
	store.Meta  `store:",inline"`
	About       About        `store:"about"`
	Place       access.Place `store:"place"`
	Sensitive   bool         `store:"sensitive,omitempty"`
	Grade       int          `store:"grade"`
	Rated       []string     `store:"rated"` // accounts whose work it was
	State       State        `store:"state"`
	Responsible string       `store:"responsible,omitempty"` // account; "" while there is nobody
	Level       Level        `store:"level,omitempty"`       // of who is responsible, as it was opened
	Caller      string       `store:"caller,omitempty"`      // account of who is to call back; "" for whoever manages there
	People      []string     `store:"people,omitempty"`      // these two
	OpenedAt    time.Time    `store:"openedAt"`
	From        time.Time    `store:"from"`  // the days given run from here: when it was opened, or was to be put right again
	Days        int          `store:"days"`  // working days given
	DueAt       time.Time    `store:"dueAt"` // the result is to be stated before
	Provisional bool         `store:"provisional,omitempty"`
	EscalateAt  time.Time    `store:"escalateAt,omitempty"` // DueAt, until it was escalated or need not be
	EscalatedAt time.Time    `store:"escalatedAt,omitempty"`
	EscalatedTo []string     `store:"escalatedTo,omitempty"` // accounts that were told
	Result      *Result      `store:"result,omitempty"`
	Calls       []Call       `store:"calls,omitempty"` // the first first; of the present result and of those before
	Tries       int          `store:"tries,omitempty"` // calls of the present result that reached nobody
	ClosedAt    time.Time    `store:"closedAt,omitempty"`
	UpdatedAt   time.Time    `store:"updatedAt"`
	Applied     []string     `store:"applied,omitempty"` // ids of the last actions, so that none is applied twice
}

// Result is what was done.
type Result struct {
	By   string    `store:"by"` // account
	At   time.Time `store:"at"`
	Text string    `store:"text"`
}

// Call is one callback 回访, be it that nobody was reached.
type Call struct {
	ID      string          `store:"id"`
	By      string          `store:"by"` // account
	At      time.Time       `store:"at"`
	Reached bool            `store:"reached"`
	Grade   int             `store:"grade,omitempty"` // of who was reached
	Words   personal.Sealed `store:"words,omitempty"`
}

const (
	resultLongest = 1000 // runes
	callsMost     = 50
	triesEnough   = 3 // calls that reach nobody, after which it may be ended without
	appliedRecent = 50
)

// rectifications are journaled in the street of what was rated.
var rectifications = store.Declare[Rectification](store.Declaration{
	Name: "rectifications", Schema: 1,
	Indexes: []string{
		"street: place.street, openedAt", // lists
		"people: people, openedAt",       // what is with somebody
		"escalate: escalateAt",           // the clock
		"provisional: provisional",       // what is reckoned anew when a year's holidays are known
	},
	Predicates: []string{"place.community", "about.kind", "state", "dueAt", "rated"},
})

// OverdueAt reports whether its result should have been stated by now.
func (r *Rectification) OverdueAt(now time.Time) bool {
	return r.State == Open && !now.Before(r.DueAt)
}

// Facts is what the rules of access need of it.
func (r *Rectification) Facts() access.Rectification {
	f := access.Rectification{Place: r.Place, Rated: r.Rated, Responsible: r.Responsible, Caller: r.Caller}
	if r.Result != nil {
		f.Rectifier = r.Result.By
	}
	return f
}

// Satisfied reports whether who was called back is satisfied.
func (r *Rectification) Satisfied() bool { return r.After() >= good }

// After is the grade at the last callback that reached somebody; 0 for none.
func (r *Rectification) After() int {
	for _, c := range slices.Backward(r.Calls) {
		if c.Reached {
			return c.Grade
		}
	}
	return 0
}

func (r *Rectification) facts() store.Facts {
	return store.Facts{State: string(r.State), Cell: r.Place.Cell, Assignee: r.Responsible}
}

// entry is the journal's line for what was done with it as it is now.
func (r *Rectification) entry(actor access.Actor, now time.Time, what string, before store.Facts) store.Entry {
	e := store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "rectification." + what, Before: before, After: r.facts(),
		Dims: map[string]string{AboutKind: string(r.About.Kind), AboutID: r.About.ID, "grade": gradeWord(r.Grade), "after": gradeWord(r.After()), "community": r.Place.Community}}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.MaySeeRectification(a, r.Facts()) })
	return e
}

// AboutRectification reports whether an entry is about a rectification; what that
// is of is in its dimensions AboutKind and AboutID.
func AboutRectification(e *store.Entry) bool {
	return e.Collection == rectifications.Spec().Name
}

// Dimensions of such an entry.
const (
	AboutKind = "about"
	AboutID   = "id"
)

// gradeWord is a grade as the journal has it; "" for none.
func gradeWord(grade int) string {
	if grade == 0 {
		return ""
	}
	return string(rune('0' + grade))
}

// settle keeps what follows from the rest of it.
func (r *Rectification) settle() {
	r.People = nil
	for _, id := range []string{r.Responsible, r.Caller} {
		if id != "" && !slices.Contains(r.People, id) {
			r.People = append(r.People, id)
		}
	}
	r.EscalateAt = time.Time{}
	if r.State == Open && r.EscalatedAt.IsZero() {
		r.EscalateAt = r.DueAt
	}
}

// about is what items of somebody's list are about.
func (r *Rectification) about() todo.About {
	return todo.About{Kind: TodoKind, ID: r.ID, Place: r.Place}
}

// TodoKind is what a rectification is called where somebody is to look at one.
const TodoKind = "rectification"
