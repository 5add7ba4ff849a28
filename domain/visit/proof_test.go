package visit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/visit"
)

func flagged(flags []visit.Flag) string {
	var out []string
	for _, f := range flags {
		out = append(out, string(f.Doubt))
	}
	return strings.Join(out, " ")
}

func TestJudge(t *testing.T) {
	near, far, rough := 30.0, 3000.0, 2900.0
	for name, c := range map[string]struct {
		e     visit.Evidence
		want  string
		score int
	}{
		"nothing known":             {visit.Evidence{}, "", 0},
		"at the door":               {visit.Evidence{DistanceM: &near, AccuracyM: new(10.0), SpeedKMH: new(5.0), DwellS: new(600.0)}, "", 0},
		"3 km away":                 {visit.Evidence{DistanceM: &far, AccuracyM: new(10.0)}, "too_far", 60},
		"perhaps 3 km away":         {visit.Evidence{DistanceM: &far, AccuracyM: &rough}, "imprecise", 30},
		"just far enough":           {visit.Evidence{DistanceM: new(200.0)}, "", 0},
		"just too far":              {visit.Evidence{DistanceM: new(200.1)}, "too_far", 60},
		"a made-up position":        {visit.Evidence{DistanceM: &near, Mock: true}, "mock_location", 100},
		"by rocket":                 {visit.Evidence{SpeedKMH: new(900.0)}, "too_fast", 60},
		"a minute":                  {visit.Evidence{DwellS: new(60.0)}, "", 0},
		"less than a minute":        {visit.Evidence{DwellS: new(59.0)}, "too_short", 30},
		"an old photo":              {visit.Evidence{Reused: 1}, "photo_reused", 60},
		"a clock ahead":             {visit.Evidence{SkewS: 301}, "clock_skew", 30},
		"a clock behind":            {visit.Evidence{SkewS: -301}, "clock_skew", 30},
		"a clock nearly right":      {visit.Evidence{SkewS: -300}, "", 0},
		"sent after four days":      {visit.Evidence{DelayH: 96}, "sent_late", 20},
		"everything, 100 at most":   {visit.Evidence{DistanceM: &far, AccuracyM: new(200.0), Mock: true, DwellS: new(1.0), Reused: 2}, "imprecise too_far mock_location too_short photo_reused", 100},
		"short, and a clock astray": {visit.Evidence{DwellS: new(1.0), SkewS: 400}, "too_short clock_skew", 60},
	} {
		flags, score := visit.Default().Judge(c.e)
		if flagged(flags) != c.want || score != c.score {
			t.Errorf("%s: %q, %d; want %q, %d", name, flagged(flags), score, c.want, c.score)
		}
	}
	flags, _ := visit.Default().Judge(visit.Evidence{DistanceM: &far})
	if got := fmt.Sprint(flags); got != "[{too_far 3000 200 60}]" {
		t.Errorf("the reason is %s", got)
	}
}

// What a stop's proof says is recorded with the reasons, weak ones wait for a lead.
func TestProofOfStops(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		one, two, neighbour := w.Household(east), w.Household(west), w.Household(west)
		call := func(h *household.Household, now time.Time, dwell time.Duration, change func(*visit.Arrival), photos ...string) *visit.Stop {
			in := arrival(h, 30)
			in.OnTheSpot = true
			if change != nil {
				change(&in)
			}
			return w.Complete("worker", now.Add(dwell), w.CheckIn("worker", now, in), visit.Completion{Result: visit.Met, Photos: photos})
		}
		minutes := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
		picture, copied := w.Upload("worker", 7), w.Upload("worker", 7)
		for name, c := range map[int]struct {
			stop  *visit.Stop
			want  string
			state visit.ProofState
		}{
			0: {call(one, minutes(0), 10*time.Minute, nil, picture), "", visit.Clear},
			1: {call(two, minutes(30), 10*time.Minute, func(in *visit.Arrival) { in.Position = &orb.Point{120.595, 31.335} }), "too_far", visit.Flagged},
			2: {call(two, minutes(120), 10*time.Minute, nil), "", visit.Clear},
			3: {call(neighbour, minutes(120), 10*time.Minute, nil), "", visit.Clear}, // at once, in the same building
			4: {call(one, minutes(120), 10*time.Minute, nil), "too_fast", visit.Flagged},
			5: {call(one, minutes(300), 10*time.Second, nil), "too_short", visit.Clear},
			6: {call(one, minutes(400), 10*time.Minute, nil, copied), "photo_reused", visit.Flagged},
			7: {call(one, minutes(500), 10*time.Minute, func(in *visit.Arrival) { in.Mock = true }), "mock_location", visit.Flagged},
			8: {call(one, minutes(600), time.Second, func(in *visit.Arrival) { in.Channel, in.Position = visit.Phone, nil }), "", visit.Clear},
		} {
			if got := flagged(c.stop.Proof.Flags); got != c.want || c.stop.Proof.State != c.state {
				t.Errorf("%d: %q %s, want %q %s (%+v)", name, got, c.stop.Proof.State, c.want, c.state, c.stop.Proof.Evidence)
			}
		}
		if list, _, err := w.Reviews.Queue(t.Context(), w.As("lead"), visit.InReview, "", east, 0, ""); err != nil || len(list) != 3 {
			t.Errorf("waiting in the cell: %d, %v", len(list), err)
		}
	})
}

