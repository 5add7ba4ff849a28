package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/photo"
	"wangge/domain/todo"
	"wangge/store"
)

// PhotoOwner is what photos of materials belong to.
const PhotoOwner = "intake-case"

const (
	ownMaterials  = 20 // most that whose case it is attaches to it, so that its counters have room
	ownPhotosMost = 9  // of each
)

// MaterialCame is what who sees a case through is told.
var MaterialCame = todo.Declare("case_material", "居民补交了材料，请查看", "a resident attached a material to a case: look at it")

// AddMaterial notes a material that the resident brought, with photos that the
// actor uploaded; the same again is the same.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "duplicate".
func (s *Cases) AddMaterial(ctx context.Context, actor access.Actor, now time.Time, id string, m Material) (*Case, error) {
	if err := m.check(0, photosMost); err != nil {
		return nil, err
	}
	m.By, m.At = actor.Account, now
	return s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if !access.MayTakeCase(actor, c.Facts()) {
			return domain.ErrForbidden
		}
		if there, err := c.has(m); there || err != nil {
			return err
		}
		return c.addMaterial(ctx, tx, actor, now, m)
	})
}

// AttachOwn adds photos of a material to a case of the actor's own that is not
// over, whoever decides it: its state stays. Who sees it through is told, once.
// The photos are the actor's own uploads; the same again is the same.
// Errors: ErrNotFound, InvalidError, ConflictError "wrong_state" or "duplicate".
func (s *Cases) AttachOwn(ctx context.Context, actor access.Actor, now time.Time, id string, m Material) (*Case, error) {
	if err := m.check(1, ownPhotosMost); err != nil {
		return nil, err
	}
	m.By, m.At, m.Resident = actor.Account, now, true
	return s.updateIf(ctx, id, func(c access.Case) bool { return access.OwnsCase(actor, c) }, func(tx *store.Tx, c *Case) error {
		if there, err := c.has(m); there || err != nil {
			return err
		}
		if !c.State.Open() {
			return &domain.ConflictError{Code: "wrong_state", Allowed: []string{}, Detail: domain.T("办件已结束，不能再补交材料", "the case is over: nothing is attached to it any more")}
		}
		if len(c.attached()) >= ownMaterials {
			return domain.Invalid("", domain.Textf("最多补交 %d 项材料，更多请到窗口办理", "%d materials at most; bring more to the counter", ownMaterials))
		}
		to, err := c.SeenThroughBy(ctx, tx, now)
		if err != nil {
			return err
		}
		if err := c.addMaterial(ctx, tx, actor, now, m); err != nil {
			return err
		}
		return todo.Ask(ctx, tx, todo.Asking{Kind: MaterialCame, About: c.about(), Occasion: m.ID, To: to}, store.Entry{At: now, Actor: actor.Name(), From: actor.Session})
	})
}

// check notes what is wrong with a material, which has so many photos.
func (m *Material) check(least, most int) error {
	bad := &domain.InvalidError{}
	m.Name = strings.TrimSpace(m.Name)
	required(bad, "/name", m.Name)
	short(bad, "/name", m.Name, missingLong)
	if len(m.Photos) > most {
		bad.Add("/photos", domain.Textf("照片最多 %d 张", "%d photos at most", most))
	}
	if len(m.Photos) < least {
		bad.Add("/photos", domain.T("请至少拍一张照片", "at least one photo is needed"))
	}
	return bad.Err()
}

// has reports whether the case has this material already; ConflictError "duplicate" where another has its id.
func (c *Case) has(m Material) (bool, error) {
	i := slices.IndexFunc(c.Materials, func(x Material) bool { return x.ID == m.ID })
	if i < 0 {
		return false, nil
	}
	was := c.Materials[i]
	return true, sameOr(was.Name == m.Name && was.By == m.By && was.Resident == m.Resident && slices.Equal(was.Photos, m.Photos))
}

// attached are the materials that came from whose case it is.
func (c *Case) attached() []Material {
	return slices.DeleteFunc(slices.Clone(c.Materials), func(m Material) bool { return !m.Resident })
}

func (c *Case) addMaterial(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, m Material) error {
	before := c.facts()
	if err := c.keep(ctx, tx, actor, m); err != nil {
		return err
	}
	c.UpdatedAt = now
	e := c.entry(actor, now, "material", before)
	e.Dims["material"] = m.ID
	return collection.Put(tx, c, e)
}

// keep adds a material, whose photos become the case's.
func (c *Case) keep(ctx context.Context, tx *store.Tx, actor access.Actor, m Material) error {
	if len(c.Materials) >= materials {
		return domain.Invalid("", domain.Textf("最多 %d 项", "%d at most", materials))
	}
	if err := photo.Attach(ctx, tx, actor, m.Photos, photo.Owner{Kind: PhotoOwner, ID: c.ID}); err != nil {
		return err
	}
	c.Materials = append(c.Materials, m)
	return nil
}

// looked ends what was asked about materials of a case that is over.
func (c *Case) looked(ctx context.Context, tx *store.Tx, now time.Time) error {
	if c.State.Open() || len(c.attached()) == 0 {
		return nil
	}
	return todo.Done(ctx, tx, MaterialCame, c.about(), now)
}

// about is the case as who is asked something is to look at it.
func (c *Case) about() todo.About { return todo.About{Kind: "intake-case", ID: c.ID, Place: c.Place} }

// FetchPhoto lets a machine account have a photo of a material of a case that
// its platform decides, in the areas it is granted. Each is counted, and on
// the journal before it is given. Errors: ErrForbidden, ErrNotFound, LimitError.
func (s *Cases) FetchPhoto(ctx context.Context, actor access.Actor, now time.Time, id, material, photo string) error {
	if !access.UpsertsCases(actor) {
		return domain.ErrForbidden
	}
	if err := s.Reveals.Fetch(ctx, actor, now); err != nil {
		return err
	}
	_, err := s.updateIf(ctx, id, func(c access.Case) bool { return access.MayFetchMaterials(actor, c, true) }, func(tx *store.Tx, c *Case) error {
		speaks, err := c.speaks(ctx, tx, actor)
		if err != nil {
			return err
		}
		if !access.MayFetchMaterials(actor, c.Facts(), speaks) {
			return domain.ErrNotFound
		}
		if !slices.ContainsFunc(c.Materials, func(m Material) bool { return m.ID == material && slices.Contains(m.Photos, photo) }) {
			return domain.ErrNotFound
		}
		e := c.entry(actor, now, "fetch", c.facts())
		e.Dims["material"], e.Dims["photo"] = material, photo
		return collection.Record(tx, c, e)
	})
	return err
}

// speaks reports whether the account speaks for the platform that decides the case.
func (c *Case) speaks(ctx context.Context, r store.Reader, actor access.Actor) (bool, error) {
	system, err := systems.Get(ctx, r, c.System)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && slices.Contains(system.Accounts, actor.Account), err
}
