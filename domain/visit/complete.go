package visit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/once"
	"wangge/domain/photo"
	"wangge/store"
)

// Completion is what is sent when a stop is over.
type Completion struct {
	Result    Result
	Answers   form.Answers // on the stop's sheet; only when somebody was met
	Note      string
	Photos    []string // ids of the actor's own, uploaded before
	Promises  []NewPromise
	Needs     []Need
	Aids      []NewAid
	Materials []NewMaterial // collected for the cases of visits that were asked for; only when somebody was met
	Clock     *domain.Clock `once:"-"`
}

// OpenNeed opens a need on the household's behalf within the update of its
// stop; nil leaves needs to be opened later.
type OpenNeed func(tx *store.Tx, h *household.Household, need Need) (Link, error)

const (
	photosMost = 20
	listMost   = 20 // of promises, needs and aids at one stop
)

func (in *Completion) check(now time.Time) error {
	bad := &domain.InvalidError{}
	if !slices.Contains(Results, in.Result) {
		bad.Add("/result", ResultWords.Fault())
	}
	if in.Result != Met && len(in.Answers) > 0 {
		bad.Add("/answers", domain.T("未见到人不能填写表单", "there are answers only when somebody was met"))
	}
	domain.CheckText(bad, "/note", in.Note, noteLongest, false)
	if len(in.Photos) > photosMost {
		bad.Add("/photos", domain.T("照片最多 20 张", "20 photos at most"))
	}
	for pointer, n := range map[string]int{"/promises": len(in.Promises), "/needs": len(in.Needs), "/aids": len(in.Aids), "/materials": len(in.Materials)} {
		if n > listMost {
			bad.Add(pointer, domain.T("最多 20 项", "20 at most"))
		}
	}
	checkPromises(bad, in.Promises, civil.DateOf(in.Clock.Read(now).Or(now)))
	checkAids(bad, in.Aids)
	for i, n := range in.Needs {
		at := fmt.Sprintf("/needs/%d", i)
		switch {
		case n.Kind == "case" && n.Item == "":
			bad.Add(at+"/item", domain.T("请给出服务事项", "the service item is required"))
		case n.Kind == "" && !domain.IsCode(n.Category):
			bad.Add(at+"/category", domain.T("类别有误", "not a category"))
		case n.Kind != "" && n.Kind != "case":
			bad.Add(at+"/kind", NeedWords.Fault())
		}
		domain.CheckText(bad, at+"/title", n.Title, titleLongest, true)
		domain.CheckText(bad, at+"/note", n.Note, noteLongest, false)
	}
	in.checkMaterials(bad)
	in.Clock.Check(now, bad)
	return bad.Err()
}

// Complete 完成 ends a stop and every visit it checked in. The same sent again changes nothing.
// Errors: ErrNotFound, ErrForbidden for another's stop, InvalidError (answers
// below /answers), ConflictError "wrong_state", ErrStale.
func (s *Stops) Complete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Completion, opened OpenNeed) (*Stop, error) {
	stop, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.HasVisitRelation(access.VisitAtDoor, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	if stop.State == Over && once.Same(stop.Done, once.Sent(s.keys, "completion", in)) {
		return stop, nil // sent again, and not judged again
	}
	if err := in.check(now); err != nil {
		return nil, err
	}
	made, err := s.written(ctx, stop, &in)
	if err != nil {
		return nil, err
	}
	made.LeftAt = domain.Later(in.Clock.Read(now).Or(now), stop.At)
	err = atStop(ctx, s.store, stop, func(tx *store.Tx, fresh *Stop, h *household.Household) error {
		stop = fresh
		if stop.State == Over && once.Same(stop.Done, made.Done) {
			return nil
		}
		if _, err := stops.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if stop.State != AtTheDoor {
			return stop.refuse(actor, overAlready)
		}
		e := ending{actor: actor, now: now, stop: stop, home: h, sent: &in, made: made, opened: opened, policies: s.policies, onAsked: s.onAsked}
		return e.write(ctx, tx)
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return stop, nil
}

// written is what a completion makes of a stop as far as no other document
// says: answers checked and sealed, photos digested.
func (s *Stops) written(ctx context.Context, stop *Stop, in *Completion) (*Stop, error) {
	out := &Stop{Done: once.Sent(s.keys, "completion", in), Result: in.Result, Note: strings.TrimSpace(in.Note), Needs: slices.Clone(in.Needs)}
	for i := range out.Needs {
		out.Needs[i].Opened = nil
	}
	if stop.State != AtTheDoor {
		return out, nil // sent again, or too late
	}
	if in.Result == Met {
		sheet, err := s.sheet(ctx, stop)
		if err != nil {
			return nil, err
		}
		byForm, err := sheet.Check(in.Answers)
		if err != nil {
			return nil, err
		}
		all := form.Answers{}
		for id, answers := range byForm {
			all[id] = map[string]any(answers)
		}
		out.Forms = slices.Sorted(maps.Keys(byForm))
		if out.Answers, err = s.keys.Seal(all.Text(), sealedAt(stop.ID)); err != nil {
			return nil, err
		}
	}
	for _, id := range in.Photos {
		digest, err := s.digest(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // attaching it says which
		}
		if err != nil {
			return nil, err
		}
		out.Photos, out.Digests = append(out.Photos, Photo{id, digest}), append(out.Digests, digest)
	}
	return out, nil
}

// digest tells the content of a photo from that of others.
func (s *Stops) digest(ctx context.Context, id string) (string, error) {
	photos := photo.New(s.store)
	p, err := photos.Get(ctx, id)
	if err != nil {
		return "", err
	}
	r, err := photos.Open(ctx, p, false)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func sealedAt(stop string) string { return "stops/" + stop + "/answers" }

// atStop runs fn in an update of the streets of a stop and of its household,
// which is nil when it is no more and the one it was merged into when it was.
// fn runs again with more streets when it returns elsewhere.
func atStop(ctx context.Context, st *store.Store, stop *Stop, fn func(*store.Tx, *Stop, *household.Household) error) error {
	var also OtherStreetsError
	return store.RetryMoved(func(moved error) error {
		in, home := append([]string{stop.Partition}, also...), []string{stop.Household}
		there, err := household.Current(ctx, st, home)
		if err != nil {
			return err
		}
		if h := there[stop.Household]; h != nil {
			in = append(in, h.Partition)
		}
		err = st.Update(ctx, in, func(tx *store.Tx) error {
			fresh, err := stops.Get(ctx, tx, stop.ID)
			if err != nil {
				return err
			}
			there, err := household.Current(ctx, tx, home)
			if err != nil {
				return err
			}
			h := there[stop.Household]
			if h != nil && !tx.Covers(h.Partition) {
				return moved
			}
			return fn(tx, fresh, h)
		})
		if errors.As(err, &also) {
			return moved
		}
		return err
	})
}

// OtherStreetsError are streets, by id, that a step changes something in too.
type OtherStreetsError []string

func (e OtherStreetsError) Error() string { return "visit: also in other streets" }