// A score that is just the street's threshold waits for a lead; one below it does not.
func TestReviewAtTheThreshold(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Household(east)
		for reviewAt, want := range map[int]visit.ProofState{59: visit.Flagged, 60: visit.Flagged, 61: visit.Clear} {
			policy := *visit.Default()
			policy.ReviewAt = reviewAt
			must(w.Visits.SetPolicy(t.Context(), w.As("manager"), noon, jia, 0, policy))(t)
			in := arrival(h, 3000) // too far, which scores 60
			in.OnTheSpot = true
			stop := w.Complete("worker", noon.Add(10*time.Minute), w.CheckIn("worker", noon, in), visit.Completion{Result: visit.NoAnswer})
			if p := stop.Proof; p.Score != 60 || p.State != want || slices.Contains(stop.Queue, visit.InReview) != (want == visit.Flagged) {
				t.Errorf("reviewed at %d: score %d is %s, waits in %v", reviewAt, p.Score, p.State, stop.Queue)
			}
		}
	})
}

// One picture sent twice with one stop, as two photos, is a doubt as if another stop had it.
func TestOnePictureTwiceInAStop(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Household(east)
		for i, c := range []struct {
			shades []uint8
			reused int
		}{{[]uint8{10, 60}, 0}, {[]uint8{110, 110}, 1}, {[]uint8{160, 160, 160}, 2}} {
			var photos []string
			for _, shade := range c.shades {
				photos = append(photos, w.Upload("worker", shade))
			}
			in, now := arrival(h, 5), noon.Add(time.Duration(i)*time.Hour)
			in.OnTheSpot = true
			stop := w.Complete("worker", now.Add(10*time.Minute), w.CheckIn("worker", now, in), visit.Completion{Result: visit.Met, Photos: photos})
			if p := stop.Proof; p.Evidence.Reused != c.reused || (flagged(p.Flags) == "photo_reused") != (c.reused > 0) {
				t.Errorf("pictures %v: %d used before, flags %q", c.shades, p.Evidence.Reused, flagged(p.Flags))
			}
		}
	})
}

