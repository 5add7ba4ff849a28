package handlers

import (
	"time"

	"wangge/domain"
	"wangge/handlers/wire"
)

// clockIn says when something happened without a connection, by the device.
type clockIn struct {
	At     time.Time `json:"at" need:"true"`
	SentAt time.Time `json:"sentAt" need:"true"`
}

func (c *clockIn) clock() *domain.Clock {
	if c == nil {
		return nil
	}
	return &domain.Clock{At: c.At.UTC(), Sent: c.SentAt.UTC()}
}

// happenedOut is when something happened that a device sent later. How far its
// clock is off is not told: it would tell one phone from another.
type happenedOut struct {
	At     wire.Time           `json:"at"`
	Doubts []domain.ClockDoubt `json:"doubts"`
}

func happenedTo(h *domain.Happened) *happenedOut {
	if h == nil {
		return nil
	}
	return &happenedOut{wire.Time(h.At), h.Doubts()}
}
