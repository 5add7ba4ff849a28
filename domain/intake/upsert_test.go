package intake

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/worldtest"
	"wangge/store"
)

// The later word of a platform wins, in whatever order and how often it comes.
func TestUpsert(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, platform, key := t.Context(), w.people["platform"], Key{rnd, "A-1"}
		first := w.told("received", noon.Add(-time.Hour))
		c := w.upsert("A-1", first)
		if c.State != Received || c.OpenedBy != platform.Account || c.Applicant.Name.Masked != "王*明" || c.Applicant.Phone.Masked != "138****5678" || c.Partition != c.Place.Street || len(c.People) > 0 {
			t.Errorf("made: %+v", c)
		}
		if again := w.upsert("A-1", first); again.Version != c.Version {
			t.Errorf("said twice: version %d, then %d", c.Version, again.Version)
		}
		later := w.told("办理中", noon.Add(-30*time.Minute))
		later.Applicant = ApplicantInput{}
		if c = w.upsert("A-1", later); c.State != InReview || c.SourceState != "办理中" || c.AcceptedAt != later.ChangedAt || c.DueAt.IsZero() || c.Applicant.Phone.Masked == "" {
			t.Errorf("later: %+v", c)
		}
		old, applied, err := w.cases.Upsert(ctx, platform, noon, key, first)
		if err != nil || applied || old.State != InReview || old.Version != c.Version {
			t.Errorf("the older again: %v, %v, %+v", applied, err, old)
		}
		other := later
		other.Reason = "另一内容"
		if _, _, err := w.cases.Upsert(ctx, platform, noon, key, other); worldtest.Conflict(err) != "same_version" {
			t.Errorf("another content of the same time: %v", err)
		}
		strange := w.told("转办省厅", noon)
		if c = w.upsert("A-1", strange); c.State != Other || c.SourceState != "转办省厅" {
			t.Errorf("an unknown word: %+v", c)
		}
		clear := must(c.Applicant.open(w.keys))(t)
		if clear.Phone != "13812345678" || clear.IDNumber != "110101199003070011" || clear.Name != "王小明" {
			t.Errorf("opened: %+v", clear)
		}
		if _, _, err := w.cases.Upsert(ctx, w.people["other platform"], noon, key, strange); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("another platform: %v", err)
		}
		if _, _, err := w.cases.Upsert(ctx, w.people["counter"], noon, key, strange); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a person: %v", err)
		}
		twin, _, err := w.cases.Upsert(ctx, w.people["other platform"], noon, Key{"hotline", "A-1"}, first)
		if err != nil || twin.ID == c.ID {
			t.Errorf("the same number of another platform: %v, %+v", err, twin)
		}
		if out, _, err := w.cases.Upsert(ctx, w.people["street platform"], noon, Key{rnd, "B-1"}, first); strings.Join(worldtest.Pointers(err), " ") != "/community" {
			t.Errorf("outside the account's areas: %v, %+v", err, out)
		}
		if out, _, err := w.cases.Upsert(ctx, w.people["street platform"], noon, key, func() Upsert { u := strange; u.Community = yiOne; return u }()); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("pulled out of another street: %v, %+v", err, out)
		}
	})
}

// By a platform's version, the time it says does not matter.
func TestUpsertByVersion(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		of := func(n int64, state string, at time.Time) Upsert {
			u := w.told(state, at)
			u.Version = &n
			return u
		}
		w.upsert("V", of(7, "accepted", noon))
		if c := w.upsert("V", of(8, "in_review", noon.Add(-time.Hour))); c.State != InReview || *c.SourceVersion != 8 {
			t.Errorf("a later version: %+v", c)
		}
		if _, applied, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, "V"}, of(6, "received", noon)); applied || err != nil {
			t.Errorf("an older one: %v, %v", applied, err)
		}
		if _, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, "V"}, w.told("done", noon)); strings.Join(worldtest.Pointers(err), " ") != "/version" {
			t.Errorf("without a version: %v", err)
		}
	})
}

