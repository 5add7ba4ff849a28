package intake

import (
	"wangge/domain"
	"wangge/store"
)

// Decided is how the decision of a case stands to the promise that was in force then.
type Decided string

const (
	InTime     Decided = "in_time"    // 按期办结: before the end of the promised day
	Late       Decided = "late"       // 逾期办结
	Unpromised Decided = "unpromised" // 无承诺: nothing was promised
)

// DecidedWords are how decisions stand to promises.
var DecidedWords = domain.NewEnum("IntakeDecided", domain.W(InTime, "按期办结", "within the promise"), domain.W(Late, "逾期办结", "after the promised day"), domain.W(Unpromised, "无承诺时限", "nothing was promised"))

// Enum makes it a word of the contract.
func (Decided) Enum() domain.Enum { return DecidedWords }

// then is what it is of a case that comes from one state into another: done or
// refused is decided, and collected what was. What was not accepted or was
// taken back is not, also where its papers are collected.
func (d Decided) then(from, to State) Decided {
	switch {
	case to.Open(), to == NotAccepted, to == Withdrawn, to == Collected && (from == NotAccepted || from == Withdrawn):
		return ""
	case to == Collected && from == Collected:
		return d
	}
	return Unpromised // see judge
}

// judge compares when a decided case was over with its promise.
func (c *Case) judge() {
	switch {
	case c.Decided == "":
	case c.DueAt.IsZero():
		c.Decided = Unpromised
	case c.ClosedAt.Before(c.DueAt):
		c.Decided = InTime
	default:
		c.Decided = Late
	}
}

// withDecided brings a case from schema 1 to 2. One that was collected was
// decided, as far as that is known.
func withDecided(doc store.D) (store.D, error) {
	doc = store.Without(doc, "decided", "came")
	var c Case
	trips := 0
	for _, f := range doc {
		switch v := f.Value.(type) {
		case string:
			if f.Key == "state" && v != "" {
				c.Decided = Decided("").then("", State(v))
			}
		case store.A:
			if f.Key == "trips" {
				trips = len(v)
			}
		default:
			if at, ok := store.Moment(v); ok && f.Key == "closedAt" {
				c.ClosedAt = at
			} else if ok && f.Key == "dueAt" {
				c.DueAt = at
			}
		}
	}
	if c.judge(); c.Decided != "" {
		doc = append(doc, store.E{Key: "decided", Value: string(c.Decided)})
	}
	if trips > 0 {
		doc = append(doc, store.E{Key: "came", Value: int64(trips)})
	}
	return doc, nil
}
