package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Preparing is what is still being brought about in a collection while the store serves.
type Preparing struct {
	Collection  string
	Done, Total int64 // documents rewritten, of about so many; Total is 0 while none has to be
}

// Preparing lists the collections that are not yet as declared, by name.
func (s *Store) Preparing() []Preparing {
	var out []Preparing
	for name, c := range s.collections {
		if l := c.layout(); !c.done(&l) {
			out = append(out, Preparing{name, l.Done, l.Total})
		}
	}
	slices.SortFunc(out, func(a, b Preparing) int { return cmp.Compare(a.Collection, b.Collection) })
	return out
}

// Upgrade brings about what the declared collections lack: it rewrites the
// documents of an earlier schema, and those that a new index has to be filled
// from, builds the indexes, and drops what no declaration names any more. It
// works in short steps and rests between them, so that requests go on. The
// lease keeps it to one node; it returns when there is nothing left, and when
// the lease was lost (ErrFenced). One that was stopped goes on where it was.
// ErrLeft is for people to look at: another try meets the same.
func (s *Store) Upgrade(ctx context.Context, lease Lease) error {
	if err := s.readLayouts(ctx); err != nil {
		return err
	}
	var names []string
	for name := range s.collections {
		names = append(names, name)
	}
	slices.Sort(names)
	u := upgrading{log: s.log, lease: &lease}
	var left, failed []error
	for _, name := range names {
		c := s.collections[name]
		if c.newer.Load() {
			continue // the newer program upgrades it
		}
		if l := c.layout(); !c.done(&l) {
			if err := s.upgradeCollection(ctx, c, u); err != nil {
				err = fmt.Errorf("store: collection %s: %w", name, err)
				if errors.Is(err, ErrLeft) {
					left = append(left, err)
				} else {
					failed = append(failed, err)
				}
				continue
			}
		}
		if l := c.layout(); s.engine.Shared() && s.now().Sub(l.At) < pruneAfter {
			continue
		}
		if err := s.engine.Prune(ctx, c.spec); err != nil {
			failed = append(failed, fmt.Errorf("store: collection %s: %w", name, err))
		}
	}
	if len(failed) > 0 { // which another try may mend: what is left is told of then
		return errors.Join(failed...)
	}
	return errors.Join(left...)
}

// pruneAfter is how long nodes of an earlier program may go on to use what is
// not declared any more.
const pruneAfter = time.Hour

// upgrading is how a collection is brought about: under a lease and with
// rests, or, without one, before anybody is served.
type upgrading struct {
	log   *slog.Logger
	lease *Lease
}

const (
	fewest   = 8                     // documents in a step
	most     = 200                   // documents in a step
	noteEach = 4                     // steps: what a stop costs to do again
	stepFor  = 25 * time.Millisecond // what writers wait for a step, about
	sayEach  = time.Second           // progress, in the log
)

// upgradeCollection brings a collection to what is declared.
func (s *Store) upgradeCollection(ctx context.Context, c *collection, u upgrading) error {
	l := c.layout()
	var left error
	if !c.rewritten(&l) {
		left = s.rewriteAll(ctx, c, u)
		if left != nil && !errors.Is(left, ErrLeft) {
			return left
		}
	}
	if err := s.note(ctx, c, u, func(l *layout) { c.filled(l, left != nil) }); err != nil {
		return err
	}
	if err := s.engine.Build(ctx, c.spec, nil); err != nil {
		return err
	}
	l = c.layout()
	for _, name := range c.missing(&l) {
		if left != nil && c.unique(name) {
			continue // another document could take the place of one that was left
		}
		u.log.Info("building an index", "collection", c.spec.Name, "index", name)
		if err := s.engine.Build(ctx, c.spec, []string{name}); err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
		if err := s.note(ctx, c, u, func(l *layout) {
			l.Parts = append(l.Parts, c.indexes[name])
		}); err != nil {
			return err
		}
	}
	return left
}

// filled records that every document was rewritten, but for those that were
// left: with some, the next attempt looks at all of an earlier schema again.
func (c *collection) filled(l *layout, some bool) {
	if l.After, l.Toward = "", ""; some {
		l.Whole = min(l.Whole, c.spec.Schema-1)
	} else {
		l.Whole = max(l.Whole, c.spec.Schema)
	}
	for _, p := range c.wanted {
		if !slices.Contains(slices.Collect(maps.Values(c.indexes)), p) {
			l.Parts = append(l.Parts, p)
		}
	}
}

func (c *collection) unique(index string) bool {
	return slices.ContainsFunc(c.spec.Indexes, func(ix Index) bool { return ix.Unique && ix.Name == index })
}

