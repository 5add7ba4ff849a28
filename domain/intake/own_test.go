package intake

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
)

// ownOf are the numbers of all that the actor lists as their own, page by page.
func (w *world) ownOf(a access.Actor, open *bool) (out []string) {
	w.t.Helper()
	for cursor := ""; ; {
		page, next, err := w.cases.ListOwn(w.t.Context(), a, OwnFilter{Open: open, Limit: 2, Cursor: cursor})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range page {
			out = append(out, c.Key().Number)
			if _, err := w.cases.GetOwn(w.t.Context(), a, c.ID); err != nil {
				w.t.Errorf("listed, and not there: %v", err)
			}
		}
		if cursor = next; next == "" {
			return out
		}
	}
}

// One's own are those of the phone and those of the account, in every street,
// each once; from before either was theirs there is none.
func TestListOwn(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		const phone, other = "13800000001", "13800000002"
		li := access.Actor{Account: "li", Phone: w.keys.Index("phone", phone), PhoneSince: noon.AddDate(0, 0, -30)}
		tell := func(number, community, phone, state string, daysAgo, version int) *Case {
			in := w.told(state, noon.Add(time.Duration(version)*time.Minute))
			in.Community, in.OpenedAt, in.Applicant = community, noon.AddDate(0, 0, -daysAgo), ApplicantInput{Phone: phone}
			c, _, err := w.cases.Upsert(t.Context(), w.people["platform"], noon.Add(time.Hour), Key{rnd, number}, in)
			return must(c, err)(t)
		}
		for i, community := range []string{jiaOne, jiaTwo, yiOne} {
			tell(fmt.Sprintf("R-%d", i), community, phone, "received", 10+i, 1)
		}
		tell("R-3", jiaOne, phone, "done", 30, 1)
		old := tell("R-4", jiaOne, phone, "received", 31, 1)
		tell("R-5", jiaOne, other, "received", 5, 1)
		for _, d := range []Draft{{Asker: "li", Applicant: ApplicantInput{Phone: phone}}, {Asker: "li", Applicant: ApplicantInput{Phone: other}}, {Asker: "wu", Applicant: ApplicantInput{Phone: other}}} {
			d.ID, d.Item, d.Community = ids.New(), "insurance", jiaOne
			must(w.cases.Open(t.Context(), w.people["counter"], noon, d))(t)
		}
		is := func(what string, a access.Actor, open *bool, want ...string) {
			t.Helper()
			got := w.ownOf(a, open)
			slices.Sort(got[:min(2, len(got))]) // opened at the same time
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		ours := w.ownOf(access.Actor{Account: "li"}, nil)
		if slices.Sort(ours); len(ours) != 2 {
			t.Fatalf("by account: %v", ours)
		}
		is("by phone and account", li, nil, ours[0], ours[1], "R-0", "R-1", "R-2", "R-3")
		is("open", li, new(true), ours[0], ours[1], "R-0", "R-1", "R-2")
		is("over", li, new(false), "R-3")
		li.Since = noon.Add(time.Second) // somebody else had the account until then
		if got := w.ownOf(li, nil); len(got) != 5 || !slices.Contains(ours, got[0]) || got[1] != "R-0" {
			t.Errorf("of an account that was another's: %v", got)
		}
		if _, err := w.cases.GetOwn(t.Context(), li, old.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("from before the phone was theirs: %v", err)
		}
		// The platform tells another phone, and another street: the view goes with the phone.
		tell("R-0", yiOne, other, "received", 10, 2)
		tell("R-1", yiOne, phone, "received", 11, 2)
		if got := w.ownOf(li, nil); len(got) != 4 || slices.Contains(got, "R-0") || !slices.Contains(got, "R-1") {
			t.Errorf("after it was told otherwise: %v", got)
		}
		if page, next, err := w.cases.ListOwn(t.Context(), access.Actor{}, OwnFilter{}); len(page) != 0 || next != "" || err != nil {
			t.Errorf("nobody lists %d, %v", len(page), err)
		}
	})
}
