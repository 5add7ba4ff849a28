package address

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/geo"
)

// service is a stand-in for a geocoder.
type service struct {
	name    string
	answers []Answer
	err     error
	asked   []string
}

func (s *service) Name() string { return s.name }

func (s *service) Geocode(_ context.Context, text, city string) ([]Answer, error) {
	s.asked = append(s.asked, city+" "+text)
	return s.answers, s.err
}

func found(at orb.Point, confidence float64) []Answer {
	return []Answer{{Text: "江苏省苏州市姑苏区平泷路77号", At: at, Datum: geo.GCJ02, Confidence: confidence}}
}

// A geocoder is asked only for what our lists do not know for sure, never for the
// room, not twice for the same building, and its failing fails nothing.
func TestGeocoders(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.fill()
		first, second := &service{name: place.FromAMap, answers: found(at[east], 0.85)}, &service{name: place.FromTianditu, answers: found(at[west], 0.85)}
		w.addresses = New(w.st, w.areas, w.households, w.keys, first, second)
		locate := func(text string) *place.Found {
			t.Helper()
			return must(w.addresses.Locate(t.Context(), w.people["manager"], noon, place.Asked{Address: text}))(t)
		}
		if locate("枫津新村12-3-409"); len(first.asked) != 0 {
			t.Errorf("asked for what is known: %v", first.asked)
		}
		if locate("枫津新村"); len(first.asked) != 0 {
			t.Errorf("asked without a building: %v", first.asked)
		}
		got := locate("平泷路77号3单元902室（王秀英家）")
		if got.Position == nil || got.Position.Datum != geo.GCJ02 || got.Confidence != 0.85 || len(first.asked) != 1 || first.asked[0] != "苏州市 平泷路77号" {
			t.Errorf("%+v of %v", got, first.asked)
		}
		if locate("平泷路77号 901室"); len(first.asked) != 1 || len(second.asked) != 0 {
			t.Errorf("asked again: %v, %v", first.asked, second.asked)
		}
		if must(w.addresses.Search(t.Context(), w.people["resident"], noon.Add(cacheFor+time.Minute), Query{Text: "平泷路77号"}))(t); len(first.asked) != 2 {
			t.Errorf("not asked after an hour: %v", first.asked)
		}

		first.err = errors.New("gone")
		if m := w.search("resident", "平泷路78号").Matches; len(m) != 1 || m[0].Source != place.FromTianditu || !strings.HasPrefix(m[0].ID, "tianditu:") {
			t.Errorf("the second: %+v", m)
		}
		second.err = first.err
		if got := locate("平泷路79号"); got.Position != nil || got.Street == "" {
			t.Errorf("with none: %+v", got)
		}
		if second.err, first.err = nil, nil; len(w.search("resident", "平泷路79号").Matches) != 1 {
			t.Error("that none answered was kept")
		}

		first.answers = found(at[east], 0.6)
		if got := locate("平泷路80号"); got.Position != nil || len(got.Candidates) != 1 || got.Candidates[0].Source != place.FromAMap {
			t.Errorf("not sure: %+v", got)
		}
		for name, a := range map[string][]Answer{
			"far away": found(orb.Point{116.4, 39.9}, 0.85), "no point": found(orb.Point{500, 500}, 0.85), "no text": {{At: at[east], Datum: geo.GCJ02, Confidence: 0.85}},
			"turned round": {{Text: "平泷路\u202e77号", At: at[east], Datum: geo.GCJ02, Confidence: 0.85}},
			"without end":  {{Text: strings.Repeat("长", 201), At: at[east], Datum: geo.GCJ02, Confidence: 0.85}},
		} {
			first.answers, second.answers = a, nil
			if got := w.search("resident", "平泷路81号"+name); len(got.Matches) != 0 {
				t.Errorf("%s: %+v", name, got.Matches)
			}
			w.addresses.cache = cache{known: map[string]answered{}}
			if got := w.search("resident", "平泷路81号"); len(got.Matches) != 0 {
				t.Errorf("%s: %+v", name, got.Matches)
			}
			w.addresses.cache = cache{known: map[string]answered{}}
		}
		first.answers = found(at[east], 0.85)
		if got := must(w.addresses.Search(t.Context(), w.people["resident"], noon, Query{Text: "平泷路82号", Area: yi}))(t); len(got.Matches) != 0 {
			t.Errorf("in another street than was asked for: %+v", got.Matches)
		}
		// So often an account has a geocoder asked, and no more.
		for i := range geocodesQuota + 20 {
			w.search("handler", fmt.Sprintf("平泷路%d号", 1000+i))
		}
		before := len(first.asked)
		if w.search("handler", "平泷路7号"); len(first.asked) != before {
			t.Error("asked without end")
		}
		if w.search("admin", "平泷路7号"); len(first.asked) != before+1 {
			t.Error("not asked for somebody else")
		}
	})
}

// The program itself, as an upsert of a machine's, finds addresses too.
func TestTheProgramFindsAddresses(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.live(at[east], household.Address{Estate: "狮林寺巷", Building: "3", Unit: "2", Room: "502"})
		if got := must(w.addresses.Locate(t.Context(), access.Program, noon, place.Asked{Address: "狮林寺巷3-2-502"}))(t); got.Position == nil {
			t.Errorf("%+v", got)
		}
	})
}
