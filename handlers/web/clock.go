package web

import (
	"time"

	"wangge/domain"
	"wangge/handlers/wire"
)

// ClockIn says when something happened without a connection, by the device.
type ClockIn struct {
	At     time.Time `json:"at" need:"true"`
	SentAt time.Time `json:"sentAt" need:"true"`
}

func (c *ClockIn) Clock() *domain.Clock {
	if c == nil {
		return nil
	}
	return &domain.Clock{At: c.At.UTC(), Sent: c.SentAt.UTC()}
}

// HappenedOut is when something happened that a device sent later. How far its
// clock is off is not told: it would tell one phone from another.
type HappenedOut struct {
	At     wire.Time           `json:"at"`
	Doubts []domain.ClockDoubt `json:"doubts"`
}

func HappenedTo(h *domain.Happened) *HappenedOut {
	if h == nil {
		return nil
	}
	return &HappenedOut{wire.Time(h.At), h.Doubts()}
}
