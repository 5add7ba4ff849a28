package visit

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/photo"
	"wangge/domain/policy"
	"wangge/store"
)

// ending is the end of a stop as it is written.
type ending struct {
	actor  access.Actor
	now    time.Time
	stop   *Stop
	home   *household.Household // where the stop was, as it is now; nil when it is no more
	sent   *Completion
	made   *Stop // of what was sent, by itself
	opened OpenNeed

	policies *policy.Policies
	onAsked  OnAsked
	policy   *Policy
	recent   []*Stop // the last others at the household, newest first
}

// write writes everything that the end of a stop changes.
func (e *ending) write(ctx context.Context, tx *store.Tx) (err error) {
	stop, before := e.stop, e.stop.facts()
	if e.policy, err = rulesIn(ctx, tx, e.policies, stop); err != nil {
		return err
	}
	if e.recent, err = recentAt(ctx, tx, stop); err != nil {
		return err
	}
	reused, err := reusedIn(ctx, tx, stop, e.made.Digests)
	if err != nil {
		return err
	}
	if err := photo.Attach(ctx, tx, e.actor, e.sent.Photos, photo.Owner{Kind: "stop", ID: stop.ID}); err != nil {
		return err
	}
	e.fill(reused)
	if err := e.updateAlerts(tx); err != nil {
		return err
	}
	if err := e.completeVisits(ctx, tx); err != nil {
		return err
	}
	if err := e.leave(tx); err != nil {
		return err
	}
	if err := e.foundAway(tx); err != nil {
		return err
	}
	if err := recordMet(tx, e.actor, e.now, stop, e.home, e.recent); err != nil {
		return err
	}
	if err := e.openNeeds(tx); err != nil {
		return err
	}
	stop.settle()
	entries := []store.Entry{stop.entry(e.actor, e.now, "complete", before)}
	if stop.Alert == Raised {
		entries = append(entries, stop.entry(e.actor, e.now, "welfare_alert", stop.facts()))
	}
	return stops.Put(tx, stop, entries...)
}

// fill writes what was sent into the stop and judges its proof.
func (e *ending) fill(reused int) {
	stop, made := e.stop, e.made
	stop.State, stop.LeftAt, stop.Result, stop.Note, stop.Done = Over, made.LeftAt, made.Result, made.Note, made.Done
	stop.Answers, stop.Forms, stop.Photos, stop.Digests, stop.Needs = made.Answers, made.Forms, made.Photos, made.Digests, slices.Clone(made.Needs)
	stop.Proof.Evidence.Reused = reused
	if stop.Channel == Home && stop.Result == Met {
		dwell := stop.LeftAt.Sub(stop.At).Seconds()
		stop.Proof.Evidence.DwellS = &dwell
	}
	stop.Proof.weigh(e.policy)
	stop.Proof.State = Clear
	if stop.Proof.Score >= e.policy.ReviewAt {
		stop.Proof.State = Flagged
	}
}

// updateAlerts raises the alert where nobody answered twice in a row at a household
// whose silence is a worry, once in a street, and clears all of them where
// somebody was met: also those of streets that the household has left.
func (e *ending) updateAlerts(tx *store.Tx) error {
	stop := e.stop
	raised := slices.ContainsFunc(e.recent, func(o *Stop) bool { return o.Alert == Raised && o.Partition == stop.Partition })
	switch {
	case stop.Result == Met:
		ends := slices.DeleteFunc(slices.Clone(e.recent), func(o *Stop) bool { return o.Alert != Raised || !o.At.Before(stop.At) })
		var also OtherStreetsError
		for _, o := range ends {
			also = append(also, o.Partition)
		}
		if slices.ContainsFunc(also, func(street string) bool { return !tx.Covers(street) }) {
			return also
		}
		for _, o := range ends {
			if err := clearAlert(tx, e.actor, e.now, o); err != nil {
				return err
			}
		}
	case e.home != nil && !raised && unansweredTwice(stop, e.recent):
		if slices.ContainsFunc(e.policy.WelfareTags, func(t string) bool { _, has := e.home.Tag(t, stop.At); return has }) {
			stop.Alert = Raised
		}
	}
	return nil
}

