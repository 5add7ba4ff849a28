package household

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Away says that whoever knocked found that the household has moved away 已搬离.
// It waits for a lead; until the lead says no, and after they said yes,
// nobody is sent there.
type Away struct {
	State     AwayState `store:"state"`
	At        time.Time `store:"at"`   // somebody knocked
	Stop      string    `store:"stop"` // id
	By        string    `store:"by"`   // who knocked
	DecidedBy string    `store:"decidedBy,omitempty"`
	DecidedAt time.Time `store:"decidedAt,omitempty"`
}

// AwayState is what became of it.
type AwayState string

const (
	AwayWaits     AwayState = "waiting"   // 待确认
	AwayConfirmed AwayState = "confirmed" // 已确认
	AwayRefused   AwayState = "refused"   // 仍在住
)

const awayMark = "away:waiting"

// MovedAway reports whether nobody is to be sent to the household: it is
// gone, or somebody said so and no lead has looked into it yet.
func (h *Household) MovedAway() bool { return h.Away != nil && h.Away.State != AwayRefused }

// FoundAway says, in an update of the household's street, what somebody found
// who knocked. What a lead said of a later time stands, and it says nothing of
// an address that the household came to later.
func (h *Household) FoundAway(tx *store.Tx, actor access.Actor, now, at time.Time, stop string) error {
	if h.MovedAway() || h.Since.After(at) || h.Away != nil && h.Away.DecidedAt.After(at) {
		return nil
	}
	h.Away = &Away{State: AwayWaits, At: at, Stop: stop, By: actor.Account}
	return h.save(tx, actor, now, "found_away", h.facts())
}

// DecideAway says whether a household that was found to have moved away has:
// its dwelling is empty then, and its visits do not come back until somebody
// lives there. The same said again changes nothing.
// Errors: ErrNotFound, ErrForbidden (for who does not lead there, and who
// knocked), ErrStale, ConflictError "wrong_state" when nothing waits.
func (s *Households) DecideAway(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, gone bool) (*Household, error) {
	var h *Household
	err := s.updateKept(ctx, actor, id, version, nil, func(tx *store.Tx, current *Household) error {
		h = current
		by := ""
		if h.Away != nil {
			by = h.Away.By
		}
		if !access.MayDecideAway(actor, h.Place, by) {
			return domain.ErrForbidden
		}
		state, action := AwayRefused, "still_here"
		if gone {
			state, action = AwayConfirmed, "moved_away"
		}
		switch {
		case h.Away != nil && h.Away.State == state:
			return nil
		case h.Away == nil || h.Away.State != AwayWaits:
			return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("没有待确认的搬离", "nothing waits to be confirmed")}
		}
		before := h.facts()
		h.Away.State, h.Away.DecidedBy, h.Away.DecidedAt = state, actor.Account, now
		if gone {
			h.Occupancy = Vacant
		}
		return h.save(tx, actor, now, action, before)
	})
	return h, err
}