// Without a connection the device says when it was; what came in meanwhile is compared on both sides.
func TestOfflineStops(t *testing.T) {
	w := onSQLite(t, rehearse)
	h, far := w.Household(east), w.Household(west)
	w.Called("worker", noon, far, visit.Met)
	in := arrival(h, 5)
	in.OnTheSpot = true
	// Two hours behind; at the door 4 minutes before noon, sent an hour after.
	in.Clock = &domain.Clock{At: noon.Add(-2*time.Hour - 4*time.Minute), Sent: noon.Add(-time.Hour)}
	stop := w.CheckIn("worker", noon.Add(time.Hour), in)
	if e := stop.Proof.Evidence; !stop.At.Equal(noon.Add(-4*time.Minute)) || e.SkewS != -7200 || flagged(stop.Proof.Flags) != "clock_skew" {
		t.Errorf("at %s, %+v, %s", stop.At, e, flagged(stop.Proof.Flags))
	}
	if e := stop.Proof.Evidence; e.SpeedKMH == nil || *e.SpeedKMH < 10 || *e.SpeedKMH > 30 { // 1.1 km in 4 minutes, to a later stop
		t.Errorf("speed %v", e.SpeedKMH)
	}
	for name, c := range map[string]domain.Clock{
		"sent before":   {At: noon, Sent: noon.Add(-time.Minute)},
		"one of two":    {At: noon},
		"a year of lag": {At: noon.AddDate(-1, 0, 0), Sent: noon},
		"a wild clock":  {At: noon.AddDate(-1, 0, 0), Sent: noon.AddDate(-1, 0, 0)},
	} {
		in.ID, in.Clock = ids.New(), &c
		if _, err := w.Stops.CheckIn(t.Context(), w.As("worker"), noon, in); pointers(err) != "/clock" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A rejected proof takes the coverage back, and the household's last visit with it; nobody reviews their own.
func TestReview(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		w.Active(jia, terms("FREQ=DAILY"))
		earlier := w.Called("worker", noon, h, visit.Met)
		tomorrow := noon.Add(day)
		stop := w.Complete("lead", tomorrow.Add(time.Hour), w.CheckIn("lead", tomorrow, arrival(h, 3000)), visit.Completion{Result: visit.Met})
		visited := func() time.Time { return must(household.Load(t.Context(), w.Store, h.ID))(t).LastVisitedAt }
		covered := func() bool { return w.Visit(stop.Visits[0]).Covered }
		if stop.Proof.State != visit.Flagged || !covered() || !visited().Equal(tomorrow) {
			t.Fatalf("%s, covered %v, visited %s", stop.Proof.State, covered(), visited())
		}
		review := func(who string, accept bool, note string) error {
			_, err := w.Reviews.Review(t.Context(), w.As(who), tomorrow.Add(2*time.Hour), stop.ID, 0, accept, note)
			return err
		}
		for who, want := range map[string]error{"lead": domain.ErrForbidden, "worker": domain.ErrForbidden, "other manager": domain.ErrNotFound} {
			if err := review(who, true, "好"); !errors.Is(err, want) {
				t.Errorf("%s reviews: %v", who, err)
			}
		}
		if err := review("community", false, " "); pointers(err) != "/note" {
			t.Errorf("without a note: %v", err)
		}
		if err := review("community", false, "不在现场"); err != nil || covered() || !visited().Equal(earlier.At) {
			t.Errorf("rejected: %v, covered %v, visited %s", err, covered(), visited())
		}
		if v := w.Visit(stop.Visits[0]); v.State != visit.Completed || !v.DoneAt.Equal(tomorrow.Add(time.Hour)) {
			t.Errorf("rejected, and %s", v.State)
		}
		if err := review("manager", false, "同意"); code(err) != "wrong_state" {
			t.Errorf("rejected again: %v", err)
		}
		if err := review("manager", true, "定位漂移"); err != nil || !covered() || !visited().Equal(tomorrow) {
			t.Errorf("accepted after all: %v, covered %v", err, covered())
		}
		if got := must(w.Stops.Get(t.Context(), w.As("worker"), stop.ID))(t); got.Proof.By != w.IDs["manager"] || got.Proof.Note != "定位漂移" || len(got.Proof.Flags) == 0 || len(got.Queue) != 0 {
			t.Errorf("the review says %+v", got.Proof)
		}
		open := w.CheckIn("worker", tomorrow.Add(day), arrival(h, 1))
		if _, err := w.Reviews.Review(t.Context(), w.As("lead"), tomorrow, open.ID, 0, true, "好"); code(err) != "wrong_state" {
			t.Errorf("before it is over: %v", err)
		}
	})
}

// A street's own thresholds hold for its stops.
func TestPolicy(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		strict := visit.Default()
		strict.Thresholds[visit.TooFar] = visit.Threshold{20, 100}
		for who, want := range map[string]error{"community": domain.ErrForbidden, "other manager": domain.ErrForbidden, "resident": domain.ErrNotFound} {
			if _, err := w.Visits.SetPolicy(ctx, w.As(who), noon, jia, 0, *strict); !errors.Is(err, want) {
				t.Errorf("%s sets it: %v", who, err)
			}
		}
		first := must(w.Visits.SetPolicy(ctx, w.As("manager"), noon, jia, 0, *strict))(t)
		if _, err := w.Visits.SetPolicy(ctx, w.As("manager"), noon, jia, first.Version+1, *strict); !errors.Is(err, domain.ErrStale) {
			t.Errorf("another version: %v", err)
		}
		if got := must(w.Visits.Policy(ctx, w.As("worker"), noon, jia))(t); got.Thresholds[visit.TooFar] != (visit.Threshold{20, 100}) {
			t.Errorf("it says %+v", got)
		}
		if stop := w.Called("worker", noon, w.Household(east), visit.Met); flagged(stop.Proof.Flags) != "" { // 10 m
			t.Errorf("10 m away: %s", flagged(stop.Proof.Flags))
		}
		in := arrival(w.Household(east), 45)
		in.OnTheSpot = true
		if stop := w.CheckIn("worker", noon, in); flagged(stop.Proof.Flags) != "too_far" {
			t.Errorf("45 m away: %s", flagged(stop.Proof.Flags))
		}
		wrong := visit.Policy{Thresholds: map[visit.Doubt]visit.Threshold{visit.TooFar: {-1, 0}, "x": {}}, ReviewAt: 0, WeekLimit: 0, WelfareTags: []string{"Ä"}}
		for _, d := range visit.Doubts[1:] {
			wrong.Thresholds[d] = visit.Threshold{1, 101}
		}
		want := "/reviewAt /thresholds/clock_skew /thresholds/imprecise /thresholds/mock_location /thresholds/photo_reused /thresholds/sent_late " +
			"/thresholds/too_far /thresholds/too_fast /thresholds/too_short /thresholds/x /weekLimit /welfareTags/0"
		if _, err := w.Visits.SetPolicy(ctx, w.As("manager"), noon, jia, 0, wrong); pointers(err) != want {
			t.Errorf("a wrong one: %v", err)
		}
	})
}
