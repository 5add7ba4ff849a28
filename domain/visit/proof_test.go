package visit

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
	"wangge/geo"
)

func flagged(flags []Flag) string {
	var out []string
	for _, f := range flags {
		out = append(out, string(f.Doubt))
	}
	return strings.Join(out, " ")
}

func TestJudge(t *testing.T) {
	near, far, rough := 30.0, 3000.0, 2900.0
	for name, c := range map[string]struct {
		e     Evidence
		want  string
		score int
	}{
		"nothing known":             {Evidence{}, "", 0},
		"at the door":               {Evidence{DistanceM: &near, AccuracyM: new(10.0), SpeedKMH: new(5.0), DwellS: new(600.0)}, "", 0},
		"3 km away":                 {Evidence{DistanceM: &far, AccuracyM: new(10.0)}, "too_far", 60},
		"perhaps 3 km away":         {Evidence{DistanceM: &far, AccuracyM: &rough}, "imprecise", 30},
		"just far enough":           {Evidence{DistanceM: new(200.0)}, "", 0},
		"just too far":              {Evidence{DistanceM: new(200.1)}, "too_far", 60},
		"a made-up position":        {Evidence{DistanceM: &near, Mock: true}, "mock_location", 100},
		"by rocket":                 {Evidence{SpeedKMH: new(900.0)}, "too_fast", 60},
		"a minute":                  {Evidence{DwellS: new(60.0)}, "", 0},
		"less than a minute":        {Evidence{DwellS: new(59.0)}, "too_short", 30},
		"an old photo":              {Evidence{Reused: 1}, "photo_reused", 60},
		"a clock ahead":             {Evidence{SkewS: 301}, "clock_skew", 30},
		"a clock behind":            {Evidence{SkewS: -301}, "clock_skew", 30},
		"a clock nearly right":      {Evidence{SkewS: -300}, "", 0},
		"sent after four days":      {Evidence{DelayH: 96}, "sent_late", 20},
		"everything, 100 at most":   {Evidence{DistanceM: &far, AccuracyM: new(200.0), Mock: true, DwellS: new(1.0), Reused: 2}, "imprecise too_far mock_location too_short photo_reused", 100},
		"short, and a clock astray": {Evidence{DwellS: new(1.0), SkewS: 400}, "too_short clock_skew", 60},
	} {
		flags, score := Default().Judge(c.e)
		if flagged(flags) != c.want || score != c.score {
			t.Errorf("%s: %q, %d; want %q, %d", name, flagged(flags), score, c.want, c.score)
		}
	}
	flags, _ := Default().Judge(Evidence{DistanceM: &far})
	if got := fmt.Sprint(flags); got != "[{too_far 3000 200 60}]" {
		t.Errorf("the reason is %s", got)
	}
}

// What a stop's proof says is recorded with the reasons, weak ones wait for a lead.
func TestProofOfStops(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		one, two, neighbour := w.household(east), w.household(west), w.household(west)
		call := func(h *household.Household, now time.Time, dwell time.Duration, change func(*Arrival), photos ...string) *Stop {
			in := arrival(h, 30)
			in.OnTheSpot = true
			if change != nil {
				change(&in)
			}
			return w.complete("worker", now.Add(dwell), w.checkIn("worker", now, in), Completion{Result: Met, Photos: photos})
		}
		minutes := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
		picture, copied := w.upload("worker", 7), w.upload("worker", 7)
		for name, c := range map[int]struct {
			stop  *Stop
			want  string
			state ProofState
		}{
			0: {call(one, minutes(0), 10*time.Minute, nil, picture), "", Clear},
			1: {call(two, minutes(30), 10*time.Minute, func(in *Arrival) { in.Position = &orb.Point{120.595, 31.335} }), "too_far", Flagged},
			2: {call(two, minutes(120), 10*time.Minute, nil), "", Clear},
			3: {call(neighbour, minutes(120), 10*time.Minute, nil), "", Clear}, // at once, in the same building
			4: {call(one, minutes(120), 10*time.Minute, nil), "too_fast", Flagged},
			5: {call(one, minutes(300), 10*time.Second, nil), "too_short", Clear},
			6: {call(one, minutes(400), 10*time.Minute, nil, copied), "photo_reused", Flagged},
			7: {call(one, minutes(500), 10*time.Minute, func(in *Arrival) { in.Mock = true }), "mock_location", Flagged},
			8: {call(one, minutes(600), time.Second, func(in *Arrival) { in.Channel, in.Position = Phone, nil }), "", Clear},
		} {
			if got := flagged(c.stop.Proof.Flags); got != c.want || c.stop.Proof.State != c.state {
				t.Errorf("%d: %q %s, want %q %s (%+v)", name, got, c.stop.Proof.State, c.want, c.state, c.stop.Proof.Evidence)
			}
		}
		if list, _, err := w.Reviews.Queue(t.Context(), w.as("lead"), InReview, "", east, 0, ""); err != nil || len(list) != 3 {
			t.Errorf("waiting in the cell: %d, %v", len(list), err)
		}
	})
}

