package household

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/reveal"
)

func TestMembers(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.create("worker", draft(east, "1"))
		in := MemberInput{ID: ids.New(), PersonInput: PersonInput{Name: str("李红"), Phone: str("13900000002"), IDNumber: str(citizen(1))}, Tags: []TagInput{{Code: "party_member"}}}
		h, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 1, in)
		if err != nil || len(h.Members) != 2 || strings.Join(h.Marks, " ") != "occupancy:own tag:party_member" {
			t.Fatalf("added: %+v, %v", h, err)
		}
		if again, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, in); err != nil || again.Version != h.Version {
			t.Errorf("again: %+v, %v", again.Meta, err)
		}
		h, _, err = w.households.UpdateMember(t.Context(), w.people["worker"], noon, h.ID, 0, in.ID, PersonInput{Name: str("李虹"), Phone: str("")})
		if err != nil || h.Members[1].PhoneIndex != "" || h.Members[1].IDNumberMasked == "" {
			t.Errorf("changed: %+v, %v", h.Members[1], err)
		}
		if got := must(w.households.Reveal(t.Context(), w.people["worker"], noon, h.ID, in.ID, []string{"name", "phone", "idNumber"}, "核对信息"))(t); got != (Revealed{"李虹", "", citizen(1)}) {
			t.Errorf("revealed: %+v", got)
		}
		for name, c := range map[string]struct {
			in   PersonInput
			want string
		}{"no name": {PersonInput{Name: str("")}, "/name"}, "a phone": {PersonInput{Phone: str("1")}, "/phone"}, "an ID number": {PersonInput{IDNumber: str("1")}, "/idNumber"}} {
			if _, _, err := w.households.UpdateMember(t.Context(), w.people["worker"], noon, h.ID, 0, in.ID, c.in); pointers(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := w.households.UpdateMember(t.Context(), w.people["worker"], noon, h.ID, 0, h.Members[0].ID, PersonInput{IDNumber: str(citizen(1))}); pointers(err) != "/idNumber" {
			t.Errorf("another's ID number: %v", err)
		}
		if _, _, err := w.households.UpdateMember(t.Context(), w.people["worker"], noon, h.ID, 0, ids.New(), PersonInput{}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		if _, err := w.households.RemoveMember(t.Context(), w.people["worker"], noon, h.ID, 0, in.ID, "bored"); pointers(err) != "/reason" {
			t.Errorf("a reason: %v", err)
		}
		for i := range membersMost - 2 {
			if _, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, MemberInput{PersonInput: PersonInput{Name: str(fmt.Sprintf("客%d", i))}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, MemberInput{PersonInput: PersonInput{Name: str("再来")}}); err == nil || len(w.get(h.ID).Members) != membersMost {
			t.Errorf("one too many: %v", err)
		}
	})
}

// Tags begin and end by the clock; the list follows when it is rolled.
func TestTagsRollUp(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.create("worker", draft(east, "1"))
		member, day := h.Members[0].ID, 24*time.Hour
		other, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, MemberInput{PersonInput: PersonInput{Name: str("李红")}})
		if err != nil {
			t.Fatal(err)
		}
		tag := func(member string, in TagInput) {
			t.Helper()
			must(w.households.Tag(t.Context(), w.people["worker"], noon, h.ID, 0, member, in))(t)
		}
		tag(member, TagInput{Code: "family_in_difficulty", Level: "low", Until: noon.Add(2 * day)})
		tag(other.Members[1].ID, TagInput{Code: "family_in_difficulty", Level: "high", Until: noon.Add(3 * day)})
		tag(member, TagInput{Code: "empty_nest_elder", Since: noon.Add(day)})
		lease := must(w.st.Acquire(t.Context(), tagClockLease, "test", time.Minute))(t)
		for _, c := range []struct {
			days   int
			rolled int
			want   string
			next   time.Time
		}{
			{0, 0, "family_in_difficulty/high", noon.Add(day)},
			{1, 1, "empty_nest_elder/ family_in_difficulty/high", noon.Add(2 * day)},
			{2, 1, "empty_nest_elder/ family_in_difficulty/high", noon.Add(3 * day)},
			{3, 1, "empty_nest_elder/", time.Time{}},
			{4, 0, "empty_nest_elder/", time.Time{}},
		} {
			now := noon.Add(time.Duration(c.days) * day)
			if n, err := w.households.tagsDue().Pass(t.Context(), w.st, lease, now); n != c.rolled || err != nil {
				t.Errorf("day %d: %d rolled, %v", c.days, n, err)
			}
			h := w.get(h.ID)
			var got, marks []string
			for _, tag := range h.Tags(now) {
				got, marks = append(got, tag.Code+"/"+string(tag.Level)), append(marks, tagMark(tag.Code))
			}
			if strings.Join(got, " ") != c.want || strings.Join(h.Marks, " ") != "occupancy:own "+strings.Join(marks, " ") || !h.RollAt.Equal(c.next) {
				t.Errorf("day %d: %v, listed by %v, next %v", c.days, got, h.Marks, h.RollAt)
			}
		}
		// An ended tag stays as history; one put anew begins anew; one not begun is taken away.
		later := noon.Add(5 * day)
		must(w.households.Untag(t.Context(), w.people["worker"], later, h.ID, 0, member, "empty_nest_elder"))(t)
		if _, err := w.households.Untag(t.Context(), w.people["worker"], later, h.ID, 0, member, "empty_nest_elder"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("ended twice: %v", err)
		}
		must(w.households.Tag(t.Context(), w.people["worker"], later, h.ID, 0, member, TagInput{Code: "empty_nest_elder", Since: later.Add(day)}))(t)
		if tags := w.get(h.ID).Members[0].Tags; len(tags) != 3 || !tags[1].Until.Equal(later) {
			t.Errorf("tags: %+v", tags)
		}
		must(w.households.Untag(t.Context(), w.people["worker"], later, h.ID, 0, member, "empty_nest_elder"))(t)
		if tags := w.get(h.ID).Members[0].Tags; len(tags) != 2 {
			t.Errorf("tags: %+v", tags)
		}
	})
}

