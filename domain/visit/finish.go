package visit

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/photo"
	"wangge/store"
)

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
		if opened == nil || h == nil {
			break // it stays on the stop as it was said
		}
		link, err := opened(tx, h, stop.Needs[i])
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

// recent are the last other stops at the household, under whatever id, newest first.
func (s *Visits) recent(ctx context.Context, tx *store.Tx, stop *Stop) ([]*Stop, error) {
	ids, err := idsOf(ctx, tx, stop.Household)
	if err != nil {
		return nil, err
	}
	found, _, err := stops.Find(ctx, tx, atEach(ids, store.Query{Order: []string{"-at"}, Limit: 30})...)
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
	case h != nil && !raised && silent(stop, recent):
		if slices.ContainsFunc(policy.WelfareTags, func(t string) bool { _, has := tagOf(h, t, stop.At); return has }) {
			stop.Alert = Raised
		}
	}
	return nil
}

// silent reports whether nobody answered the last two times at a household,
// this stop among them; a later one may have come in before.
func silent(stop *Stop, recent []*Stop) bool {
	all := []*Stop{stop}
	for _, o := range recent {
		if o.State == Over {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b *Stop) int { return b.At.Compare(a.At) })
	return len(all) > 1 && all[0].Result == NoAnswer && all[1].Result == NoAnswer && (all[0] == stop || all[1] == stop)
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

// meet tells the household when somebody was last met there, or that it was found to have moved away.
func (s *Visits) meet(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, others []*Stop) error {
	if h != nil && stop.Result == MovedAway && !slices.ContainsFunc(others, func(o *Stop) bool { return o.covers() && o.At.After(stop.At) }) {
		return h.FoundAway(tx, actor, now, stop.At, stop.ID)
	}
	if h == nil || stop.Result != Met {
		return nil
	}
	var last time.Time
	for _, o := range append([]*Stop{stop}, others...) {
		if o.covers() && o.Household == stop.Household {
			last = later(last, o.At)
		}
	}
	return h.Visited(tx, actor, now, stop.Household, last)
}
