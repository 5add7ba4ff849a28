// Package handlers is what the API offers: each handler decodes a request,
// calls one use case of the domain, and answers. Wire types sit beside their
// handler; the domain's own types never reach the wire. What every request
// goes through is package web. Every route is in one table (routes.go) with the
// access it requires, the parameters it takes and the size of the body it
// accepts, and openapi.yaml describes exactly these.
package handlers

import (
	"context"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/cellnotice"
	"wangge/domain/coordination"
	"wangge/domain/delivery"
	"wangge/domain/deployment"
	"wangge/domain/device"
	"wangge/domain/fold"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/journal"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/robot"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/sms"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/domain/wechat"
	"wangge/handlers/auth"
	"wangge/handlers/ogc"
	"wangge/handlers/tiles"
	"wangge/handlers/web"
)

// Deps is what the server works with; all are required but for the ones that say so.
type Deps struct {
	// Ping reports whether the database answers and takes writes; Preparing, what an upgrade still brings about.
	Ping      func(context.Context) error
	Preparing func() []domain.Preparing
	Requests  once.Requests // what Idempotency-Keys are remembered by
	Photos    photo.Photos
	Accounts  *account.Accounts
	Areas     *area.Areas
	Policies  *policy.Policies
	Calendars *calendar.Calendars
	// Items are the service items of the counters; Qualifications, of the people there.
	Items          *service.Items
	Qualifications *service.Qualifications
	Households     *household.Households
	Addresses      *address.Addresses
	Forms          *form.Forms
	Plans          *plan.Plans
	visit.UseCases
	HomeCalls *homecall.Calls
	Scheduler *schedule.Scheduler
	Doors     *coordination.Doors
	Stations  *station.Stations
	Postings  *posting.Postings
	// Deployment says who is free of the counters and what they do.
	Deployment  *deployment.Figuring
	Tickets     *ticket.Tickets
	Todos       *todo.Todos
	Journal     *journal.Journal
	Notices     *notice.Notices
	Devices     *device.Devices
	Delivering  *delivery.Deliveries // of notices to phones
	CellNotices *cellnotice.Messages // what managers tell all residents of a cell
	WeChat      *wechat.WeChat
	Links       *link.Links
	Counter     *coordination.Counter
	Cases       *intake.Cases
	Ratings     *rating.Ratings
	Robots      *robot.Robots
	// TestRobot has a robot of a street write into its group, soon.
	TestRobot func(ctx context.Context, now time.Time, street, robot string) error
	// Webhooks are the receivers; Deliveries, the messages on their way there.
	Webhooks   *webhook.Targets
	Deliveries *webhook.Deliveries
	Texts      *sms.Texts // nil: none are sent
	Live       *live.Hub
	Tiles      *tiles.Tiles
	OGC        *ogc.Features
	Tokens     *auth.KeySet
	// PublicURL begins the links that must be whole: no slash at its end. The
	// Host of a request is not believed: it would be anybody's word in caches.
	PublicURL string
	Contract  []byte // openapi.yaml
	// Docs is what was built of the page that shows it; Console, of the managers' console and the public map.
	Docs, Console fs.FS
	BaseMap       *BaseMap // nil: none
	Log           *slog.Logger
	Now           func() time.Time
	// TrustedProxies are the addresses or CIDR blocks whose X-Forwarded-For is believed; may be empty.
	TrustedProxies []string
	// Origins are the sites whose pages may call from a browser; may be empty.
	Origins       web.Origins
	Limits        *limit.Limits
	WritesPerHour int // of a resident, reports apart
}

// Server answers HTTP requests. It keeps no state but caches.
type Server struct {
	Deps
	*web.Server
	browsers    browsers
	docs        *site
	console     *site
	cellAnswers cellAnswerCache
	streams     streams
}

// New builds the server. Listen and Shutdown run it; Test (of fiber.App) calls it without a socket.
func New(d Deps) (*Server, error) {
	s := &Server{Deps: d, streams: streams{taking: eventsTaking}}
	d.Live.Sights, d.Live.Render = d.Todos.Sights, s.renderEvent
	var err error
	if s.browsers, err = newBrowsers(d.PublicURL); err != nil {
		return nil, err
	}
	if err := s.readPages(); err != nil {
		return nil, err
	}
	s.Server, err = web.New(web.Options{
		Requests: d.Requests, Tokens: d.Tokens, Actor: d.Accounts.Actor, Limits: d.Limits, WritesPerHour: d.WritesPerHour, Log: d.Log, Now: d.Now,
		TrustedProxies: d.TrustedProxies, Origins: d.Origins, Kinds: s.kinds(), Refusals: slices.Concat(refusals, wechatRefusals),
	}, s.routes())
	return s, err
}

// refusals are errors of ours that the kernel does not know.
var refusals = []web.Refusal{
	{Err: account.ErrReused, Status: 401, Code: "session_reused", Text: domain.T("刷新令牌被重复使用，登录已结束，请重新登录", "a refresh token was used twice; the session has ended, sign in again")},
	{Err: account.ErrOtherAccount, Status: 409, Code: "other_account", Text: domain.T("此浏览器已由另一个账号登录", "somebody else has signed in in this browser")},
	{Err: domain.ErrNotSortable, Status: 422, Code: "not_sortable", Text: domain.T("按范围、文字、住户或计划查找时不能另行排序", "what is looked for in a box, by text, household or plan has no other order")},
	{Err: fold.ErrTooShort, Status: 422, Code: "too_short", Text: domain.T("请至少输入两个字", "one character alone is not looked for: enter two or more")},
}

// apiRequest is a request with the use cases that answer it.
type apiRequest struct {
	*web.Request
	*Server
}

// on makes the kernel's handler of one of ours.
func (s *Server) on(handle func(*apiRequest) (*web.Reply, error)) web.Handler {
	return func(r *web.Request) (*web.Reply, error) { return handle(&apiRequest{r, s}) }
}