func TestReveal(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.create("worker", draft(east, "1"))
		person := h.Members[0].ID
		reveal := func(who string, now time.Time, person string, fields []string, reason string) (Revealed, error) {
			return w.households.Reveal(t.Context(), w.people[who], now, h.ID, person, fields, reason)
		}
		got, err := reveal("worker", noon, person, []string{"phone", "phone"}, " 电话回访 ")
		if err != nil || got != (Revealed{Phone: "13800000001"}) {
			t.Errorf("%+v, %v", got, err)
		}
		if version := w.get(h.ID).Version; version != 1 {
			t.Errorf("a look made version %d", version)
		}
		entries := 0
		for _, e := range w.journal(jia) {
			if e.Action == "household.reveal" {
				entries++
				if e.Actor != "worker" || e.Dims["fields"] != "phone" || e.Dims["person"] != person || strings.Contains(fmt.Sprint(e.Dims), "回访") {
					t.Errorf("journal: %+v", e)
				}
			}
		}
		record := w.journal(jia)[len(w.journal(jia))-1].Dims["record"]
		if why := must(reasons(t.Context(), w.st, []string{record}))(t); entries != 2 || why[record] != "电话回访" {
			t.Errorf("%d entries, %q", entries, why)
		}
		for name, c := range map[string]struct {
			who, person string
			fields      []string
			reason      string
			ok          func(error) bool
		}{
			"no reason":        {"worker", person, []string{"name"}, " ", func(err error) bool { return pointers(err) == "/reason" }},
			"nothing":          {"worker", person, nil, "核对", func(err error) bool { return pointers(err) == "/fields" }},
			"something else":   {"worker", person, []string{"name", "tags"}, "核对", func(err error) bool { return pointers(err) == "/fields/1" }},
			"nobody":           {"worker", ids.New(), []string{"name"}, "核对", func(err error) bool { return errors.Is(err, domain.ErrNotFound) }},
			"a dispatcher":     {"dispatcher", person, []string{"name"}, "核对", func(err error) bool { return errors.Is(err, domain.ErrForbidden) }},
			"another's worker": {"two cells", person, []string{"name"}, "核对", func(err error) bool { return errors.Is(err, domain.ErrNotFound) }},
		} {
			if out, err := reveal(c.who, noon, c.person, c.fields, c.reason); !c.ok(err) || out != (Revealed{}) {
				t.Errorf("%s: %+v, %v", name, out, err)
			}
		}
		w.households.Reveals.PerHour = 19 // of which two were used above
		for range 17 {
			if _, err := reveal("worker", noon, person, []string{"name"}, "核对"); err != nil {
				t.Fatal(err)
			}
		}
		var limit *domain.LimitError
		if out, err := reveal("worker", noon.Add(50*time.Minute), person, []string{"name"}, "核对"); !errors.As(err, &limit) || limit.RetryAfter != 10*time.Minute || out != (Revealed{}) {
			t.Errorf("too often: %+v, %v", out, err)
		}
		if _, err := reveal("lead", noon.Add(50*time.Minute), person, []string{"name"}, "核对"); err != nil {
			t.Errorf("another person: %v", err)
		}
		if _, err := reveal("worker", noon.Add(60*time.Minute), person, []string{"name"}, "核对"); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// However many ask at once, no more than the hour's are answered, over streets too.
func TestRevealsAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		a, b := w.create("two cells", draft(west, "1")), w.create("two cells", draft(other, "1"))
		w.households.Reveals.PerHour = 10
		for i := range 8 {
			if _, err := w.households.Reveal(t.Context(), w.people["two cells"], noon.Add(time.Duration(i)), a.ID, a.Members[0].ID, []string{"name"}, "核对"); err != nil {
				t.Fatal(err)
			}
		}
		answers := make(chan error)
		for i := range 8 {
			h := []*Household{a, b}[i%2]
			go func() {
				_, err := w.households.Reveal(t.Context(), w.people["two cells"], noon.Add(time.Minute), h.ID, h.Members[0].ID, []string{"phone"}, "核对")
				answers <- err
			}()
		}
		shown, limited := 0, 0
		for range 8 {
			var limit *domain.LimitError
			if err := <-answers; err == nil {
				shown++
			} else if errors.As(err, &limit) {
				limited++
			} else {
				t.Error(err)
			}
		}
		if shown != 2 || limited != 6 {
			t.Errorf("%d shown, %d limited", shown, limited)
		}
	})
}

var reasons = reveal.Reasons // where a test's own reveal hides the package

// Twenty members added to one household at once are all added.
func TestTwentyMembersAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		h := w.create("worker", draft(east, "1"))
		answers := make(chan error)
		for i := range 20 {
			go func() {
				_, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, MemberInput{PersonInput: PersonInput{Name: str(fmt.Sprint("成员", i))}})
				answers <- err
			}()
		}
		for range 20 {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		if now := w.get(h.ID); len(now.Members) != len(h.Members)+20 {
			t.Errorf("%d members", len(now.Members))
		}
	})
}