// note changes the layout as recorded, if the lease, where there is one, is still held.
func (s *Store) note(ctx context.Context, c *collection, u upgrading, change func(*layout)) error {
	var noted layout
	now := s.now()
	err := s.Update(ctx, nil, func(tx *Tx) error {
		if u.lease != nil {
			if err := tx.Hold(ctx, *u.lease); err != nil {
				return err
			}
		}
		l, err := layouts.Get(ctx, tx, c.spec.Name)
		if err != nil {
			return err
		}
		if l.Known > c.spec.Schema {
			return ErrNewer
		}
		change(l)
		slices.Sort(l.Parts)
		l.Parts, l.At = slices.Compact(l.Parts), now
		noted = *l
		return layouts.Put(tx, l)
	})
	if err == nil {
		c.adopt(&noted, s.engine.Parts(c.spec))
	}
	return err
}

// rewriteAll writes every document that is not as this program writes it.
func (s *Store) rewriteAll(ctx context.Context, c *collection, u upgrading) error {
	l := c.layout()
	after, done, toward := l.After, l.Done, c.toward()
	if l.Toward != toward {
		after, done = "", 0
	}
	total, err := s.engine.Size(ctx, c.spec)
	if err != nil {
		return err
	}
	every := !holds(l.Parts, c.kept) // also those of today's schema
	said := time.Now()
	say := func() {
		said = time.Now()
		u.log.Info("upgrading documents", "collection", c.spec.Name, "schema", c.spec.Schema, "done", done, "of", max(done, total))
	}
	var failed error
	mark := func() error {
		if failed != nil { // the next attempt looks again at these, and at all after them
			return nil
		}
		return s.note(ctx, c, u, func(l *layout) { l.After, l.Toward, l.Done, l.Total = after, toward, done, max(done, total) })
	}
	say()
	if err := mark(); err != nil {
		return err
	}
	for n, step := 64, 1; ; step++ {
		began := time.Now()
		raws, err := s.engine.Scan(ctx, c.spec, after, n)
		if err != nil {
			return err
		}
		if len(raws) == 0 {
			break
		}
		documents, unread := s.renew(c, raws, every)
		unwritten, err := s.rewrite(ctx, c.spec, documents)
		if err != nil {
			return err
		}
		failed = errors.Join(failed, unread, unwritten)
		last := lastSound(raws, func(raw bson.Raw) bson.Raw { return raw })
		if last < 0 { // what follows stays out of reach
			break
		}
		after, done = idOf(raws[last]), done+int64(last+1)
		took := time.Since(began)
		n = min(max(int(int64(n)*int64(stepFor)/max(int64(took), 1)), fewest), most)
		if time.Since(said) >= sayEach {
			say()
		}
		if step%noteEach == 0 {
			if err := mark(); err != nil {
				return err
			}
		}
		if u.lease != nil {
			select { // as long again for others
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(took):
			}
		}
	}
	if failed != nil {
		return fmt.Errorf("%w: %w", ErrLeft, failed)
	}
	say()
	return mark()
}

// ErrLeft: some documents cannot be upgraded, and lie as they did. It tells
// which and why. They are in no index of what is new to them, and a unique one
// is not built without them.
var ErrLeft = errors.New("store: documents were left as they are")

// renew makes what is to be written of some documents: those of an earlier schema, or every one.
func (s *Store) renew(c *collection, raws []bson.Raw, every bool) (out []Rewrite, failed error) {
	for _, raw := range raws {
		if !every && schemaOf(raw) == c.spec.Schema {
			continue
		}
		id := idOf(raw)
		if !sound(raw) {
			failed = errors.Join(failed, fmt.Errorf("document %s: %w", id, errDamaged))
			continue
		}
		doc, err := c.spec.Upgraded(raw)
		var terms []string
		if err == nil {
			terms, err = s.termsIn(c.spec, doc)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("document %s: %w", id, err))
			continue
		}
		out = append(out, Rewrite{Write: Write{Spec: c.spec, ID: id, Old: version(raw), Doc: doc, Terms: terms}, Was: raw})
	}
	return out, failed
}

// rewrite writes documents anew; unwritten tells of those that break a unique
// index, which stay as they are.
func (s *Store) rewrite(ctx context.Context, spec *Spec, documents []Rewrite) (unwritten, err error) {
	if len(documents) == 0 {
		return nil, nil
	}
	for tries := 0; tries < reruns; tries++ {
		if err = s.engine.Rewrite(ctx, spec, documents); !errors.Is(err, ErrTransient) {
			break
		}
	}
	var dup *DuplicateError
	switch {
	case !errors.As(err, &dup):
		return nil, s.health.notice(err)
	case len(documents) == 1:
		return fmt.Errorf("document %s: %w", documents[0].ID, dup), nil
	}
	half := len(documents) / 2
	first, err := s.rewrite(ctx, spec, documents[:half])
	if err != nil {
		return first, err
	}
	second, err := s.rewrite(ctx, spec, documents[half:])
	return errors.Join(first, second), err
}
