package ticket

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/geo"
	"wangge/store"
)

// Public is what anybody may know of a ticket: nothing by which those who were
// there at the time would recognise who reported it.
type Public struct {
	ID       string // tells nothing of the ticket's own, which holds the millisecond of the report
	Category string
	State    State
	At       orb.Point  // middle of its square, WGS-84
	Day      civil.Date // of the report
}

// PublicFilter narrows the public list. Empty fields do not filter.
type PublicFilter struct {
	Boxes      []orb.Bound // WGS-84: what is shown lies in one of them; they do not overlap
	From, To   time.Time   // the day of the report ends after From and begins before or at To
	Categories []string
	States     []State
	Limit      int // at least 1
	Cursor     string
}

// published is what the store keeps of a ticket for the public. The public is
// answered from nothing else: were tickets found or put in order by the true
// position or time, reports made beside one would tell where and when it was.
type published struct {
	ID            string            `store:"id"`   // day of the report, and a keyed hash
	Spot          string            `store:"spot"` // key of the square's middle along the curve, and ID
	geo.GridPoint `store:",inline"` // the middle
}

// publicSquare is the side of the squares that positions are shown by, in 1e-7
// degrees: 56 m by 48 m in Suzhou. They do not depend on the ticket, so that
// looking again, or at many, tells no more.
const publicSquare = 5000

// middle of the square that a coordinate lies in.
func middle(e7 int64) int64 {
	return e7 - (e7%publicSquare+publicSquare)%publicSquare + publicSquare/2
}

// PublicStates are those that the public sees: what turned out to be no issue,
// was taken back, or is seen to with another, is not shown.
var PublicStates = slices.DeleteFunc(slices.Clone(States), func(s State) bool { return s == Rejected || s == Withdrawn || s == Merged })

// publicDay begins a public id, so that ids are in the order of days.
const publicDay = "20060102"

// publicHash: 22 letters of base64url are 132 bits.
const publicHash = 22

// publish settles what the public sees of the ticket as it is now.
func (t *Ticket) publish(keys *personal.Keys, p *policy.Policy) {
	t.Public = nil
	if t.Position == nil || t.Parent != "" || !p.Handling(t.Category, t.Condition).Public || !slices.Contains(PublicStates, t.State) {
		return
	}
	shown := &published{GridPoint: geo.GridPoint{Lon: middle(t.Position.Lon), Lat: middle(t.Position.Lat)}}
	shown.ID = t.everPublicID(keys)
	shown.Spot = spot(geo.Key(shown.At())) + "-" + shown.ID
	t.Public = shown
}

// everPublicID is the id by which the public knows it whenever it does.
func (t *Ticket) everPublicID(keys *personal.Keys) string {
	return t.CreatedAt.In(civil.Zone).Format(publicDay) + "-" + keys.Index("public ticket", t.ID)[:publicHash]
}

func spot(key int64) string { return fmt.Sprintf("%012x", key) }

func (t *Ticket) public() *Public {
	return &Public{ID: t.Public.ID, Category: t.Category, State: t.State, At: t.Public.At(), Day: civil.DateOf(t.CreatedAt)}
}

// Public returns a page of what anybody may know, and the cursor of the next:
// the earliest days first, or in boxes along the space-filling key, and of one
// day or square in no order that tells anything.
// Errors: store.ErrCursor, store.ErrTooBroad.
func (s *Tickets) Public(ctx context.Context, f PublicFilter) ([]*Public, string, error) {
	after, err := f.after()
	if err != nil {
		return nil, "", err
	}
	var found []*Ticket
	for _, group := range f.queries(after) { // one after the other: the first mostly fill the page
		page, _, err := collection.Find(ctx, s.store, group...)
		if err != nil {
			return nil, "", err
		}
		if found = append(found, page...); len(found) > f.Limit {
			break
		}
	}
	next := ""
	if len(found) > f.Limit {
		found = found[:f.Limit]
		last := found[f.Limit-1].Public // the store's own cursor holds the ticket's id
		if next = last.ID; f.Boxes != nil {
			next = last.Spot
		}
	}
	out := make([]*Public, len(found))
	for i, t := range found {
		out[i] = t.public()
	}
	return out, base64.RawURLEncoding.EncodeToString([]byte(next)), nil
}

