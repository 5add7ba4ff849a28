package visit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/photo"
	"wangge/domain/visit/recurrence"
	"wangge/store"
)

// Completion is what is sent when a stop is over.
type Completion struct {
	Result   Result
	Answers  form.Answers // on the stop's sheet; only when somebody was met
	Note     string
	Photos   []string // ids of the actor's own, uploaded before
	Promises []Vow
	Needs    []Need
	Aids     []Deed
	Clock    Clock
}

// Opened opens a need on the household's behalf within the update of its
// stop, in the stop's street; nil leaves needs to be opened later.
type Opened func(ctx context.Context, tx *store.Tx, stop *Stop, need Need) (Link, error)

const (
	photosMost = 20
	listMost   = 20 // of promises, needs and aids at one stop
)

func (in *Completion) check(on recurrence.Date) error {
	bad := &domain.InvalidError{}
	if !slices.Contains(Results, in.Result) {
		bad.Add("/result", domain.T("请选择走访结果", "a result is required"))
	}
	if in.Result != Met && len(in.Answers) > 0 {
		bad.Add("/answers", domain.T("未见到人不能填写表单", "there are answers only when somebody was met"))
	}
	longText(bad, "/note", in.Note, noteLongest, false)
	if len(in.Photos) > photosMost {
		bad.Add("/photos", domain.T("照片最多 20 张", "20 photos at most"))
	}
	for pointer, n := range map[string]int{"/promises": len(in.Promises), "/needs": len(in.Needs), "/aids": len(in.Aids)} {
		if n > listMost {
			bad.Add(pointer, domain.T("最多 20 项", "20 at most"))
		}
	}
	checkVows(bad, in.Promises, on)
	checkDeeds(bad, in.Aids)
	for i, n := range in.Needs {
		at := fmt.Sprintf("/needs/%d", i)
		if !codeForm.MatchString(n.Category) {
			bad.Add(at+"/category", domain.T("类别有误", "not a category"))
		}
		longText(bad, at+"/title", n.Title, titleLongest, true)
		longText(bad, at+"/note", n.Note, noteLongest, false)
	}
	return bad.Err()
}

// content is everything that was sent, in one text.
func (in *Completion) content() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %s %q %q %q %q", in.Result, in.Answers.Text(), in.Note, in.Photos, in.Promises, in.Aids)
	for _, n := range in.Needs {
		fmt.Fprintf(&b, " %q %q %q %q", n.ID, n.Category, n.Title, n.Note)
	}
	return b.String()
}

// Complete 完成 ends a stop and every visit it checked in. The same sent again changes nothing.
// Errors: ErrNotFound, ErrForbidden for another's stop, InvalidError (answers
// below /answers), ConflictError "wrong_state", ErrStale.
func (s *Visits) Complete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Completion, opened Opened) (*Stop, error) {
	stop, err := s.Stop(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	at, _, _, err := in.Clock.read(now)
	if err != nil {
		return nil, err
	}
	if stop.Account != actor.Account {
		return nil, domain.ErrForbidden
	}
	if err := in.check(recurrence.DateOf(at)); err != nil {
		return nil, err
	}
	made, err := s.written(ctx, stop, &in)
	if err != nil {
		return nil, err
	}
	made.LeftAt = later(at, stop.At)
	err = s.atStop(ctx, stop, func(tx *store.Tx, fresh *Stop, h *household.Household) error {
		stop = fresh
		if stop.State == Over && stop.Done == made.Done {
			return nil
		}
		if _, err := stops.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if stop.State == Over {
			return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("走访已完成", "the stop is over")}
		}
		return s.finish(ctx, tx, actor, now, stop, h, &in, made, opened)
	})
	if err != nil {
		return nil, explain(err)
	}
	return stop, nil
}

