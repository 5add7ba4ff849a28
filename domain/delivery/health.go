package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// CircuitState is how the channel of a way does.
type CircuitState string

// The states.
const (
	Works    CircuitState = "works"
	Failing  CircuitState = "failing"  // the last tries failed: they are repeated, others are sent
	Resting  CircuitState = "resting"  // so many failed that one message is tried at a time, with pauses
	Rejected CircuitState = "rejected" // its service refuses us: somebody has to see to it
	Off      CircuitState = "off"      // there is none
)

// CircuitWords are the states.
var CircuitWords = domain.NewEnum("DeliveryChannelState", domain.W(Works, "正常", "works"), domain.W(Failing, "时有失败", "the last tries failed"), domain.W(Resting, "暂停，逐条试发", "resting: one message is tried at a time"),
	domain.W(Rejected, "被服务商拒绝，请处理", "its service refuses us: see to it"), domain.W(Off, "未启用", "off"))

// Enum lists the states.
func (CircuitState) Enum() domain.Enum { return CircuitWords }

// Enums are the words by which people choose and read of deliveries, beside WayWords.
var Enums = []domain.Enum{GroupWords, MediumWords, CircuitWords}

// State is how the channel does.
func (c *Circuit) State() CircuitState {
	switch {
	case c.Broken:
		return Rejected
	case c.Open():
		return Resting
	case c.Failures > 0:
		return Failing
	}
	return Works
}

// Figure is a number; with AtLeast there are more, which were not counted.
type Figure struct {
	N       int64
	AtLeast bool
}

// figureMost bounds what is counted for a figure.
const figureMost = 100_000

// Health is how a way does. Taken, Failed and Dropped are of addresses and
// things to which the last message ended so within handedKept: an address that
// was told twice about one thing counts once, and what is in line again not at all.
type Health struct {
	Way                    Way
	Configured             bool
	State                  CircuitState
	Circuit                *Circuit // nil where it is not configured
	Waiting                Figure   // to be handed off, now or later
	Oldest                 time.Time
	Taken, Failed, Dropped Figure
}

// Health is how the ways do, those without a channel too; it names nobody.
// Errors: ErrForbidden.
func (s *Deliveries) Health(ctx context.Context, actor access.Actor, now time.Time) ([]Health, error) {
	if !access.MaySeeChannels(actor) {
		return nil, domain.ErrForbidden
	}
	var out []Health
	for _, w := range domain.CodesOf[Way](WayWords) {
		h := Health{Way: w, State: Off}
		if slices.Contains(s.ways, w) {
			if err := s.healthOf(ctx, &h, now); err != nil {
				return nil, err
			}
		}
		out = append(out, h)
	}
	return out, nil
}

func (s *Deliveries) healthOf(ctx context.Context, h *Health, now time.Time) (err error) {
	if h.Circuit, err = s.Circuit(ctx, h.Way); err != nil {
		return err
	}
	h.Configured, h.State = true, h.Circuit.State()
	due := []store.Cond{store.Eq("way", h.Way), store.Between("dueAt", time.Time{}, nil)}
	first, _, err := handoffs.Find(ctx, s.store, store.Query{Where: due, Order: []string{"dueAt"}, Limit: 1})
	if err != nil {
		return err
	}
	if len(first) > 0 {
		h.Oldest = first[0].DueAt
	}
	if h.Waiting, err = s.figure(ctx, due...); err != nil {
		return err
	}
	for state, to := range map[Progress]*Figure{Done: &h.Taken, Failed: &h.Failed, Dropped: &h.Dropped} {
		if *to, err = s.figure(ctx, store.Eq("way", h.Way), store.Eq("state", state), store.Between("expires", now.Add(time.Millisecond), nil)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Deliveries) figure(ctx context.Context, where ...store.Cond) (Figure, error) {
	counts, err := handoffs.Count(ctx, s.store, store.Query{Where: where, Cap: figureMost}, "")
	if errors.Is(err, store.ErrTooBroad) {
		return Figure{figureMost, true}, nil
	}
	return Figure{N: counts[""]}, err
}
