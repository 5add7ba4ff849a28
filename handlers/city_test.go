package handlers

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// The city of the tests: two streets, each of two communities side by side,
// each of four square cells of 0.002 degrees. The streets are a kilometre apart.
const (
	pingjiang = "320508018"
	canglang  = "320508020"
	niujia    = pingjiang + "020" // the communities of Pingjiang
	chayuan   = pingjiang + "014"
	jinshi    = canglang + "001" // the communities of Canglang
	peijia    = canglang + "002"

	password = "correct horse battery" // of everybody on the staff
)

const areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
street,320508018,平江街道,320508
community,320508018020,钮家巷社区居委会,320508018
community,320508018014,察院场社区居委会,320508018
street,320508020,沧浪街道,320508
community,320508020001,金狮社区居委会,320508020
community,320508020002,裴家社区居委会,320508020
`

// corners are the south-west corners of the communities.
var corners = map[string]orb.Point{
	niujia: {120.620, 31.310}, chayuan: {120.624, 31.310},
	jinshi: {120.640, 31.310}, peijia: {120.644, 31.310},
}

const cellEdge = 0.002

// cellCorner is the south-west corner of one of the four cells.
func cellCorner(community string, n int) orb.Point {
	c := corners[community]
	return orb.Point{c[0] + cellEdge*float64((n-1)%2), c[1] + cellEdge*float64((n-1)/2)}
}

func cellCode(community string, n int) string { return fmt.Sprintf("%s%03d", community, n) }

// inside is a position in the middle of a cell, WGS-84.
func inside(community string, n int) orb.Point {
	c := cellCorner(community, n)
	return orb.Point{c[0] + cellEdge/2, c[1] + cellEdge/2}
}

// outside lies in no cell, nearest to Pingjiang.
var outside = orb.Point{120.618, 31.311}

// square is a cell as a feature of an import.
func square(code, name, kind string, at orb.Point, edge float64) string {
	w, s, e, n := at[0], at[1], at[0]+edge, at[1]+edge
	return ring(code, name, kind, orb.Point{w, s}, orb.Point{e, s}, orb.Point{e, n}, orb.Point{w, n}, orb.Point{w, s})
}

// ring is a cell of one ring, good or bad.
func ring(code, name, kind string, points ...orb.Point) string {
	f := object{"type": "Feature", "properties": object{"code": code, "name": name, "kind": kind}, "geometry": object{"type": "Polygon", "coordinates": [][]orb.Point{points}}}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

// person is somebody who calls.
type person struct {
	id, username, phone string
	session             string // begun on first use
	epoch               int64
}

// city is who and what is in it. People are named by role, those of Canglang
// with "other " before; organisations by street code.
type city struct {
	people        map[string]*person
	organisations map[string]string

	walkedTicket, walkedPhoto string // of TestEveryRouteForEveryRole
	walked                    map[string]string
	walkedDays                int // absences entered
}

// hashed is the password's hash, made once: it takes its time.
var hashed = sync.OnceValue(func() string {
	hash, err := account.HashPassword(rand.Reader, password)
	if err != nil {
		panic(err)
	}
	return hash
})

var program = access.Program

func buildCity(t testing.TB, st *store.Store, s *Server, codes *outbox) *city {
	t.Helper()
	c := &city{people: map[string]*person{}, organisations: map[string]string{}}
	must(s.Areas.ImportAreas(t.Context(), program, morning, strings.NewReader(areaFile), area.AreaImport{}))(t)
	var cells []string
	for community := range corners {
		for n := 1; n <= 4; n++ {
			cells = append(cells, square(cellCode(community, n), fmt.Sprintf("第%d网格", n), "basic", cellCorner(community, n), cellEdge))
		}
	}
	must(s.Areas.ImportCells(t.Context(), program, morning, []byte(collection(cells...)), area.CellImport{Datum: geo.WGS84}))(t)
	for street, name := range map[string]string{pingjiang: "平江物业", canglang: "沧浪物业"} {
		o := must(s.Areas.CreateOrganisation(t.Context(), program, morning, area.NewOrganisation{Name: name, Kind: "property_company", Street: street, Phone: "0512-67270001"}))(t)
		c.organisations[street] = o.ID
	}
	c.settle(t, s, "", pingjiang, niujia)
	c.settle(t, s, "other ", canglang, jinshi)
	c.add(t, s, "admin", account.NewAccount{Grants: grant(access.Admin, "")}) // of everything
	c.add(t, s, "other admin", account.NewAccount{Grants: grant(access.Admin, canglang)})
	c.add(t, s, "reviewer", account.NewAccount{Grants: grant(access.GridLead, niujia)})
	c.staff(t, s, niujia, "", "reviewer")
	c.staff(t, s, jinshi, "other ", "")
	c.counter(t, s, st, "counter_worker", pingjiang, niujia)
	c.counter(t, s, st, "other counter_worker", canglang, jinshi)
	c.setPasswords(t, st)
	for n, who := range []string{"resident", "other resident", "neighbour"} {
		c.addResident(t, s, codes, who, fmt.Sprintf("1380000000%d", n+1))
	}
	if err := s.Areas.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func grant(r access.Role, code string) []account.GrantInput {
	return []account.GrantInput{{Role: r, Area: code}}
}

// settle gives a street somebody in every role.
func (c *city) settle(t testing.TB, s *Server, prefix, street, community string) {
	t.Helper()
	for role, at := range map[access.Role]string{
		access.Integration: street, access.OutreachWorker: community, access.CounterWorker: street, access.GridLead: community,
		access.CommunityManager: community, access.Dispatcher: street, access.StreetManager: street, access.Handler: "",
	} {
		in := account.NewAccount{Grants: grant(role, at), Machine: role == access.Integration}
		if role == access.Handler {
			in.Organisation = c.organisations[street]
		}
		c.add(t, s, prefix+string(role), in)
	}
}

func (c *city) add(t testing.TB, s *Server, who string, in account.NewAccount) {
	t.Helper()
	in.Username, in.Name = strings.ReplaceAll(who, " ", "."), "工作者"+who
	a := must(s.Accounts.Create(t.Context(), program, morning, in))(t)
	c.people[who] = &person{id: a.ID, username: a.Username}
}

// staff posts lead and worker in the first two cells of a community, and another lead in the third.
func (c *city) staff(t testing.TB, s *Server, community, prefix, third string) {
	t.Helper()
	posts := []area.Post{
		{Account: c.people[prefix+"grid_lead"].id, Role: access.GridLead}, {Account: c.people[prefix+"outreach_worker"].id, Role: access.OutreachWorker},
	}
	for n := 1; n <= 2; n++ {
		must(s.Accounts.SetStaff(t.Context(), program, morning, cellCode(community, n), posts, nil, 0))(t)
	}
	if third != "" {
		posts := []area.Post{{Account: c.people[third].id, Role: access.GridLead}}
		must(s.Accounts.SetStaff(t.Context(), program, morning, cellCode(community, 3), posts, nil, 0))(t)
	}
}

// counter puts somebody on the staff of a station of a street, which serves a community.
func (c *city) counter(t testing.TB, s *Server, st *store.Store, who, street, community string) {
	t.Helper()
	at, _ := s.Areas.Tree().ByCode(street)
	served, _ := s.Areas.Tree().ByCode(community)
	made := &station.Station{Meta: store.Meta{ID: ids.New(), Partition: at.ID}, Name: served.Name + "便民服务站", Place: at.Place,
		Models:      []station.ModelSpan{{Model: station.OneForMany, Counter: true}},
		Communities: []station.Served{{Community: served.ID}}, Serves: []string{served.ID},
		Staff: []station.Post{{Account: c.people[who].id, Part: station.Worker}}, People: []string{c.people[who].id}}
	err := st.Update(t.Context(), []string{at.ID}, func(tx *store.Tx) error {
		return storetest.Of[station.Station](station.Collections()).Insert(tx, made, store.Entry{At: morning, Actor: "system", Action: "station.create"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *city) setPasswords(t testing.TB, st *store.Store) {
	t.Helper()
	accounts := storetest.Of[account.Account](account.Collections())
	err := st.Update(t.Context(), []string{area.CityPartition}, func(tx *store.Tx) error {
		for _, who := range slices.Sorted(maps.Keys(c.people)) {
			a, err := accounts.Get(t.Context(), tx, c.people[who].id)
			if err != nil {
				return err
			}
			a.Password = hashed()
			if err := accounts.Put(tx, a, store.Entry{At: morning, Actor: "system", Action: "account.password"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// addResident signs somebody in by a code for the first time.
func (c *city) addResident(t testing.TB, s *Server, codes *outbox, who, phone string) {
	t.Helper()
	if err := s.Accounts.RequestCode(t.Context(), morning, phone, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	in := must(s.Accounts.SignIn(t.Context(), morning, account.Credentials{Phone: phone, Code: codes.sent[phone]}, "192.0.2.1"))(t)
	c.people[who] = &person{id: in.Account.ID, phone: phone}
}

// report makes a ticket in a cell, as this person.
func (h *harness) report(t testing.TB, who string, at orb.Point, category string) *ticket.Ticket {
	t.Helper()
	return must(h.Tickets.Report(t.Context(), h.actor(t, who), h.clock.read(), ticket.Draft{
		ID: ids.New(), Category: category, Title: "消防通道被堵", Address: "大儒巷8号", Position: &at, Datum: geo.WGS84,
	}))(t)
}

// jpegFile is a small JPEG.
var jpegFile = sync.OnceValue(func() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	img.Set(3, 4, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// photo uploads a picture, as this person.
func (h *harness) photo(t testing.TB, who string) string {
	t.Helper()
	blobs := [2]string{ids.New(), ids.New()}
	return must(h.Photos.Add(t.Context(), h.actor(t, who), h.clock.read(), ids.New(), blobs, jpegFile()))(t).ID
}
