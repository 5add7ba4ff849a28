package handlers

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
	"wangge/domain/delivery"
	"wangge/domain/deployment"
	"wangge/domain/device"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/journal"
	"wangge/domain/link"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/photo"
	"wangge/domain/place"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/robot"
	"wangge/domain/service"
	"wangge/domain/sms"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// What the contract is, for apps that were built for another one.
const (
	apiVersion = "1.0"   // info.version of openapi.yaml
	oldestApp  = "1.0.0" // apps older than this are to be updated before they go on
)

// features are what this server can do beyond the first version of the contract.
var features = []string{"forms", "households", "idempotency", "offline-visits", "ogc-features", "stations", "tickets", "vector-tiles", "visit-plans"}

// metaOut is what an app asks before anything else.
type metaOut struct {
	APIVersion string            `json:"apiVersion"`
	OldestApp  string            `json:"oldestApp"`
	Features   []string          `json:"features"`
	ServerTime wire.Time         `json:"serverTime"`
	SignIn     []string          `json:"signIn"`
	Limits     limitsOut         `json:"limits"`
	BaseMap    *baseMapOut       `json:"baseMap"`
	Enums      map[string][]word `json:"enums"`
}

// baseMapOut is the map that an app may lay below ours.
type baseMapOut struct {
	Tiles       string `json:"tiles"`
	Datum       string `json:"datum"`
	Attribution string `json:"attribution"`
}

// limitsOut are what a request may be, sizes in bytes, and how many of a kind are taken within an hour.
type limitsOut struct {
	PageDefault           int   `json:"pageDefault"`
	PageMost              int   `json:"pageMost"`
	BodyBytes             int64 `json:"bodyBytes"`
	FormBytes             int64 `json:"formBytes"`
	BoundaryBytes         int64 `json:"boundaryBytes"`
	ImportBytes           int64 `json:"importBytes"`
	PhotoBytes            int64 `json:"photoBytes"`
	JPEGMegapixels        int   `json:"jpegMegapixels"`
	ProgressiveMegapixels int   `json:"progressiveMegapixels"`
	PNGMegapixels         int   `json:"pngMegapixels"`
	RevealsPerHour        int   `json:"revealsPerHour"`
	NameSearchesPerHour   int   `json:"nameSearchesPerHour"`
	ReportsPerHour        int   `json:"reportsPerHour"`
	NetworkReportsPerHour int   `json:"networkReportsPerHour"`
	StaffReportsPerHour   int   `json:"staffReportsPerHour"`
	WritesPerHour         int   `json:"writesPerHour"`
}

var signInWords = domain.NewEnum("SignInWay", domain.W("password", "用户名和密码", "username and password"), domain.W("code", "手机验证码", "a code sent to the phone"))

// enums are all that the contract has.
func enums() []domain.Enum {
	return slices.Concat(access.Enums, account.Enums, area.Enums, household.Enums, plan.Enums, visit.Enums, homecall.Enums, ticket.Enums, link.Enums, intake.Enums, policy.Enums, clocks.Enums, calendar.Enums, service.Enums, station.Enums, posting.Enums, deployment.Enums, webhook.Enums, rating.Enums, live.Enums, delivery.Enums, device.Enums, robot.Enums, sms.Enums, journal.Enums,
		[]domain.Enum{todo.KindWords(), notice.KindWords(), notice.ImportanceWords, domain.ClockDoubtWords, domain.SortWords, web.DatumWords, place.SourceWords, address.LevelWords, postRoleWords, neighbourWords, area.KeepsWords, sizeWords, layerWords, foundWords, severityWords, dueWords, encodingWords, statusWords, signInWords, ledgerFormats})
}

func (s *Server) meta(now time.Time) metaOut {
	jpeg, progressive, png := photo.Megapixels()
	reveals, reports := s.Households.Reveals, s.Tickets.PerHour
	limits := limitsOut{
		PageDefault: web.PageDefault, PageMost: web.PageMost, BodyBytes: web.Small, FormBytes: web.Sheet, BoundaryBytes: drawing, ImportBytes: bulk,
		PhotoBytes: photo.BytesMost, JPEGMegapixels: jpeg, ProgressiveMegapixels: progressive, PNGMegapixels: png,
		RevealsPerHour: reveals.PerHour, NameSearchesPerHour: reveals.NamesPerHour, ReportsPerHour: reports.Resident,
		NetworkReportsPerHour: reports.Network, StaffReportsPerHour: reports.Staff, WritesPerHour: s.WritesPerHour,
	}
	out := metaOut{apiVersion, oldestApp, features, wire.Time(now), domain.CodesOf[string](signInWords), limits, (*baseMapOut)(s.BaseMap), map[string][]word{}}
	for _, e := range enums() {
		for _, w := range e.Words {
			out.Enums[e.Name] = append(out.Enums[e.Name], word{w.Code, textsOut{w.Text.ZH, w.Text.EN}})
		}
	}
	return out
}

// metaTag tells one edition of the answer from another, whatever time it is.
func (s *Server) metaTag() (int64, error) {
	text, err := json.Marshal(s.meta(time.Time{}))
	sum := fnv.New64a()
	sum.Write(text)
	return int64(sum.Sum64() >> 1), err
}

// getMeta says what this server is. It may be kept for five minutes; the time
// of an answer out of a cache is that of its Date header plus Age.
func getMeta(r *apiRequest) (*web.Reply, error) {
	tag, err := r.metaTag()
	return &web.Reply{Status: 200, Body: r.meta(r.Now), Version: tag, Cache: "public, max-age=300"}, err
}
