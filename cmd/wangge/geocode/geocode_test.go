package geocode

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/address"
	"wangge/geo"
)

// service is a stand-in for one, which answers as the test says.
type service struct {
	*httptest.Server
	status int
	body   string
	asked  []*http.Request
}

func stand(t *testing.T) *service {
	t.Helper()
	s := &service{status: 200}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r)
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.body)
	}))
	t.Cleanup(s.Close)
	return s
}

const (
	amapFound = `{"status":"1","info":"OK","infocode":"10000","count":"3","geocodes":[
		{"formatted_address":"江苏省苏州市姑苏区大儒巷8号","level":"门牌号","location":"120.630000,31.315000","district":[]},
		{"formatted_address":"江苏省苏州市姑苏区大儒巷","level":"道路","location":"120.63,31.31"},
		{"formatted_address":[],"level":[],"location":[]}]}`
	tiandituFound = `{"msg":"ok","status":"0","location":{"score":100,"level":"门址","lon":"120.626",%s"keyWord":"苏州市大儒巷8号"}}`
)

func TestAMap(t *testing.T) {
	s := stand(t)
	g := NewAMap(s.URL+"/", "secret-key", slog.New(slog.DiscardHandler))
	s.body = amapFound
	got, err := g.Geocode(t.Context(), "大儒巷8号", "苏州市")
	want := geo.ToWGS84(orb.Point{120.63, 31.315}, geo.GCJ02)
	if err != nil || len(got) != 1 || got[0].Text != "江苏省苏州市姑苏区大儒巷8号" || got[0].At != want || got[0].Datum != geo.GCJ02 || got[0].Confidence < address.Sure {
		t.Errorf("%+v, %v", got, err)
	}
	if q := s.asked[0].URL; q.Path != "/v3/geocode/geo" || q.Query().Get("address") != "大儒巷8号" || q.Query().Get("city") != "苏州市" || q.Query().Get("key") != "secret-key" {
		t.Errorf("asked %s", q)
	}
	s.body = `{"status":"1","infocode":"10000","geocodes":[]}`
	if got, err := g.Geocode(t.Context(), "无此路1号", "苏州市"); err != nil || len(got) != 0 {
		t.Errorf("nothing is there: %+v, %v", got, err)
	}
}

func TestTianditu(t *testing.T) {
	s := stand(t)
	g := NewTianditu(s.URL, "secret-key", slog.New(slog.DiscardHandler))
	for _, lat := range []string{`"lat":"31.313",`, `"lat":31.313,`} {
		s.body = strings.Replace(tiandituFound, "%s", lat, 1)
		got, err := g.Geocode(t.Context(), "大儒巷8号", "苏州市")
		if err != nil || len(got) != 1 || got[0].Text != "苏州市大儒巷8号" || got[0].At != (orb.Point{120.626, 31.313}) || got[0].Datum != geo.CGCS2000 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if q := s.asked[0].URL; q.Path != "/geocoder" || q.Query().Get("ds") != `{"keyWord":"苏州市大儒巷8号"}` || q.Query().Get("tk") != "secret-key" {
		t.Errorf("asked %s", q)
	}
	s.body = `{"msg":"无结果","status":"101"}`
	if got, err := g.Geocode(t.Context(), "无此路1号", "苏州市"); err != nil || len(got) != 0 {
		t.Errorf("nothing is there: %+v, %v", got, err)
	}
}

// A service that refuses is left alone until it may be asked again.
func TestQuotas(t *testing.T) {
	noon := time.Date(2026, 11, 23, 4, 0, 20, 0, time.UTC) // 12:00:20 in Suzhou
	code := func(c string) string { return `{"status":"0","infocode":"` + c + `","geocodes":[]}` }
	for name, c := range map[string]struct {
		status int
		body   string
		until  time.Time // zero: it is asked again at once
	}{
		"the day's quota":        {200, code("10003"), time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)},
		"too many in the minute": {200, code("10004"), noon.Add(40 * time.Second)},
		"a wrong key":            {200, code("10001"), noon.Add(time.Hour)},
		"a key of another kind":  {200, code("10009"), noon.Add(time.Hour)},
		"a key that is refused":  {403, "", noon.Add(time.Hour)},
		"too many":               {429, "", noon.Add(40 * time.Second)},
		"another refusal":        {200, code("20000"), time.Time{}},
		"an error":               {500, "", noon.Add(outOfOrder)},
		"a redirect":             {302, "", noon.Add(outOfOrder)},
		"a page":                 {200, "<html>", time.Time{}},
		"an answer without end":  {200, `{"status":"` + strings.Repeat("1", bodyMost) + `"}`, time.Time{}},
	} {
		s, log := stand(t), &bytes.Buffer{}
		g := NewAMap(s.URL, "secret-key", slog.New(slog.NewTextHandler(log, nil)))
		now := noon
		g.now = func() time.Time { return now }
		s.status, s.body = c.status, c.body
		ask := func() error { _, err := g.Geocode(t.Context(), "大儒巷8号", "苏州市"); return err }
		if err := ask(); err == nil {
			t.Errorf("%s: answered", name)
		}
		if strings.Contains(log.String(), "secret-key") || strings.Contains(log.String(), "大儒巷") || log.Len() == 0 {
			t.Errorf("%s: the log says %s", name, log)
		}
		s.status, s.body = 200, amapFound
		if c.until.IsZero() {
			if err := ask(); err != nil {
				t.Errorf("%s, then: %v", name, err)
			}
			continue
		}
		now = c.until.Add(-time.Millisecond)
		if err := ask(); !errors.Is(err, errPaused) || len(s.asked) != 1 {
			t.Errorf("%s, too early: %v, asked %d times", name, err, len(s.asked))
		}
		now = c.until
		if err := ask(); err != nil {
			t.Errorf("%s, later: %v", name, err)
		}
	}
}

// A service that does not answer, or not to the end, is not waited for longer than its patience.
func TestPatience(t *testing.T) {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/begins") {
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}))
	t.Cleanup(func() { close(stop); s.Close() })
	log := &bytes.Buffer{}
	for _, base := range []string{s.URL, s.URL + "/begins"} {
		g := NewTianditu(base, "secret-key", slog.New(slog.NewTextHandler(log, nil)))
		g.patience = 10 * time.Millisecond
		if _, err := g.Geocode(t.Context(), "大儒巷8号", "苏州市"); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(log.String(), "secret-key") {
			t.Errorf("%v; %s", err, log)
		}
		if _, err := g.Geocode(t.Context(), "大儒巷8号", "苏州市"); !errors.Is(err, errPaused) {
			t.Errorf("asked again at once: %v", err)
		}
	}
	gone := NewAMap("http://127.0.0.1:1", "secret-key", slog.New(slog.NewTextHandler(log, nil)))
	if _, err := gone.Geocode(t.Context(), "大儒巷8号", "苏州市"); err == nil || strings.Contains(log.String()+err.Error(), "secret-key") {
		t.Errorf("%v; %s", err, log)
	}
}
