package handlers

import (
	"wangge/domain/delivery"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// acknowledge says that the caller has an urgent notice of their own.
func acknowledge(r *apiRequest) (*web.Reply, error) {
	if _, err := r.Notices.Get(r.Ctx, r.Actor, r.Now, r.Param("id")); err != nil { // what they may not see now is none
		return nil, err
	}
	if _, err := r.Delivering.Acknowledge(r.Ctx, r.Actor, r.Now, r.Param("id")); err != nil {
		return nil, err
	}
	return noticeByID(r, r.Param("id"))
}

func noticeByID(r *apiRequest, id string) (*web.Reply, error) {
	n, err := r.Notices.Get(r.Ctx, r.Actor, r.Now, id)
	if err != nil {
		return nil, err
	}
	return web.OK(r.noticeOut(*n)), nil
}

// channelsOut are the ways by which what is told goes out; there are too few for pages.
type channelsOut struct {
	Items []channelOut `json:"items"`
}

// channelOut is how a way does; without a channel it is not configured, and has no figures.
type channelOut struct {
	Way        delivery.Way          `json:"way"`
	Configured bool                  `json:"configured"`
	State      delivery.CircuitState `json:"state"`
	Since      *wire.Time            `json:"since"`
	Code       *string               `json:"code"`
	RetryAt    *wire.Time            `json:"retryAt"`
	Waiting    countedOut            `json:"waiting"`
	Oldest     *wire.Time            `json:"oldestDueAt"`
	Taken      countedOut            `json:"taken"`
	Failed     countedOut            `json:"failed"`
	Dropped    countedOut            `json:"dropped"`
}

// countedOut is a number, or where there are more than are counted, how many there are at least.
type countedOut struct {
	N       int64 `json:"count"`
	AtLeast bool  `json:"atLeast"`
}

func listChannels(r *apiRequest) (*web.Reply, error) {
	all, err := r.Delivering.Health(r.Ctx, r.Actor, r.Now)
	if err != nil {
		return nil, err
	}
	return web.OK(channelsOut{each(all, channelOutOf)}), nil
}

func channelOutOf(h delivery.Health) channelOut {
	out := channelOut{Way: h.Way, Configured: h.Configured, State: h.State, Oldest: (*wire.Time)(optional(h.Oldest)),
		Waiting: countedOut(h.Waiting), Taken: countedOut(h.Taken), Failed: countedOut(h.Failed), Dropped: countedOut(h.Dropped)}
	if c := h.Circuit; c != nil {
		out.Since, out.Code, out.RetryAt = (*wire.Time)(optional(c.Since)), optional(c.Code), (*wire.Time)(optional(c.OpenUntil))
	}
	return out
}
