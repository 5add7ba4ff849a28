// Package delivery takes notices out of the inbox to phones: by which ways,
// when, how often, and what is done when nobody answers. The ways themselves
// are channels, which know a service's wire and nothing of notices.
package delivery

import (
	"context"
	"time"

	"wangge/domain"
)

// Way is a kind of channel.
type Way string

const (
	FCM     Way = "fcm"
	JPush   Way = "jpush"
	Getui   Way = "getui"
	WeChat  Way = "wechat"
	Robot   Way = "robot" // a group's
	Gateway Way = "gateway"
	SMS     Way = "sms"
)

// WayWords are the ways.
var WayWords = domain.NewEnum("DeliveryWay",
	domain.W(FCM, "FCM 推送", "Firebase Cloud Messaging"), domain.W(JPush, "极光推送", "JPush"), domain.W(Getui, "个推", "Getui (uni-push)"),
	domain.W(WeChat, "微信订阅消息", "WeChat subscription message"), domain.W(Robot, "群机器人", "group robot"), domain.W(Gateway, "推送网关", "push gateway"), domain.W(SMS, "短信", "text message"))

// Enum lists the ways.
func (Way) Enum() domain.Enum { return WayWords }

// Message is what goes to one address by one channel. Its text is for a lock
// screen: it names no person, address or matter.
type Message struct {
	ID       string // the notice's: the same on each try, and what collapses on a phone
	Key      string // kept from the first try on: what the service knows a repeated try by; "" where it needs none
	Address  string // the registration: token, registration id, openid, phone, URL of a robot
	Platform string // android, ios, harmony or mini-program, as the device said
	Kind     string // of the notice: templates of services go by it
	Language string // of its text
	Title    string
	Text     string
	Link     string // into the app: wangge://inbox/<notice>
	Urgent   bool   // goes out at once and with sound
	At       time.Time
	TTL      time.Duration
}

// State is what became of a try.
type State string

const (
	Taken  State = "taken"  // the service has it
	Later  State = "later"  // to be tried again
	Never  State = "never"  // the message is wrong, or refused: not tried again
	Gone   State = "gone"   // the address is no more: it is forgotten
	Spent  State = "spent"  // nothing may be sent to it for now: a mini-program's grant is used up
	Broken State = "broken" // the channel itself is wrong (keys, balance, project): somebody has to see to it
)

// Outcome is what came of a try.
type Outcome struct {
	State State
	After time.Duration // of Later and Broken: not before; 0: as the sender sees fit
	Code  string        // what the service said, for people: a code, never a text with an address in it
	Key   string        // of a try that fetched one: kept for the next
	Alone bool          // of Later: it is this address that waits, and no other
}

// Channel takes messages to a service. Send never blocks beyond ctx, and says by
// its outcome, never by a panic, that an answer was garbage.
type Channel interface {
	Send(ctx context.Context, m Message) Outcome
}
