package ticket

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/store"
)

// Public is what anybody may know of a ticket: nothing by which those who were
// there at the time would recognise who reported it.
type Public struct {
	ID       string // tells nothing of the ticket's own, which holds the millisecond of the report
	Category string
	State    State
	At       orb.Point // middle of its square, WGS-84
	Day      time.Time // of the report: when it began in China
}

// PublicFilter narrows the public list. Empty fields do not filter.
type PublicFilter struct {
	Boxes      []orb.Bound // WGS-84: what is shown lies in one of them; they do not overlap
	From, To   time.Time   // the day of the report ends after From and begins before or at To
	Categories []string
	States     []State
	Limit      int
	Cursor     string
}

// publicSquare is the side of the squares that positions are shown by, in 1e-7
// degrees: 56 m by 48 m in Suzhou. They do not depend on the ticket, so that
// looking again, or at many, tells no more.
const publicSquare = 5000

// China is the time zone of days: there is one, without summer time.
var China = time.FixedZone("UTC+8", 8*60*60)

// PublicCategories are the codes of those that the public sees.
var PublicCategories = func() []string {
	var out []string
	for _, c := range Categories {
		if c.Public {
			out = append(out, c.Code)
		}
	}
	return out
}()

// PublicStates are those that the public sees: what turned out to be no issue is not shown.
var PublicStates = slices.DeleteFunc(slices.Clone(States), func(s State) bool { return s == Rejected || s == Withdrawn })

// everybody reads for the public what the program may.
var everybody = access.Actor{System: true}

// Public returns a page of what anybody may know, and the cursor of the next.
// Errors: store.ErrCursor, store.ErrTooBroad.
func (s *Tickets) Public(ctx context.Context, f PublicFilter) ([]*Public, string, error) {
	filter, some := f.filter()
	if !some {
		return nil, "", nil
	}
	filter.Limit = f.Limit
	var err error
	if filter.Cursor, err = s.unveilCursor(f.Cursor); err != nil {
		return nil, "", err
	}
	found, next, err := s.List(ctx, everybody, filter)
	if err != nil {
		return nil, "", err
	}
	out := make([]*Public, len(found))
	for i, t := range found {
		if out[i], err = s.public(t); err != nil {
			return nil, "", err
		}
	}
	next, err = s.veilCursor(next)
	return out, next, err
}

// CountPublic counts what Public lists on all its pages.
func (s *Tickets) CountPublic(ctx context.Context, f PublicFilter) (int64, error) {
	filter, some := f.filter()
	if !some {
		return 0, nil
	}
	counts, err := s.Count(ctx, everybody, filter, "state")
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	return total, err
}

// PublicByID returns what anybody may know of one ticket; ErrNotFound.
func (s *Tickets) PublicByID(ctx context.Context, id string) (*Public, error) {
	block, err := hex.DecodeString(id)
	if err != nil || len(block) != aes.BlockSize {
		return nil, domain.ErrNotFound
	}
	veil, err := s.veil()
	if err != nil {
		return nil, err
	}
	veil.Decrypt(block, block)
	t, err := collection.Get(ctx, s.store, uuid.UUID(block).String())
	if err != nil {
		return nil, err
	}
	if category, _ := CategoryOf(t.Category); !category.Public || !slices.Contains(PublicStates, t.State) {
		return nil, domain.ErrNotFound
	}
	return s.public(t)
}

func (s *Tickets) public(t *Ticket) (*Public, error) {
	id, err := uuid.Parse(t.ID)
	if err != nil {
		return nil, err
	}
	veil, err := s.veil()
	if err != nil {
		return nil, err
	}
	veil.Encrypt(id[:], id[:])
	at := orb.Point{middle(floorDiv(t.Position.Lon, publicSquare)), middle(floorDiv(t.Position.Lat, publicSquare))}
	return &Public{ID: hex.EncodeToString(id[:]), Category: t.Category, State: t.State, At: at, Day: dayOf(t.CreatedAt)}, nil
}

// veil turns ids into others, one to one, with a key that never changes.
func (s *Tickets) veil() (cipher.Block, error) {
	key := sha256.Sum256([]byte(s.keys.Index("public id", "ticket")))
	return aes.NewCipher(key[:])
}

// A cursor holds a ticket's own id and time, so the public gets it sealed.
const cursorPlace = "tickets/public/cursor"

func (s *Tickets) veilCursor(cursor string) (string, error) {
	sealed, err := s.keys.Seal(cursor, cursorPlace)
	if err != nil || sealed.IsZero() {
		return "", err
	}
	return sealed.Key + "." + base64.RawURLEncoding.EncodeToString(sealed.Data), nil
}

func (s *Tickets) unveilCursor(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	key, sealed, _ := strings.Cut(text, ".")
	data, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", store.ErrCursor
	}
	cursor, err := s.keys.Open(personal.Sealed{Key: key, Data: data}, cursorPlace)
	if err != nil || cursor == "" {
		return "", store.ErrCursor
	}
	return cursor, nil
}

// filter asks for the tickets whose public form passes, and for no others:
// boxes and times are taken to the edges of squares and days. It reports false when nothing can.
func (f PublicFilter) filter() (Filter, bool) {
	out := Filter{Map: true, Categories: common(PublicCategories, f.Categories), States: common(PublicStates, f.States)}
	if len(out.Categories) == 0 || len(out.States) == 0 {
		return out, false
	}
	for _, b := range f.Boxes {
		if squares, some := inSquares(b); some {
			out.Boxes = append(out.Boxes, squares)
		}
	}
	if f.Boxes != nil && out.Boxes == nil {
		return out, false
	}
	if !f.From.IsZero() {
		out.From = dayOf(f.From)
	}
	if !f.To.IsZero() {
		out.To = dayOf(f.To).AddDate(0, 0, 1)
	}
	return out, true
}

// common are those of all that are asked for: all when nothing is.
func common[S comparable](all, asked []S) []S {
	if len(asked) == 0 {
		return slices.Clone(all)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s S) bool { return !slices.Contains(asked, s) })
}

// inSquares is the box of the squares whose middle lies in b; false when there is none.
func inSquares(b orb.Bound) (orb.Bound, bool) {
	var out orb.Bound
	for axis := range b.Min {
		first := int64(math.Floor(b.Min[axis]*1e7/publicSquare)) - 1
		for middle(first) < b.Min[axis] {
			first++
		}
		last := int64(math.Floor(b.Max[axis]*1e7/publicSquare)) + 1
		for middle(last) > b.Max[axis] {
			last--
		}
		if first > last {
			return out, false
		}
		out.Min[axis], out.Max[axis] = float64(first*publicSquare)/1e7, float64((last+1)*publicSquare-1)/1e7
	}
	return out, true
}

// middle of the nth square along an axis, in degrees.
func middle(n int64) float64 { return float64(n*publicSquare+publicSquare/2) / 1e7 }

func floorDiv(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}

func dayOf(t time.Time) time.Time {
	year, month, day := t.In(China).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, China).UTC()
}