// written is what a completion makes of a stop as far as no other document
// says: answers checked and sealed, photos digested.
func (s *Visits) written(ctx context.Context, stop *Stop, in *Completion) (*Stop, error) {
	out := &Stop{Done: s.keys.Index("completion", in.content()), Result: in.Result, Note: strings.TrimSpace(in.Note), Needs: slices.Clone(in.Needs)}
	for i := range out.Needs {
		out.Needs[i].Opened = nil
	}
	if stop.State == Over {
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
		out.Forms = sortedKeys(byForm)
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
func (s *Visits) digest(ctx context.Context, id string) (string, error) {
	p, err := photo.Get(ctx, s.store, id)
	if err != nil {
		return "", err
	}
	r, err := p.Open(ctx, s.store, false)
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

// sheet is the forms of a stop's visits on one sheet.
func (s *Visits) sheet(ctx context.Context, stop *Stop) (*form.Sheet, error) {
	done, err := visits.GetMany(ctx, s.store, stop.Visits)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, id := range stop.Visits {
		if v := done[id]; v != nil && v.Form != "" {
			ids = append(ids, v.Form)
		}
	}
	found, err := form.Load(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	var forms []*form.Form
	for _, id := range ids {
		if f := found[id]; f != nil {
			forms = append(forms, f)
		}
	}
	return form.Merge(forms)
}

// atStop runs fn in an update of the streets of a stop and of its household,
// which is nil when it is no more.
func (s *Visits) atStop(ctx context.Context, stop *Stop, fn func(*store.Tx, *Stop, *household.Household) error) error {
	for try := 0; ; try++ {
		in := []string{stop.Partition}
		if h, err := household.Load(ctx, s.store, stop.Household); err == nil {
			in = append(in, h.Partition)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		err := s.store.Update(ctx, in, func(tx *store.Tx) error {
			fresh, err := stops.Get(ctx, tx, stop.ID)
			if err != nil {
				return err
			}
			h, err := household.Load(ctx, tx, stop.Household)
			if errors.Is(err, store.ErrNotFound) {
				return fn(tx, fresh, nil)
			}
			if err == nil && !slices.Contains(in, h.Partition) {
				err = errMoved
			}
			if err != nil {
				return err
			}
			return fn(tx, fresh, h)
		})
		if !errors.Is(err, errMoved) {
			return err
		}
		if try == 3 {
			return domain.ErrBusy
		}
	}
}

// finish writes everything that the end of a stop changes.
func (s *Visits) finish(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, in *Completion, made *Stop, opened Opened) error {
	before := stop.facts()
	policy, err := policyOf(ctx, tx, stop.Partition)
	if err != nil {
		return err
	}
	recent, err := s.recent(ctx, tx, stop)
	if err != nil {
		return err
	}
	reused, err := s.reused(ctx, tx, stop, made.Digests)
	if err != nil {
		return err
	}
	if err := photo.Attach(ctx, tx, actor, in.Photos, photo.Owner{Kind: "stop", ID: stop.ID}); err != nil {
		return err
	}
	stop.State, stop.LeftAt, stop.Result, stop.Note, stop.Done = Over, made.LeftAt, made.Result, made.Note, made.Done
	stop.Answers, stop.Forms, stop.Photos, stop.Digests, stop.Needs = made.Answers, made.Forms, made.Photos, made.Digests, slices.Clone(made.Needs)
	stop.Proof.Evidence.Reused = reused
	if stop.Channel == Home && stop.Result == Met {
		dwell := stop.LeftAt.Sub(stop.At).Seconds()
		stop.Proof.Evidence.DwellS = &dwell
	}
	stop.Proof.weigh(policy)
	stop.Proof.State = Clear
	if stop.Proof.Score >= policy.ReviewAt {
		stop.Proof.State = Flagged
	}
	if err := s.listen(tx, actor, now, stop, h, policy, recent); err != nil {
		return err
	}
	if err := s.completeVisits(ctx, tx, actor, now, stop); err != nil {
		return err
	}
	if err := s.promise(tx, actor, now, stop, h, in); err != nil {
		return err
	}
	if err := s.meet(ctx, tx, actor, now, stop, h, recent); err != nil {
		return err
	}
	for i := range stop.Needs {
		if opened == nil {
			break
		}
		link, err := opened(ctx, tx, stop, stop.Needs[i])
		if err != nil {
			return err
		}
		stop.Needs[i].Opened = &link
	}
	stop.settle()
	entries := []store.Entry{stop.entry(actor, now, "complete", before)}
	if stop.Alert == Raised {
		entries = append(entries, stop.entry(actor, now, "welfare_alert", stop.facts()))
	}
	return stops.Put(tx, stop, entries...)
}

// recent are the last other stops at the household, newest first.
func (s *Visits) recent(ctx context.Context, tx *store.Tx, stop *Stop) ([]*Stop, error) {
	found, _, err := stops.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("household", stop.Household)}, Order: []string{"-at"}, Limit: 30})
	return slices.DeleteFunc(found, func(o *Stop) bool { return o.ID == stop.ID }), err
}

// reused counts the pictures that another stop has, or that are twice in this one.
func (s *Visits) reused(ctx context.Context, tx *store.Tx, stop *Stop, digests []string) (n int, err error) {
	for i, digest := range digests {
		had, _, err := stops.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("digests", digest)}, Order: []string{"at"}, Limit: 2})
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(had, func(o *Stop) bool { return o.ID != stop.ID }) || slices.Contains(digests[:i], digest) {
			n++
		}
	}
	return n, nil
}

