package photo

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon      = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	resident  = access.Actor{Account: "resident"}
	neighbour = access.Actor{Account: "neighbour"}
	ticket    = Owner{"ticket", "t"}
)

// eachEngine runs a test on a fresh store of each engine.
func eachEngine(t *testing.T, test func(*testing.T, *store.Store)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		test(t, enginetest.Store(t, p.Open(t), store.Options{Rehearse: true}, Collections()...))
	})
}

func asPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func add(t *testing.T, st *store.Store, actor access.Actor, now time.Time, id string) (*Photo, error) {
	t.Helper()
	return New(st).Add(t.Context(), actor, now, id, [2]string{uuid.NewString(), uuid.NewString()}, asPNG(t, corner(400, 200)))
}

func attach(t *testing.T, st *store.Store, actor access.Actor, to Owner, ids ...string) string {
	t.Helper()
	err := st.Update(t.Context(), nil, func(tx *store.Tx) error { return Attach(t.Context(), tx, actor, ids, to) })
	var bad *domain.InvalidError
	if errors.As(err, &bad) {
		var out []string
		for _, f := range bad.Fields {
			out = append(out, f.Pointer)
		}
		return strings.Join(out, " ")
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

func TestAddOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		id := uuid.NewString()
		made := make([]*Photo, 6)
		var wg sync.WaitGroup
		for i := range made {
			wg.Go(func() {
				var err error
				if made[i], err = add(t, st, resident, noon, id); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, p := range made {
			if p.Full != made[0].Full || p.Width != 400 || p.Height != 200 || p.Uploader != "resident" || p.Owner != (Owner{}) {
				t.Errorf("%+v", p)
			}
		}
		var conflict *domain.ConflictError
		if _, err := add(t, st, neighbour, noon, id); !errors.As(err, &conflict) || conflict.Code != "duplicate" {
			t.Errorf("another's: %v", err)
		}
		for thumb, width := range map[bool]int{false: 400, true: 320} {
			content, err := New(st).Open(t.Context(), made[0], thumb)
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(content)
			if err != nil || img.Bounds().Dx() != width || content.Close() != nil {
				t.Errorf("thumb %v: %v, %v", thumb, img.Bounds(), err)
			}
		}
		if _, err := New(st).Get(t.Context(), uuid.NewString()); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("one that is none: %v", err)
		}
	})
}

func TestAttachOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		own, others := uuid.NewString(), uuid.NewString()
		for id, who := range map[string]access.Actor{own: resident, others: neighbour} {
			if _, err := add(t, st, who, noon, id); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name string
			to   Owner
			ids  []string
			want string
		}{
			{"another's, one that is none, one twice", ticket, []string{others, uuid.NewString(), own, own}, "/photos/0 /photos/1 /photos/3"},
			{"one's own", ticket, []string{own}, ""},
			{"again", ticket, []string{own}, "/photos/0"},
			{"to another", Owner{"ticket", "u"}, []string{own}, "/photos/0"},
		} {
			if got := attach(t, st, resident, c.to, c.ids...); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
		p, err := New(st).Get(t.Context(), own)
		if err != nil || p.Owner != ticket || !p.LooseSince.IsZero() {
			t.Errorf("attached: %+v, %v", p, err)
		}
		if p, err := New(st).Get(t.Context(), others); err != nil || p.Owner != (Owner{}) {
			t.Errorf("the other: %+v, %v", p, err)
		}
	})
}

// What is never attached goes after two weeks, with its content; what is stays.
func TestSweep(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		now := time.Now() // blobs are as old as their files
		loose, kept, young := uuid.NewString(), uuid.NewString(), uuid.NewString()
		var all []*Photo
		for id, at := range map[string]time.Time{loose: now, kept: now, young: now.Add(20 * time.Hour)} {
			p, err := add(t, st, resident, at, id)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
		if got := attach(t, st, resident, ticket, kept); got != "" {
			t.Fatal(got)
		}
		if n, err := New(st).Sweep(t.Context(), now.Add(Loose-time.Minute)); err != nil || n != 0 {
			t.Errorf("too early: %d, %v", n, err)
		}
		if n, err := New(st).Sweep(t.Context(), now.Add(Loose+time.Minute)); err != nil || n != 2 {
			t.Errorf("swept %d blobs, %v", n, err)
		}
		for _, p := range all {
			content, err := New(st).Open(t.Context(), p, false)
			if gone := errors.Is(err, store.ErrNotFound); gone != (p.ID == loose) {
				t.Errorf("%s: %v", p.ID, err)
			}
			if err == nil {
				if b, err := io.ReadAll(content); err != nil || len(b) == 0 || content.Close() != nil {
					t.Errorf("%d bytes, %v", len(b), err)
				}
			}
			if _, err := New(st).Get(t.Context(), p.ID); errors.Is(err, domain.ErrNotFound) != (p.ID == loose) {
				t.Errorf("%s: %v", p.ID, err)
			}
		}
	})
}

func TestStoredForm(t *testing.T) {
	storetest.Golden(t, photos, &Photo{
		Meta:     store.Meta{ID: "p", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}},
		Uploader: "resident", Owner: ticket, Full: "blob1", Thumb: "blob2", Blobs: []string{"blob1", "blob2"}, Width: 1920, Height: 1080, At: noon, LooseSince: noon,
	}, filepath.Join("testdata", "photos.golden.json"))
}