// A score that is just the street's threshold waits for a lead; one below it does not.
func TestReviewAtTheThreshold(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.household(east)
		for reviewAt, want := range map[int]ProofState{59: Flagged, 60: Flagged, 61: Clear} {
			policy := *Default()
			policy.ReviewAt = reviewAt
			must(w.Visits.SetPolicy(t.Context(), w.as("manager"), noon, jia, 0, policy))(t)
			in := arrival(h, 3000) // too far, which scores 60
			in.OnTheSpot = true
			stop := w.complete("worker", noon.Add(10*time.Minute), w.checkIn("worker", noon, in), Completion{Result: NoAnswer})
			if p := stop.Proof; p.Score != 60 || p.State != want || slices.Contains(stop.Queue, InReview) != (want == Flagged) {
				t.Errorf("reviewed at %d: score %d is %s, waits in %v", reviewAt, p.Score, p.State, stop.Queue)
			}
		}
	})
}

// One picture sent twice with one stop, as two photos, is a doubt as if another stop had it.
func TestOnePictureTwiceInAStop(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.household(east)
		for i, c := range []struct {
			shades []uint8
			reused int
		}{{[]uint8{10, 60}, 0}, {[]uint8{110, 110}, 1}, {[]uint8{160, 160, 160}, 2}} {
			var photos []string
			for _, shade := range c.shades {
				photos = append(photos, w.upload("worker", shade))
			}
			in, now := arrival(h, 5), noon.Add(time.Duration(i)*time.Hour)
			in.OnTheSpot = true
			stop := w.complete("worker", now.Add(10*time.Minute), w.checkIn("worker", now, in), Completion{Result: Met, Photos: photos})
			if p := stop.Proof; p.Evidence.Reused != c.reused || (flagged(p.Flags) == "photo_reused") != (c.reused > 0) {
				t.Errorf("pictures %v: %d used before, flags %q", c.shades, p.Evidence.Reused, flagged(p.Flags))
			}
		}
	})
}

// Without a connection the device says when it was; what came in meanwhile is compared on both sides.
func TestOfflineStops(t *testing.T) {
	w := onSQLite(t, rehearse)
	h, far := w.household(east), w.household(west)
	w.called("worker", noon, far, Met)
	in := arrival(h, 5)
	in.OnTheSpot = true
	// Two hours behind; at the door 4 minutes before noon, sent an hour after.
	in.Clock = &domain.Clock{At: noon.Add(-2*time.Hour - 4*time.Minute), Sent: noon.Add(-time.Hour)}
	stop := w.checkIn("worker", noon.Add(time.Hour), in)
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
		if _, err := w.Stops.CheckIn(t.Context(), w.as("worker"), noon, in); pointers(err) != "/clock" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A rejected proof takes the coverage back, and the household's last visit with it; nobody reviews their own.
func TestReview(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.elder(east)
		w.active(jia, terms("FREQ=DAILY"))
		earlier := w.called("worker", noon, h, Met)
		tomorrow := noon.Add(day)
		stop := w.complete("lead", tomorrow.Add(time.Hour), w.checkIn("lead", tomorrow, arrival(h, 3000)), Completion{Result: Met})
		visited := func() time.Time { return must(household.Load(t.Context(), w.st, h.ID))(t).LastVisitedAt }
		covered := func() bool { return must(visits.Get(t.Context(), w.st, stop.Visits[0]))(t).Covered }
		if stop.Proof.State != Flagged || !covered() || !visited().Equal(tomorrow) {
			t.Fatalf("%s, covered %v, visited %s", stop.Proof.State, covered(), visited())
		}
		review := func(who string, accept bool, note string) error {
			_, err := w.Reviews.Review(t.Context(), w.as(who), tomorrow.Add(2*time.Hour), stop.ID, 0, accept, note)
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
		if v := must(visits.Get(t.Context(), w.st, stop.Visits[0]))(t); v.State != Completed || !v.DoneAt.Equal(tomorrow.Add(time.Hour)) {
			t.Errorf("rejected, and %s", v.State)
		}
		if err := review("manager", false, "同意"); code(err) != "wrong_state" {
			t.Errorf("rejected again: %v", err)
		}
		if err := review("manager", true, "定位漂移"); err != nil || !covered() || !visited().Equal(tomorrow) {
			t.Errorf("accepted after all: %v, covered %v", err, covered())
		}
		if got := must(w.Stops.Get(t.Context(), w.as("worker"), stop.ID))(t); got.Proof.By != w.ids["manager"] || got.Proof.Note != "定位漂移" || len(got.Proof.Flags) == 0 || len(got.Queue) != 0 {
			t.Errorf("the review says %+v", got.Proof)
		}
		open := w.checkIn("worker", tomorrow.Add(day), arrival(h, 1))
		if _, err := w.Reviews.Review(t.Context(), w.as("lead"), tomorrow, open.ID, 0, true, "好"); code(err) != "wrong_state" {
			t.Errorf("before it is over: %v", err)
		}
	})
}