// clearAlert clears an alert.
func clearAlert(tx *store.Tx, actor access.Actor, now time.Time, stop *Stop) error {
	before := stop.facts()
	stop.Alert = Cleared
	stop.settle()
	return stops.Put(tx, stop, stop.entry(actor, now, "clear_alert", before))
}

// completeVisits makes the stop's visits what the stop is.
func (e *ending) completeVisits(ctx context.Context, tx *store.Tx) error {
	done, err := visits.GetMany(ctx, tx, e.stop.Visits)
	if err != nil {
		return err
	}
	if err := e.sent.giveMaterials(e.stop.Visits, done); err != nil {
		return err
	}
	for _, id := range e.stop.Visits {
		v, before := done[id], done[id].facts()
		v.apply(transitionOf(Complete), e.now)
		v.Result, v.Covered = e.stop.Result, e.stop.covers()
		if err := e.onAsked.hear(ctx, tx, Turn{Actor: e.actor, Now: e.now, Action: Complete, Visit: v, Sent: e.sent}); err != nil {
			return err
		}
		if err := visits.Put(tx, v, v.entry(e.actor, e.now, Complete, before)); err != nil {
			return err
		}
	}
	return nil
}

// leave writes the promises made, where the household is now, and the aid given, which stays in the stop's street.
func (e *ending) leave(tx *store.Tx) error {
	stop, at, given := e.stop, e.stop.Place, e.stop.Place
	if e.home != nil {
		at = e.home.Place
	}
	if at.Street == given.Street {
		given = at
	}
	for _, v := range e.sent.Promises {
		p := &Promise{Meta: store.Meta{ID: v.ID, Partition: at.Street}, Household: stop.Household, Place: at, Stop: stop.ID,
			By: e.actor.Account, Text: strings.TrimSpace(v.Text), DueOn: v.DueOn, State: PromiseOpen, CreatedAt: e.now}
		if err := promises.Insert(tx, p, p.entry(e.actor, e.now, "make", store.Facts{})); err != nil {
			return err
		}
	}
	for _, a := range e.sent.Aids {
		w := &Work{Meta: store.Meta{ID: a.ID, Partition: stop.Partition}, Kind: Aid, Place: given, Household: stop.Household, Stop: stop.ID,
			By: e.actor.Account, Title: strings.TrimSpace(a.Title), Note: strings.TrimSpace(a.Note), HeldAt: stop.At}
		if err := works.Insert(tx, w, w.entry(e.actor, e.now)); err != nil {
			return err
		}
	}
	return nil
}

// openNeeds opens what the household asked for; where it is no more, that stays on the stop as it was said.
func (e *ending) openNeeds(tx *store.Tx) error {
	if e.opened == nil || e.home == nil {
		return nil
	}
	for i := range e.stop.Needs {
		link, err := e.opened(tx, e.home, e.stop.Needs[i])
		if err != nil {
			return err
		}
		e.stop.Needs[i].Opened = &link
	}
	return nil
}

// foundAway tells the household that it was found to have moved away, unless somebody was met there since.
func (e *ending) foundAway(tx *store.Tx) error {
	if e.home == nil || e.stop.Result != MovedAway || slices.ContainsFunc(e.recent, func(o *Stop) bool { return o.covers() && o.At.After(e.stop.At) }) {
		return nil
	}
	return e.home.FoundAway(tx, e.actor, e.now, e.stop.At, e.stop.ID)
}

// recordMet tells the household when somebody was last met there.
func recordMet(tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household, others []*Stop) error {
	if h == nil || stop.Result != Met {
		return nil
	}
	var last time.Time
	for _, o := range append([]*Stop{stop}, others...) {
		if o.covers() && o.Household == stop.Household {
			last = domain.Later(last, o.At)
		}
	}
	return h.Visited(tx, actor, now, stop.Household, last)
}
