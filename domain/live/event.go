// Package live tells who listens of what happens, as it happens. A hub on every
// node follows the journals by itself and tells each listener of what they may
// see now, by the thing as it is and by what the listener is granted now; of
// anything else they hear nothing, not even that there was something. An event
// holds ids and words of the program only. How it goes out, handlers know.
package live

import (
	"time"

	"wangge/domain"
	"wangge/domain/notice"
)

// Thing is what an event is about.
type Thing string

// Things that are told of.
const (
	Ticket         Thing = "ticket"
	FollowedTicket Thing = "followed-ticket" // as the public sees it, by the id that the public knows
	Case           Thing = "intake-case"
	OwnCase        Thing = "own-case" // to whose it is
	HomeCall       Thing = "home-call"
	Visit          Thing = "visit"
	Stop           Thing = "stop"
	Promise        Thing = "promise"
	Cell           Thing = "cell"
	Notice         Thing = "notice" // in the listener's inbox
	Inbox          Thing = "inbox"  // some of it was read, on whichever device
)

// ThingWords are the things.
var ThingWords = domain.NewEnum("EventThing",
	domain.W(Ticket, "工单", "a ticket"), domain.W(FollowedTicket, "关注的诉求", "a ticket that is followed"), domain.W(Case, "受理件", "an intake case"),
	domain.W(OwnCase, "本人办件", "one's own case"), domain.W(HomeCall, "上门代办预约", "a home call of one's own"), domain.W(Visit, "走访", "a visit"), domain.W(Stop, "到访", "a stop"),
	domain.W(Promise, "承诺", "a promise"), domain.W(Cell, "网格", "a cell"), domain.W(Notice, "消息", "a notice in the inbox"), domain.W(Inbox, "消息已读", "the inbox, of which some was read"))

// Event says that something has become of a thing. Two listeners who are told
// the same have equal events.
type Event struct {
	What     Thing
	ID       string
	Action   string // as its timeline has it; "" for who is told only that it changed
	From, To string // states
	Version  int64  // as the listener counts; 0 where it is not told
	Cell     string // id of the cell it lies in; "" for none
	At       time.Time
	// Of a notice:
	Kind       notice.Kind
	Importance notice.Importance
	About      notice.About
}

// arrival is what the recipient of a notice hears.
func arrival(a notice.Arrival) Event {
	return Event{What: Notice, ID: a.ID, Kind: a.Kind, Importance: a.Importance, About: a.About, At: a.At}
}

// wasRead is what somebody hears who read notices of theirs: the id is their account's.
func wasRead(list *notice.Arrivals) Event { return Event{What: Inbox, ID: list.Read, At: list.At} }

// Line is an event with the place in the journals after it, made once for all who are told the same.
type Line struct {
	Event  Event
	Cursor string // see Listener.Mark
	Text   []byte // as it goes out, by Hub.Render
}

// Reason is why a listener is told no more.
type Reason string

// Reasons of the end.
const (
	Stopping  Reason = "stopping" // the server stops: another is to be asked
	SignedOff Reason = "session_ended"
	Expired   Reason = "token_expired" // a fresh token is needed
	Replaced  Reason = "replaced"      // by later ones of the same account
	TooSlow   Reason = "too_slow"      // takes less than there is to tell
)

// ReasonWords are the reasons.
var ReasonWords = domain.NewEnum("EventsEndReason",
	domain.W(Stopping, "服务正在停止", "the server stops"), domain.W(SignedOff, "登录已结束", "the session has ended"), domain.W(Expired, "访问令牌已过期", "the access token has run out"),
	domain.W(Replaced, "同一账号打开了更多的连接", "the account opened more streams"), domain.W(TooSlow, "接收过慢", "it was taken too slowly"))

// Enums are the lists of words that clients are told.
var Enums = []domain.Enum{ThingWords, ReasonWords}