// A street's own thresholds hold for its stops.
func TestPolicy(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		strict := Default()
		strict.Thresholds[TooFar] = Threshold{20, 100}
		for who, want := range map[string]error{"community": domain.ErrForbidden, "other manager": domain.ErrForbidden, "resident": domain.ErrNotFound} {
			if _, err := w.Visits.SetPolicy(ctx, w.as(who), noon, jia, 0, *strict); !errors.Is(err, want) {
				t.Errorf("%s sets it: %v", who, err)
			}
		}
		first := must(w.Visits.SetPolicy(ctx, w.as("manager"), noon, jia, 0, *strict))(t)
		if _, err := w.Visits.SetPolicy(ctx, w.as("manager"), noon, jia, first.Version+1, *strict); !errors.Is(err, domain.ErrStale) {
			t.Errorf("another version: %v", err)
		}
		if got := must(w.Visits.Policy(ctx, w.as("worker"), noon, jia))(t); got.Thresholds[TooFar] != (Threshold{20, 100}) {
			t.Errorf("it says %+v", got)
		}
		if stop := w.called("worker", noon, w.household(east), Met); flagged(stop.Proof.Flags) != "" { // 10 m
			t.Errorf("10 m away: %s", flagged(stop.Proof.Flags))
		}
		in := arrival(w.household(east), 45)
		in.OnTheSpot = true
		if stop := w.checkIn("worker", noon, in); flagged(stop.Proof.Flags) != "too_far" {
			t.Errorf("45 m away: %s", flagged(stop.Proof.Flags))
		}
		wrong := Policy{Thresholds: map[Doubt]Threshold{TooFar: {-1, 0}, "x": {}}, ReviewAt: 0, WeekLimit: 0, WelfareTags: []string{"Ä"}}
		for _, d := range Doubts[1:] {
			wrong.Thresholds[d] = Threshold{1, 101}
		}
		want := "/reviewAt /thresholds/clock_skew /thresholds/imprecise /thresholds/mock_location /thresholds/photo_reused /thresholds/sent_late " +
			"/thresholds/too_far /thresholds/too_fast /thresholds/too_short /thresholds/x /weekLimit /welfareTags/0"
		if _, err := w.Visits.SetPolicy(ctx, w.as("manager"), noon, jia, 0, wrong); pointers(err) != want {
			t.Errorf("a wrong one: %v", err)
		}
	})
}

// Speed is between positions as exact as they are, and not within a building.
func TestSpeed(t *testing.T) {
	at := func(metres, accuracy float64, building string, minutes int) *Stop {
		return &Stop{Position: &Position{GridPoint: geo.GridPoint{Lon: 1206000000, Lat: 313000000 + int64(metres/0.0111195)}, AccuracyM: &accuracy, Datum: geo.WGS84},
			Building: building, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	for name, c := range map[string]struct {
		a, b *Stop
		want float64 // km/h; -1: none
	}{
		"a kilometre in six minutes": {at(0, 0, "", 0), at(1000, 0, "", 6), 10},
		"the other way round":        {at(1000, 0, "", 6), at(0, 0, "", 0), 10},
		"exact to 250 m each":        {at(0, 250, "", 0), at(1000, 250, "", 6), 5},
		"nearer than exact":          {at(0, 30, "", 0), at(50, 30, "", 0), -1},
		"one building":               {at(0, 0, "8", 0), at(1000, 0, "8", 0), -1},
		"no building known":          {at(0, 0, "", 0), at(1000, 0, "", 0), 3600},
		"no position":                {at(0, 0, "", 0), &Stop{At: noon}, -1},
	} {
		got, ok := speed(c.a, c.b)
		if ok != (c.want >= 0) || ok && (got < c.want*0.99 || got > c.want*1.01) {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}
