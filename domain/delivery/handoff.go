package delivery

import (
	"time"

	"wangge/domain"
	"wangge/domain/notice"
	"wangge/domain/retry"
	"wangge/store"
)

// Handoff is what one address is to get about one thing: the latest notice
// takes the place of one that was not handed off yet.
type Handoff struct {
	store.Meta `store:",inline"`
	Way        Way               `store:"way"`
	Address    string            `store:"address,omitempty"`   // id of the device or robot; none of a phone
	Recipient  string            `store:"recipient,omitempty"` // account; none of a robot's
	Thing      string            `store:"thing"`               // id of its Waiting
	Notice     string            `store:"notice,omitempty"`    // none of a digest's and a robot's
	Kind       notice.Kind       `store:"kind,omitempty"`
	Importance notice.Importance `store:"importance,omitempty"`
	At         time.Time         `store:"at"`               // of the notice
	Since      time.Time         `store:"since"`            // it was put in line
	Held       int               `store:"held,omitempty"`   // so many things that were held back
	Street     string            `store:"street,omitempty"` // the robot's
	Counts     []Count           `store:"counts,omitempty"`
	Key        string            `store:"key,omitempty"` // of the service; see Message
	Tries      int               `store:"tries"`
	State      Progress          `store:"state"`
	Code       string            `store:"code,omitempty"` // of the last outcome, or why it was dropped
	DueAt      time.Time         `store:"dueAt,omitempty"`
	Taken      time.Time         `store:"taken,omitempty"` // when the last was
	Expires    time.Time         `store:"expires,omitempty"`
}

// Progress is how far a hand-off has come.
type Progress string

const (
	Due     Progress = "due"
	Done    Progress = "done"    // the service has it
	Failed  Progress = "failed"  // the service never takes it, or did not in time
	Dropped Progress = "dropped" // not wanted any more
)

// ProgressWords are how far a hand-off has come.
var ProgressWords = domain.NewEnum("DeliveryProgress",
	domain.W(Due, "待发送", "to be sent"), domain.W(Done, "已交付通道", "taken by the channel"), domain.W(Failed, "未能送出", "could not be sent"), domain.W(Dropped, "已无需发送", "not wanted any more"))

var handoffs = store.Declare[Handoff](store.Declaration{
	Name: "deliveryHandoffs", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"due: way, dueAt",            // what is to be handed off
		"ended: way, state, expires", // what became of the others
		"expires: expires",           // what is removed
	},
})

// schedules are how long after each try there is another, by importance; each
// ends before what is sent is worth nothing any more.
var schedules = map[notice.Importance]retry.Schedule{
	notice.Urgent: {2 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour},
	notice.Task:   {5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour},
	notice.News:   {10 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 4 * time.Hour},
}

// lives are how long after it was put in line something is still worth sending.
var lives = map[notice.Importance]time.Duration{notice.Urgent: 4 * time.Hour, notice.Task: 24 * time.Hour, notice.News: 12 * time.Hour}

const (
	handedKept  = 24 * time.Hour // on record
	keyPatience = 3              // times that a channel may fetch a key for one message
)

// next puts something in line, in place of what is there.
func (h *Handoff) next(of *Handoff, now time.Time) {
	due := now
	switch {
	case of.Importance == notice.Urgent:
	case h.State == Due: // as it waits
		due = later(now, h.DueAt)
	case h.Taken.Add(Window).After(now) && of.Street == "":
		due = h.Taken.Add(Window)
	}
	if h.State != Due {
		h.Tries = 0
	}
	meta, taken, tries, counts := h.Meta, h.Taken, h.Tries, of.Counts
	if h.State == Due && of.Street != "" { // what a group was not told yet is told with it
		counts = sum(h.Counts, of.Counts)
	}
	*h = *of
	h.Counts = counts
	h.Meta, h.Taken, h.Tries, h.State, h.Since, h.DueAt = meta, taken, tries, Due, now, due
}

// over reports whether it is no more worth sending.
func (h *Handoff) over(now time.Time) bool { return now.Sub(h.Since) >= lives[h.Importance] }

// same reports whether it is still what was sent: nothing newer took its place.
func (h *Handoff) same(sent *Handoff) bool {
	return h.State == Due && h.Notice == sent.Notice && h.Since.Equal(sent.Since)
}

// after is the hand-off after what came of a try to send sent, which may not be
// the latest any more. jitter is a random number from 0 to 1.
func (h *Handoff) after(sent *Handoff, o Outcome, at time.Time, jitter float64) {
	same := h.same(sent)
	h.Code = o.Code
	switch {
	case o.State == Taken:
		h.Taken = at
		if !same {
			if h.State == Due && h.Importance != notice.Urgent {
				h.DueAt = later(h.DueAt, at.Add(Window))
			}
			return
		}
		h.end(Done, at)
	case !same:
	case o.Key != "" && o.Key != h.Key && h.Tries < keyPatience:
		h.Key, h.Tries = o.Key, h.Tries+1
		h.DueAt = at.Add(o.After)
	case o.State == Later || o.State == Broken:
		h.again(o, at, jitter)
	default:
		h.end(Failed, at)
	}
}

// again is tried later, as long as it is worth it. That a channel is broken is
// no try: the circuit says when there is another.
func (h *Handoff) again(o Outcome, at time.Time, jitter float64) {
	if o.State == Later {
		h.Tries++
	}
	wait, more := schedules[h.Importance].After(max(1, h.Tries), o.After, jitter)
	if h.DueAt = at.Add(wait); !more || h.over(h.DueAt) {
		h.end(Failed, at)
	}
}

func (h *Handoff) end(as Progress, at time.Time) {
	h.State, h.DueAt, h.Key, h.Expires = as, time.Time{}, "", at.Add(handedKept)
}