// Times are kept to the millisecond: what says more is compared as it is kept.
func TestUpsertWithinAMillisecond(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		said := w.told("办理中", noon.Add(-time.Hour+456789))
		said.OpenedAt, said.AcceptedAt = said.OpenedAt.Add(456789), said.ChangedAt
		said.Pauses = []Pause{{From: said.ChangedAt, Until: said.ChangedAt}}
		c := w.upsert("N", said)
		if again := w.upsert("N", said); again.Version != c.Version || said.Pauses[0].From != said.ChangedAt {
			t.Errorf("said twice: version %d, then %d", c.Version, again.Version)
		}
		said.ChangedAt, said.State = said.ChangedAt.Add(time.Microsecond), "已办结"
		if _, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, "N"}, said); worldtest.Conflict(err) != "same_version" {
			t.Errorf("another content within the millisecond: %v", err)
		}
	})
}

// What is said of a community that was merged is said of the one it became.
func TestUpsertOfAMergedCommunity(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		c := w.upsert("G", w.told("received", noon.Add(-time.Hour)))
		merged := strings.ReplaceAll(worldtest.Areas, "\n", ",\n")
		merged = strings.Replace(merged, "parent_code,", "parent_code,successor_code", 1)
		merged = strings.Replace(merged, "community,"+jiaOne+",甲一社区,"+jia+",\n", "", 1) + "," + jiaOne + ",,," + jiaTwo + "\n"
		worldtest.Import(t, w.areas, noon, merged)
		for number, state := range map[string]string{"G": "办理中", "G-2": "received"} {
			got := w.upsert(number, w.told(state, noon))
			if got.Place.Community != worldtest.ID(t, w.areas, jiaTwo) || number == "G" && got.ID != c.ID {
				t.Errorf("%s: %+v", number, got.Place)
			}
		}
	})
}

// A case moves with its community into another street's partition.
func TestUpsertMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.upsert("M", w.told("received", noon.Add(-time.Hour)))
		moved := w.told("accepted", noon)
		moved.Community = yiOne
		c := w.upsert("M", moved)
		if c.Partition != worldtest.ID(t, w.areas, yi) || must(Load(t.Context(), w.st, c.ID))(t).Place != c.Place {
			t.Errorf("moved: %+v", c)
		}
	})
}

func TestUpsertNamesWhatIsWrong(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		long := strings.Repeat("长", 501)
		bad := Upsert{Item: "no-such", State: " ", ChangedAt: noon.Add(10 * time.Minute), OpenedAt: noon.AddDate(0, 0, 1), ClosedAt: noon.AddDate(1, 0, 0), Community: jia, Reason: long, Missing: []string{"", long},
			Trips: []Trip{{}, {On: "2027-01-01"}}, Pauses: []Pause{{From: noon, Until: noon.Add(-time.Hour)}, {}}, Applicant: ApplicantInput{Phone: "12", IDNumber: "1"}}
		_, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, "X"}, bad)
		want := "/state /changedAt /openedAt /closedAt /pauses/0 /pauses/1/from /pauses/1 /reason /missing/0 /missing/1 /trips/0/on /trips/1/on /applicant/phone /applicant/idNumber /community"
		if got := strings.Join(worldtest.Pointers(err), " "); got != want {
			t.Errorf("named: %s\n want: %s", got, want)
		}
		for pointer, set := range map[string]func(*Upsert){
			"/item": func(u *Upsert) { u.Item = "no-such" }, "/station": func(u *Upsert) { u.Station = "no-such" }, "/local": func(u *Upsert) { u.Local = "320508001-j261123-9" },
		} {
			u := w.told("received", noon)
			set(&u)
			if _, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, "X"}, u); strings.Join(worldtest.Pointers(err), " ") != pointer {
				t.Errorf("%s: %v", pointer, err)
			}
		}
		if _, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon, Key{rnd, " "}, w.told("received", noon)); strings.Join(worldtest.Pointers(err), " ") != "/number" {
			t.Errorf("without a number: %v", err)
		}
		if _, err := Load(t.Context(), w.st, Key{rnd, "X"}.ID()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("something was written: %v", err)
		}
	})
}