// listen raises the alert where nobody answered twice in a row at a household
// whose silence is a worry, and clears it where somebody was met.
func (s *Visits) listen(tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, policy *Policy, recent []*Stop) error {
	before := slices.IndexFunc(recent, func(o *Stop) bool { return o.State == Over && o.At.Before(stop.At) })
	raised := slices.ContainsFunc(recent, func(o *Stop) bool { return o.Alert == Raised })
	switch {
	case stop.Result == Met:
		for _, o := range recent {
			if o.Alert == Raised && o.At.Before(stop.At) && o.Partition == stop.Partition {
				if err := quiet(tx, actor, now, o); err != nil {
					return err
				}
			}
		}
	case stop.Result == NoAnswer && h != nil && !raised && before >= 0 && recent[before].Result == NoAnswer:
		if slices.ContainsFunc(policy.WelfareTags, func(t string) bool { _, has := tagOf(h, t, stop.At); return has }) {
			stop.Alert = Raised
		}
	}
	return nil
}

// quiet clears an alert.
func quiet(tx *store.Tx, actor access.Actor, now time.Time, stop *Stop) error {
	before := stop.facts()
	stop.Alert = Cleared
	stop.settle()
	return stops.Put(tx, stop, stop.entry(actor, now, "clear_alert", before))
}

// completeVisits makes the stop's visits what the stop is.
func (s *Visits) completeVisits(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, stop *Stop) error {
	done, err := visits.GetMany(ctx, tx, stop.Visits)
	if err != nil {
		return err
	}
	for _, id := range stop.Visits {
		v, before := done[id], done[id].facts()
		v.apply(row(Complete), now)
		v.Result, v.Covered = stop.Result, stop.covers()
		if err := visits.Put(tx, v, v.entry(actor, now, Complete, before)); err != nil {
			return err
		}
	}
	return nil
}

// promise writes the promises made and the aid given at a stop, where the household is now.
func (s *Visits) promise(tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, in *Completion) error {
	at := stop.Place
	if h != nil && h.Place.Street == stop.Partition {
		at = h.Place
	}
	for _, v := range in.Promises {
		p := &Promise{Meta: store.Meta{ID: v.ID, Partition: stop.Partition}, Household: stop.Household, Place: at, Stop: stop.ID,
			By: actor.Account, Text: strings.TrimSpace(v.Text), DueOn: v.DueOn, State: PromiseOpen, CreatedAt: now}
		if err := promises.Insert(tx, p, p.entry(actor, now, "make", store.Facts{})); err != nil {
			return err
		}
	}
	for _, a := range in.Aids {
		w := &Work{Meta: store.Meta{ID: a.ID, Partition: stop.Partition}, Kind: Aid, Place: at, Household: stop.Household, Stop: stop.ID,
			By: actor.Account, Title: strings.TrimSpace(a.Title), Note: strings.TrimSpace(a.Note), HeldAt: stop.At}
		if err := works.Insert(tx, w, w.entry(actor, now)); err != nil {
			return err
		}
	}
	return nil
}

// meet tells the household when somebody was last met there.
func (s *Visits) meet(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, others []*Stop) error {
	if h == nil || stop.Result != Met {
		return nil
	}
	var last time.Time
	for _, o := range append([]*Stop{stop}, others...) {
		if o.covers() {
			last = later(last, o.At)
		}
	}
	return h.Visited(tx, actor, now, last)
}
