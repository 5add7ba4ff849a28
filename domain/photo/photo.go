// Package photo keeps pictures: taken in as JPEG or PNG, turned upright,
// scaled, stored as JPEG without any metadata (where and with what it was
// taken stays on the phone). It knows whom a photo belongs to until it is
// attached to something, and to what then; whoever may see that may see it.
package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/store"
)

// Photo is a stored picture in two sizes.
type Photo struct {
	store.Meta `store:",inline"`
	Uploader   string    `store:"uploader"`
	Owner      Owner     `store:"owner"`
	Full       string    `store:"full"` // blob ids
	Thumb      string    `store:"thumb"`
	Blobs      []string  `store:"blobs"`
	Width      int       `store:"width"` // of the full size
	Height     int       `store:"height"`
	At         time.Time `store:"at"`
	LooseSince time.Time `store:"looseSince,omitempty"` // until attached
}

// Owner is what a photo is attached to; the zero Owner is nothing yet.
type Owner struct {
	Kind string `store:"kind,omitempty"` // "ticket"
	ID   string `store:"id,omitempty"`
}

var photos = store.Declare[Photo](store.Declaration{
	Name: "photos", Schema: 1, Unjournaled: true, Blobs: "blobs",
	Indexes: []string{"blobs: blobs", "loose: looseSince"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{photos} }

const (
	// Loose is how long a photo may wait to be attached.
	Loose = domain.Offline
	// orphaned is how old a blob is that no photo will name any more: they are
	// written just before it.
	orphaned = 24 * time.Hour
)

// Photos are the use cases on photos.
type Photos struct{ store *store.Store }

// New returns the use cases on a store that has Collections.
func New(st *store.Store) Photos { return Photos{st} }

// Add stores a picture under the id; blobs are its two blob ids. The same id
// again by the same uploader is the photo stored before.
// Errors: InvalidError at /file, ConflictError "duplicate".
func (s Photos) Add(ctx context.Context, actor access.Actor, now time.Time, id string, blobs [2]string, content []byte) (*Photo, error) {
	if was, err := photos.Get(ctx, s.store, id); err == nil {
		return was, sameUploader(was, actor)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	full, thumb, err := prepare(ctx, actor.Account, content)
	if err != nil {
		return nil, err
	}
	p := &Photo{
		Meta: store.Meta{ID: id}, Uploader: actor.Account, Full: blobs[0], Thumb: blobs[1], Blobs: blobs[:],
		Width: full.size.X, Height: full.size.Y, At: now, LooseSince: now,
	}
	if _, err := s.store.PutBlob(ctx, p.Full, bytes.NewReader(full.jpeg)); err != nil {
		return nil, err
	}
	if _, err := s.store.PutBlob(ctx, p.Thumb, bytes.NewReader(thumb.jpeg)); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := photos.Insert(tx, p); err != nil {
			return err
		}
		return once.Finish(ctx, tx)
	})
	var twice *store.DuplicateError
	if errors.As(err, &twice) {
		was, err := photos.Get(ctx, s.store, id)
		if errors.Is(err, store.ErrNotFound) { // one that was deleted
			return nil, domain.ErrIDInUse
		}
		if err != nil {
			return nil, err
		}
		return was, sameUploader(was, actor)
	}
	return p, err
}

func sameUploader(p *Photo, actor access.Actor) error {
	if p.Uploader == actor.Account {
		return nil
	}
	return domain.ErrIDInUse
}

// Get returns the photo; who may see it depends on its owner, which the caller checks.
func (s Photos) Get(ctx context.Context, id string) (*Photo, error) {
	return photos.Get(ctx, s.store, id)
}

// Open returns one size of the picture, as JPEG.
func (s Photos) Open(ctx context.Context, p *Photo, thumb bool) (io.ReadCloser, error) {
	if thumb {
		return s.store.OpenBlob(ctx, p.Thumb)
	}
	return s.store.OpenBlob(ctx, p.Full)
}

// Attach gives the actor's own loose photos to an owner, within an update of
// the owner. It happens to a photo once: the owner sees to repetitions.
// Errors: InvalidError at /photos/<i>, also for a photo of somebody else.
func Attach(ctx context.Context, tx *store.Tx, actor access.Actor, ids []string, to Owner) error {
	bad := &domain.InvalidError{}
	seen := map[string]bool{}
	for i, id := range ids {
		p, err := photos.Get(ctx, tx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		pointer := fmt.Sprintf("/photos/%d", i)
		switch {
		case seen[id]:
			bad.Add(pointer, domain.T("照片重复", "named twice"))
		case err != nil || p.Uploader != actor.Account:
			bad.Add(pointer, domain.T("没有这张照片", "no such photo of yours"))
		case p.Owner != (Owner{}):
			bad.Add(pointer, domain.T("照片已使用", "this photo is in use already"))
		default:
			p.Owner, p.LooseSince = to, time.Time{}
			if err := photos.Put(tx, p); err != nil {
				return err
			}
		}
		seen[id] = true
	}
	return bad.Err()
}

// Sweep forgets photos that were never attached, and the blobs nobody names.
func (s Photos) Sweep(ctx context.Context, now time.Time) (int, error) {
	if _, err := photos.Expire(ctx, s.store, "looseSince", now.Add(-Loose)); err != nil {
		return 0, err
	}
	return s.store.SweepBlobs(ctx, now.Add(-orphaned))
}
