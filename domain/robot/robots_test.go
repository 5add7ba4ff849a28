package robot

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

const address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"

type world struct {
	st     *store.Store
	areas  *area.Areas
	robots *Robots
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func worldOn(t testing.TB, place enginetest.Place) *world {
	t.Helper()
	w := &world{}
	w.st, w.areas = worldtest.Open(t, place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), Collections())...)
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	w.robots = New(w.st, w.areas, worldtest.Keys(t))
	w.robots.On = true
	return w
}

func (w *world) robot(t *testing.T, who access.Actor, areaCode string, kinds ...notice.Kind) *Robot {
	t.Helper()
	return worldtest.Must(w.robots.Create(t.Context(), who, noon, NewRobot{ID: ids.New(), Title: "群", Service: WeCom, Area: areaCode, URL: address, Kinds: kinds, Language: "zh-CN"}))(t)
}

// Who manages a street has its robots and those of its communities; every node
// knows them, with what they tell.
func TestRobots(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		jia := worldtest.Actor(t, w.areas, "jia", access.StreetManager, worldtest.Jia)
		yi := worldtest.Actor(t, w.areas, "yi", access.StreetManager, worldtest.Yi)
		admin := access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}
		whole, part, other := w.robot(t, jia, worldtest.Jia, "ticket_overdue"), w.robot(t, jia, worldtest.JiaOne), w.robot(t, yi, worldtest.Yi)
		if _, err := w.robots.Create(t.Context(), yi, noon, NewRobot{ID: ids.New(), Title: "群", Service: WeCom, Area: worldtest.Jia, URL: address, Language: "zh-CN"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("in another's street: %v", err)
		}
		for who, want := range map[*access.Actor][]string{&jia: {whole.ID, part.ID}, &yi: {other.ID}, &admin: {whole.ID, part.ID, other.ID}} {
			found, _, err := w.robots.List(t.Context(), *who, 50, "")
			var got []string
			for _, r := range found {
				got = append(got, r.ID)
			}
			slices.Sort(got)
			slices.Sort(want)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s sees %v, %v", who.Account, got, err)
			}
		}
		if _, err := w.robots.Get(t.Context(), yi, whole.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		if err := w.robots.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		street, community := worldtest.ID(t, w.areas, worldtest.Jia), worldtest.ID(t, w.areas, worldtest.JiaOne)
		of := w.robots.Of(street)
		if len(of) != 2 || !whole.Hears("ticket_overdue", "") || whole.Hears("ticket_merged", "") || part.Hears("ticket_merged", "") || !part.Hears("ticket_merged", community) || part.Hears("ticket_merged", "another") {
			t.Errorf("of the street: %d", len(of))
		}
		if key, secret, err := w.robots.Open(whole); err != nil || key != "693a91f6-7xxx" || secret != "" {
			t.Errorf("%q, %q, %v", key, secret, err)
		}
	})
}

// A robot that its service refuses is switched off, unless it has another key by then.
func TestRefused(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		jia := worldtest.Actor(t, w.areas, "jia", access.StreetManager, worldtest.Jia)
		r := w.robot(t, jia, worldtest.Jia)
		other := "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=another-key"
		changed := worldtest.Must(w.robots.Update(t.Context(), jia, noon, r.ID, 0, Change{URL: &other}))(t)
		refuse := func(mark string) *Robot {
			t.Helper()
			if err := w.robots.Refused(t.Context(), noon.Add(time.Minute), r.ID, mark, "93000"); err != nil {
				t.Fatal(err)
			}
			return worldtest.Must(w.robots.Get(t.Context(), jia, r.ID))(t)
		}
		if got := refuse(r.Mark); !got.Enabled {
			t.Error("switched off for a key that was replaced")
		}
		for range 2 {
			if got := refuse(changed.Mark); got.Enabled || got.Refused != "93000" || got.Version != changed.Version+1 {
				t.Errorf("%+v", got)
			}
		}
		yes := true
		if got := worldtest.Must(w.robots.Update(t.Context(), jia, noon, r.ID, 0, Change{Enabled: &yes}))(t); !got.Enabled || got.Refused != "" {
			t.Errorf("enabled again: %+v", got)
		}
		actions := ""
		for _, e := range worldtest.Journal(t, w.st, area.CityPartition) {
			if e.Collection == "robots" {
				actions += e.Action + "(" + e.Before.State + "-" + e.After.State + ") "
			}
		}
		if want := "robot.create(-enabled) robot.change(enabled-enabled) robot.refused(enabled-disabled) robot.change(disabled-enabled) "; actions != want {
			t.Errorf("%s, want %s", actions, want)
		}
	})
}

// The stored form of the collection, each field set.
func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "r", Partition: "city", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	storetest.Golden(t, robots, &Robot{Meta: meta, Title: "群", Service: DingTalk, Place: access.Place{City: "c", County: "n", Street: "s", Community: "m"}, Key: sealed, Masked: "****5aaa", Mark: "mark", Secret: sealed,
		Kinds: []notice.Kind{"ticket_overdue"}, Language: "zh-CN", Enabled: true, Refused: "93000", Sent: "1.sent", CreatedAt: noon, UpdatedAt: noon.Add(time.Hour)}, filepath.Join("testdata", "robots.golden.json"))
}
