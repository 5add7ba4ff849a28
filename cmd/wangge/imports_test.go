package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// direction says what the package of a path may import: paths of this module
// (a trailing /... takes in what is below) and modules of others. Only
// wangge/cmd speaks for what is below it too.
type direction struct {
	of   string
	ours []string
	mods []string
}

const (
	uuidMod  = "github.com/google/uuid"
	orbMod   = "github.com/paulmach/orb"
	bsonMod  = "go.mongodb.org/mongo-driver"
	fiberMod = "github.com/gofiber/fiber/v2"
	fastMod  = "github.com/valyala/fasthttp" // fiber stands on it; hooks that fiber does not pass on
)

// directions are the architecture: geo, store ← domain ← handlers ← cmd.
var directions = []direction{
	{"wangge", nil, nil}, // the contract
	{"wangge/web", nil, nil},
	{"wangge/geo", nil, []string{orbMod, "github.com/peterstace/simplefeatures"}},
	{"wangge/geo/tile", nil, []string{orbMod}},
	{"wangge/geo/route", []string{"wangge/geo"}, []string{orbMod}},
	{"wangge/store", nil, []string{bsonMod, uuidMod}},
	{"wangge/store/jobs", []string{"wangge/store"}, nil},
	{"wangge/store/sqlite", []string{"wangge/store"}, []string{bsonMod, "github.com/klauspost/compress", "modernc.org/sqlite"}}, // rows are packed
	{"wangge/store/mongodb", []string{"wangge/store"}, []string{bsonMod}},
	{"wangge/store/mongodb/mongotest", nil, []string{bsonMod, uuidMod}}, // for tests
	{"wangge/store/storetest", []string{"wangge/store"}, []string{bsonMod, uuidMod}},
	{"wangge/store/enginetest", []string{"wangge/store", "wangge/store/sqlite", "wangge/store/mongodb", "wangge/store/mongodb/mongotest"}, []string{bsonMod}}, // for tests
	{"wangge/domain", []string{"wangge/domain/fold", "wangge/store"}, nil},
	{"wangge/domain/fold", nil, []string{"golang.org/x/text"}},
	{"wangge/domain/civil", nil, nil},
	{"wangge/domain/calendar", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/once", "wangge/domain/table", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/domain/clocks", []string{"wangge/domain", "wangge/domain/calendar", "wangge/domain/civil"}, nil},
	{"wangge/domain/ids", []string{"wangge/domain"}, []string{uuidMod}},
	{"wangge/domain/retry", nil, nil},
	{"wangge/domain/secret", nil, nil},
	{"wangge/domain/secretlink", []string{"wangge/domain", "wangge/domain/secret", "wangge/store"}, nil},
	{"wangge/domain/access", []string{"wangge/domain"}, nil},
	{"wangge/domain/once", []string{"wangge/domain", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/domain/personal", []string{"wangge/domain", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/personal/keyfile"}, nil},
	{"wangge/domain/personal/keyfile", nil, nil},
	{"wangge/domain/table", []string{"wangge/domain", "wangge/domain/fold", "wangge/domain/once", "wangge/domain/table/xlsx"}, []string{"golang.org/x/text"}},
	{"wangge/domain/table/xlsx", []string{"wangge/domain"}, nil}, // no module: the package says why
	{"wangge/domain/table/xlsx/xlsxtest", nil, nil},              // for tests
	{"wangge/domain/area", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/table", "wangge/geo", "wangge/store", "wangge/store/jobs"}, []string{orbMod}},
	{"wangge/domain/limit", []string{"wangge/domain", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/domain/account", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/limit", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/secret", "wangge/domain/secretlink", "wangge/store"},
		[]string{"golang.org/x/crypto", "golang.org/x/text"}},
	{"wangge/domain/reveal", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/limit", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/domain/place", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/geo", "wangge/store"}, []string{orbMod}},
	{"wangge/domain/worldtest", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/personal", "wangge/geo", "wangge/store", "wangge/store/enginetest"}, []string{orbMod}}, // for tests
	{"wangge/domain/policy", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/clocks", "wangge/domain/fold", "wangge/domain/once", "wangge/domain/table", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/domain/household", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/place", "wangge/domain/policy", "wangge/domain/reveal", "wangge/domain/table",
		"wangge/geo", "wangge/store", "wangge/store/jobs"}, []string{orbMod, "golang.org/x/text"}},
	{"wangge/domain/address", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/fold", "wangge/domain/household", "wangge/domain/ids", "wangge/domain/limit", "wangge/domain/personal", "wangge/domain/place", "wangge/domain/table",
		"wangge/geo", "wangge/store"}, []string{orbMod}},
	{"wangge/domain/form", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/ids", "wangge/store"},
		[]string{"github.com/pb33f/jsonschema/v6"}},
	{"wangge/domain/plan/recurrence", []string{"wangge/domain", "wangge/domain/civil"}, nil},
	{"wangge/domain/plan", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/form", "wangge/domain/household",
		"wangge/domain/once", "wangge/domain/place", "wangge/domain/plan/recurrence", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/domain/visit", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/form",
		"wangge/domain/household", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/photo", "wangge/domain/place", "wangge/domain/plan", "wangge/domain/plan/recurrence", "wangge/domain/policy",
		"wangge/geo", "wangge/geo/route", "wangge/store", "wangge/store/jobs"}, []string{orbMod}},
	{"wangge/domain/schedule", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/household",
		"wangge/domain/plan", "wangge/domain/plan/recurrence", "wangge/domain/policy", "wangge/domain/visit", "wangge/store", "wangge/store/jobs"}, nil}, // above plans and visits, which do not know it
	{"wangge/domain/schedule/scheduletest", []string{"wangge/domain/...", "wangge/geo", "wangge/store", "wangge/store/enginetest"}, nil}, // for tests
	{"wangge/domain/photo", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/once", "wangge/store"}, []string{"golang.org/x/image"}},
	{"wangge/domain/receipt", []string{"wangge/domain/civil", "wangge/store"}, nil},
	{"wangge/domain/ticket", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/clocks", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/limit", "wangge/domain/once",
		"wangge/domain/personal", "wangge/domain/photo", "wangge/domain/place", "wangge/domain/policy", "wangge/domain/receipt", "wangge/domain/reveal", "wangge/domain/todo", "wangge/geo", "wangge/store", "wangge/store/jobs"}, []string{orbMod}},
	{"wangge/domain/station", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/place",
		"wangge/domain/service", "wangge/domain/todo", "wangge/geo", "wangge/store", "wangge/store/jobs"}, []string{orbMod}},
	{"wangge/domain/service", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/once",
		"wangge/domain/photo", "wangge/domain/table", "wangge/domain/todo", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/domain/todo", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/ids", "wangge/domain/once", "wangge/store"}, nil},
	{"wangge/domain/intake", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/personal",
		"wangge/domain/photo", "wangge/domain/place", "wangge/domain/receipt", "wangge/domain/reveal", "wangge/domain/service", "wangge/domain/station", "wangge/domain/table", "wangge/domain/todo", "wangge/store", "wangge/store/jobs"}, []string{"golang.org/x/text"}},
	{"wangge/domain/posting", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/fold", "wangge/domain/ids", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/place", "wangge/domain/station", "wangge/domain/table", "wangge/store"}, nil},
	{"wangge/domain/deployment", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/ids", "wangge/domain/intake", "wangge/domain/place", "wangge/domain/posting", "wangge/domain/station", "wangge/domain/ticket", "wangge/domain/visit", "wangge/store"}, nil}, // above all that it counts
	{"wangge/domain/collections", []string{"wangge/domain/account", "wangge/domain/address", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/cellnotice", "wangge/domain/delivery", "wangge/domain/deployment", "wangge/domain/device", "wangge/domain/form", "wangge/domain/homecall", "wangge/domain/household", "wangge/domain/intake", "wangge/domain/limit", "wangge/domain/link", "wangge/domain/live", "wangge/domain/notice", "wangge/domain/once", "wangge/domain/personal",
		"wangge/domain/photo", "wangge/domain/plan", "wangge/domain/policy", "wangge/domain/posting", "wangge/domain/rating", "wangge/domain/receipt", "wangge/domain/reveal", "wangge/domain/robot", "wangge/domain/schedule", "wangge/domain/service", "wangge/domain/sms", "wangge/domain/station", "wangge/domain/ticket", "wangge/domain/todo", "wangge/domain/visit", "wangge/domain/webhook", "wangge/domain/wechat", "wangge/store"}, nil},
	{"wangge/domain/link", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/ids", "wangge/domain/intake", "wangge/domain/ticket", "wangge/domain/todo", "wangge/domain/visit", "wangge/store", "wangge/store/jobs"}, nil}, // above all that it links
	{"wangge/domain/rating", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/homecall", "wangge/domain/household", "wangge/domain/ids", "wangge/domain/intake", "wangge/domain/once", "wangge/domain/personal",
		"wangge/domain/place", "wangge/domain/policy", "wangge/domain/station", "wangge/domain/ticket", "wangge/domain/todo", "wangge/domain/visit", "wangge/store", "wangge/store/jobs"}, nil}, // above all that is rated
	{"wangge/domain/webhook", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/ids", "wangge/domain/intake", "wangge/domain/link", "wangge/domain/once", "wangge/domain/personal", "wangge/domain/rating", "wangge/domain/retry", "wangge/domain/ticket", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/domain/homecall", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/calendar", "wangge/domain/civil", "wangge/domain/household", "wangge/domain/ids", "wangge/domain/intake", "wangge/domain/link", "wangge/domain/once",
		"wangge/domain/personal", "wangge/domain/place", "wangge/domain/plan", "wangge/domain/policy", "wangge/domain/reveal", "wangge/domain/service", "wangge/domain/todo", "wangge/domain/visit", "wangge/geo", "wangge/store", "wangge/store/jobs"}, []string{orbMod}}, // above all that a booking makes
	{"wangge/domain/coordination", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/household", "wangge/domain/intake", "wangge/domain/link", "wangge/domain/ticket", "wangge/domain/visit", "wangge/store"}, nil},
	{"wangge/domain/stats", []string{"wangge/domain/access", "wangge/domain/area", "wangge/domain/civil", "wangge/domain/household", "wangge/domain/ticket", "wangge/domain/visit", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/cmd/wangge/geocode", []string{"wangge/domain/address", "wangge/domain/civil", "wangge/domain/place", "wangge/geo"}, []string{orbMod}},                                                                                                                                                                                                                      // services elsewhere; for cmd only
	{"wangge/domain/live", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/homecall", "wangge/domain/intake", "wangge/domain/notice", "wangge/domain/personal", "wangge/domain/secret", "wangge/domain/ticket", "wangge/domain/todo", "wangge/domain/visit", "wangge/store", "wangge/store/jobs"}, nil}, // above notices
	{"wangge/domain/notice", []string{"wangge/domain/...", "wangge/store", "wangge/store/jobs"}, nil},                                                                                                                                                                                                                                                                   // above all that it tells of
	{"wangge/domain/journal", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/intake", "wangge/domain/reveal", "wangge/domain/ticket", "wangge/domain/todo", "wangge/store"}, nil},
	{"wangge/domain/sight", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/homecall", "wangge/domain/household", "wangge/domain/intake", "wangge/domain/plan", "wangge/domain/rating", "wangge/domain/robot", "wangge/domain/service", "wangge/domain/station", "wangge/domain/ticket", "wangge/domain/todo", "wangge/domain/visit", "wangge/domain/webhook"}, nil}, // above the things that are seen
	{"wangge/domain/delivery", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/civil", "wangge/domain/ids", "wangge/domain/notice", "wangge/domain/once", "wangge/domain/retry", "wangge/store", "wangge/store/jobs"}, nil},                                                                                                                                                                // above notices
	{"wangge/domain/cellnotice", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/household", "wangge/domain/limit", "wangge/domain/notice", "wangge/domain/once", "wangge/domain/personal", "wangge/store", "wangge/store/jobs"}, nil},                                                                                                                               // above notices
	{"wangge/domain/robot", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/notice", "wangge/domain/once", "wangge/domain/personal", "wangge/store", "wangge/store/jobs"}, nil},                                                                                                                                                                                      // tells of notices
	{"wangge/domain/device", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/delivery", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/domain/wechat", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/account", "wangge/domain/area", "wangge/domain/delivery", "wangge/domain/device", "wangge/domain/ids", "wangge/domain/notice", "wangge/domain/once", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/notifications/delivering", []string{"wangge/domain/delivery", "wangge/notifications/line", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/notifications/line", []string{"wangge/store"}, nil},
	{"wangge/domain/sms", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/civil", "wangge/domain/delivery", "wangge/domain/ids", "wangge/domain/limit", "wangge/domain/personal", "wangge/store"}, nil},
	{"wangge/notifications/sms", []string{"wangge/domain/civil", "wangge/domain/delivery", "wangge/domain/sms", "wangge/notifications/outgoing", "wangge/store/jobs"},
		[]string{"github.com/alibabacloud-go/darabonba-openapi", "github.com/alibabacloud-go/dysmsapi-20170525", "github.com/alibabacloud-go/tea"}}, // one service's own client
	{"wangge/notifications/wechat", []string{"wangge/domain/civil", "wangge/domain/delivery", "wangge/domain/notice", "wangge/domain/wechat", "wangge/notifications/outgoing", "wangge/notifications/push"}, nil},
	{"wangge/notifications/webhooks", []string{"wangge/domain/area", "wangge/domain/civil", "wangge/domain/webhook", "wangge/notifications/line", "wangge/notifications/outgoing", "wangge/notifications/signed", "wangge/store", "wangge/store/jobs"}, nil},
	{"wangge/notifications/signed", nil, []string{"github.com/standard-webhooks/standard-webhooks/libraries"}},
	{"wangge/notifications/push", []string{"wangge/domain/delivery", "wangge/notifications/outgoing"}, nil},
	{"wangge/notifications/push/pushtest", []string{"wangge/domain/delivery"}, nil},                                                                                                                                         // for tests
	{"wangge/notifications/push/fcm", []string{"wangge/domain/delivery", "wangge/notifications/outgoing", "wangge/notifications/push"}, []string{"firebase.google.com/go", "golang.org/x/oauth2", "google.golang.org/api"}}, // the service's own client; its options and tokens
	{"wangge/notifications/push/jpush", []string{"wangge/domain/delivery", "wangge/notifications/outgoing", "wangge/notifications/push"}, nil},
	{"wangge/notifications/push/getui", []string{"wangge/domain/delivery", "wangge/notifications/outgoing", "wangge/notifications/push"}, nil},
	{"wangge/notifications/push/gateway", []string{"wangge/domain/delivery", "wangge/notifications/outgoing", "wangge/notifications/push", "wangge/notifications/signed"}, nil},
	{"wangge/notifications/push/robot", []string{"wangge/domain/delivery", "wangge/notifications/outgoing", "wangge/notifications/push"}, nil},
	{"wangge/notifications/outgoing", nil, []string{"code.dny.dev/ssrf"}}, // which addresses are the internet's
	{"wangge/handlers/web", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/limit", "wangge/domain/once", "wangge/geo", "wangge/store", "wangge/handlers/auth", "wangge/handlers/wire"},
		[]string{fiberMod, fastMod, orbMod, "golang.org/x/text"}}, // of the store only that a request remembers what it read
	{"wangge/handlers", []string{"wangge/domain/...", "wangge/geo", "wangge/geo/tile", "wangge/handlers/auth", "wangge/handlers/calendar", "wangge/handlers/ogc", "wangge/handlers/pages", "wangge/handlers/sheets", "wangge/handlers/tiles", "wangge/handlers/web", "wangge/handlers/wire"}, []string{orbMod}},
	{"wangge/handlers/sheets", nil, []string{"github.com/xuri/excelize/v2"}}, // workbooks for people, written as a stream
	{"wangge/handlers/wire", nil, nil},
	{"wangge/handlers/openapi", nil, nil}, // bundles the contract
	{"wangge/handlers/contracttest", nil, []string{"github.com/pb33f/go-yaml", "github.com/pb33f/jsonschema/v6", "github.com/pb33f/libopenapi"}}, // for tests
	{"wangge/handlers/calendar", nil, []string{orbMod}},
	{"wangge/handlers/pages", nil, nil},
	{"wangge/handlers/ogc", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/ticket", "wangge/geo", "wangge/handlers/wire"}, []string{orbMod}},
	{"wangge/handlers/tiles", []string{"wangge/domain", "wangge/domain/access", "wangge/domain/area", "wangge/domain/place", "wangge/domain/stats", "wangge/domain/ticket", "wangge/geo/tile", "wangge/handlers/web", "wangge/handlers/wire"},
		[]string{orbMod, "golang.org/x/sync"}},
	{"wangge/handlers/auth", []string{"wangge/domain", "wangge/domain/personal/keyfile"}, []string{"github.com/golang-jwt/jwt/v5"}},
	{"wangge/cmd", []string{"wangge", "wangge/..."}, []string{uuidMod, orbMod, "golang.org/x/sync"}},
}

// closed are parts of the standard library that the domain does not know:
// wire formats, protocols and databases are for handlers and engines.
var closed = []string{"net/http", "database/sql", "encoding/json", "encoding/xml"}

// jsonFiles are the packages of the domain that may know JSON, for files and schemas only.
var jsonFiles = []string{
	"wangge/domain/area",             // cells are imported from GeoJSON
	"wangge/domain/form",             // forms are JSON Schemas
	"wangge/domain/once",             // reports that a key remembers
	"wangge/domain/personal",         // the keys in the key file or the environment
	"wangge/domain/personal/keyfile", // the file itself
	"wangge/domain/worldtest",        // cells as tests draw them
}

type listed struct {
	ImportPath string
	Imports    []string
	Module     *struct{ Main bool }
}

// violations lists every import that no direction allows.
func violations(packages []listed) []string {
	var out []string
	for _, p := range packages {
		d, ok := directionOf(p.ImportPath)
		if !ok {
			out = append(out, p.ImportPath+" has no direction: add it to the table")
			continue
		}
		for _, imported := range p.Imports {
			if why := d.refuses(p.ImportPath, imported); why != "" {
				out = append(out, fmt.Sprintf("%s imports %s: %s", p.ImportPath, imported, why))
			}
		}
	}
	return out
}

func directionOf(path string) (best direction, ok bool) {
	for _, d := range directions {
		if path == d.of || d.of == "wangge/cmd" && strings.HasPrefix(path, d.of+"/") {
			best, ok = d, true
		}
	}
	return best, ok
}

func (d direction) refuses(of, imported string) string {
	if imported == "wangge" || strings.HasPrefix(imported, "wangge/") {
		if strings.HasSuffix(imported, "test") && !strings.HasSuffix(of, "test") {
			return "it is for tests"
		}
		for _, o := range d.ours {
			base, below := strings.CutSuffix(o, "/...")
			if imported == base || below && strings.HasPrefix(imported, base+"/") {
				return ""
			}
		}
		return "against the direction"
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		if imported == "encoding/json" && slices.Contains(jsonFiles, of) || imported == "encoding/xml" && of == "wangge/domain/table/xlsx" {
			return ""
		}
		if strings.HasPrefix(of, "wangge/domain") && slices.Contains(closed, imported) {
			return "the domain does not know it"
		}
		return ""
	}
	for _, m := range d.mods {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return ""
		}
	}
	return "not an allowed module"
}

func TestImportsFollowTheDirections(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Module", "wangge/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 10 {
		t.Fatalf("only %d packages listed", len(packages))
	}
	for _, v := range violations(packages) {
		t.Error(v)
	}
}

func TestViolationsAreSeen(t *testing.T) {
	for _, c := range []struct {
		of, imports string
		refused     bool
	}{
		{"wangge/geo", "wangge/domain", true},
		{"wangge/geo", "math", false},
		{"wangge/store", "wangge/geo", true},
		{"wangge/store/sqlite", "wangge/store/mongodb", true},
		{"wangge/domain/access", "wangge/store", true},
		{"wangge/domain/area", "wangge/domain/ticket", true},
		{"wangge/domain/ticket", "wangge/domain/area", false},
		{"wangge/domain/visit", "wangge/domain/schedule", true},
		{"wangge/domain/schedule", "wangge/domain/visit", false},
		{"wangge/domain/ticket", "wangge/handlers", true},
		{"wangge/domain/ticket", "net/http", true},
		{"wangge/domain/ticket", "encoding/json", true},
		{"wangge/domain/area", "encoding/json", false},
		{"wangge/handlers", "encoding/json", false},
		{"wangge/domain/ticket", "go.mongodb.org/mongo-driver/bson", true},
		{"wangge/handlers", "wangge/store/sqlite", true},
		{"wangge/handlers", "wangge/handlers/web", false},
		{"wangge/handlers/web", "wangge/handlers", true},
		{"wangge/handlers/web", "wangge/domain/ticket", true},
		{"wangge/handlers", "github.com/gofiber/fiber/v2", true},
		{"wangge/handlers", "wangge/domain/ticket", false},
		{"wangge/handlers", "wangge/store", true}, // it sees use cases
		{"wangge/handlers", "example.org/new", true},
		{"wangge/cmd/wangge", "wangge/store/sqlite", false},
		{"wangge/handlers", "wangge/domain/worldtest", true}, // it is for tests
		{"wangge/cmd/wangge", "wangge/store/enginetest", true},
		{"wangge/domain/worldtest", "wangge/store/enginetest", false},
		{"wangge/unheardof", "math", true},
	} {
		got := violations([]listed{{ImportPath: c.of, Imports: []string{c.imports}}})
		if (len(got) > 0) != c.refused {
			t.Errorf("%s importing %s: %v", c.of, c.imports, got)
		}
	}
}

// What is imported is named in go.mod as such, not as another module's own.
func TestModulesAreNamed(t *testing.T) {
	file, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range directions {
		for _, mod := range d.mods {
			if !regexp.MustCompile(`(?m)^\s*(require )?` + regexp.QuoteMeta(mod) + `(/v\d+)? v\S+$`).Match(file) {
				t.Errorf("go.mod does not name %s", mod)
			}
		}
	}
}
