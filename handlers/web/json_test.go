package web

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"wangge/domain"
)

// sampleIn is a body with everything in it that the decoder knows.
type sampleIn struct {
	Category   string             `json:"category" need:"true"`
	Title      string             `json:"title" need:"true"`
	Position   *PositionIn        `json:"position" need:"true"`
	Photos     []string           `json:"photos"`
	OnBehalfOf Nullable[personIn] `json:"onBehalfOf"`
	Clock      Nullable[ClockIn]  `json:"clock"`
	Anonymous  bool               `json:"anonymous"`
	Days       int                `json:"days"`
	Answers    json.RawMessage    `json:"answers"`
}

type personIn struct {
	Phone string `json:"phone" need:"true"`
}

// What the decoder takes is JSON, is text throughout, and reads the same again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"category":"noise","title":"噪音","position":{"lon":120.6,"lat":31.3,"datum":"wgs84","accuracyM":null},"photos":["a"],"onBehalfOf":{"phone":"1"}}`,
		`{"category":"noise","category":"noise"}`, `{"title":"\ud800"}`, "{\"title\":\"\xff\"}", `{"Title":"x"}`, `{"photos":[[[[[]]]]]}`, `[]`, `null`, ``, `{} {}`, `{"":0}`, `{"position":{"lon":1e999}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in, again sampleIn
		err := decodeJSON(body, &in)
		var invalid *domain.InvalidError
		var refused *httpError
		switch {
		case errors.As(err, &invalid):
			if p := (&Server{}).problemOf(err, English); p.Status != 422 || len(p.Errors) == 0 {
				t.Errorf("%q: %+v", body, p)
			}
			return
		case errors.As(err, &refused):
			if refused.status != 400 || json.Valid(body) && !deep(body) {
				t.Errorf("%q: %v", body, err)
			}
			return
		case err != nil:
			t.Fatalf("%q: %v", body, err)
		}
		if !json.Valid(body) || !utf8.Valid(body) || in.Category == "" && in.Title == "" && in.Position == nil {
			t.Errorf("%q was taken as %+v", body, in)
		}
		if err := decodeJSON(body, &again); err != nil || again.Title != in.Title {
			t.Errorf("%q: %v the second time", body, err)
		}
	})
}

func deep(body []byte) bool { return nestedTooDeep(body) != nil }