// PublicByID returns what anybody may know of one ticket; ErrNotFound.
func (s *Tickets) PublicByID(ctx context.Context, id string) (*Public, error) {
	found, _, err := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("public.id", id)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, domain.ErrNotFound
	}
	return found[0].public(), nil
}

var (
	publicID   = regexp.MustCompile(`^[0-9]{8}-[A-Za-z0-9_-]{22}$`)
	publicSpot = regexp.MustCompile(`^[0-9a-f]{12}-[0-9]{8}-[A-Za-z0-9_-]{22}$`)
)

// after is the id, or in boxes the spot, of the last ticket on the page before.
func (f PublicFilter) after() (string, error) {
	if f.Cursor == "" {
		return "", nil
	}
	form := publicID
	if f.Boxes != nil {
		form = publicSpot
	}
	last, err := base64.RawURLEncoding.DecodeString(f.Cursor)
	if err != nil || !form.Match(last) {
		return "", store.ErrCursor
	}
	return string(last), nil
}

// queries find what comes after an id or spot, in groups whose results follow
// one another; those of a group are to be merged. Each finds one more than the page has.
func (f PublicFilter) queries(after string) [][]store.Query {
	var set []store.Cond
	if len(f.States) > 0 {
		set = append(set, store.In("state", f.States...))
	}
	if len(f.Categories) > 0 {
		set = append(set, store.In("category", f.Categories...))
	}
	from, to := f.days()
	ask := func(set []store.Cond, field, from string, to any) store.Query {
		if after != "" {
			from = max(from, after+"\x00")
		}
		return store.Query{Where: append(slices.Clone(set), store.Between(field, from, to)), Order: []string{field}, Limit: f.Limit + 1}
	}
	if f.Boxes == nil {
		return [][]store.Query{{ask(set, "public.id", from, to)}}
	}
	set = append(set, store.Between("public.id", from, to))
	type stretch struct {
		geo.KeyRange
		within []store.Cond
	}
	var along []stretch
	for _, box := range f.Boxes {
		within := append(slices.Clone(set), inBox("public", box)...)
		for _, r := range curve(box) {
			along = append(along, stretch{r, within})
		}
	}
	slices.SortFunc(along, func(a, b stretch) int { return cmp.Compare(a.From, b.From) })
	var out [][]store.Query
	reached := int64(-1)
	for _, r := range along {
		end := spot(r.To) + "." // which comes after "-"
		if end <= after {
			continue
		}
		if r.From > reached {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], ask(r.within, "public.spot", spot(r.From), end))
		reached = max(reached, r.To)
	}
	return out
}

// days are the ids that the filter's times leave: from <= id, and id < to, if that is not nil.
func (f PublicFilter) days() (from string, to any) {
	if !f.From.IsZero() {
		from = f.From.In(civil.Zone).Format(publicDay)
	}
	if last := f.To.In(civil.Zone).AddDate(0, 0, 1); !f.To.IsZero() && last.Year() <= 9999 {
		to = last.Format(publicDay)
	}
	return from, to
}

// Bound is a box that all tickets lie in: that of the cells, and as far
// around it as positions are taken; false while there are no cells.
func (s *Tickets) Bound() (orb.Bound, bool) {
	cells := s.areas.Map().Cells()
	if len(cells) == 0 {
		return orb.Bound{}, false
	}
	box := cells[0].Bound()
	for _, c := range cells {
		box = box.Union(c.Bound())
	}
	return orbgeo.BoundPad(box, 1.01*place.FarOut), true // its distances are right to a hundredth
}
