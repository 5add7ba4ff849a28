package main

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/delivery"
	"wangge/domain/device"
	"wangge/domain/notice"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/notifications/delivering"
	robotchannel "wangge/notifications/push/robot"
	"wangge/store/jobs"
)

// assembleDelivery puts together what brings notices to people's phones: by the
// channels that the configuration has, and none where it has none.
func (w *world) assembleDelivery(ctx context.Context, c *config) error {
	channels, err := w.channels(ctx, c)
	if err != nil {
		return err
	}
	ways := make([]delivery.Way, 0, len(channels))
	for _, way := range domain.CodesOf[delivery.Way](delivery.WayWords) {
		if channels[way].Channel != nil {
			ways = append(ways, way)
		}
	}
	w.robots.On = channels[delivery.Robot].Channel != nil
	w.ways, w.devices.On = ways, registrable(ways)
	w.outgoing = delivery.New(w.store, ways, c.acknowledge, delivery.Ports{
		Seen: w.notices.Seen, Devices: w.devicesOf, Phone: w.phoneOf,
		Robots: w.robotsOf,
		Groups: func(street string) bool {
			return channels[delivery.Robot].Channel != nil && len(w.robots.Of(street)) > 0
		},
		Allowed: func(ctx context.Context, a delivery.Address, k notice.Kind) (bool, error) {
			if a.Way != delivery.WeChat {
				return true, nil
			}
			return w.wechat.Allowed(ctx, a.Text, k)
		},
		Taken: func(ctx context.Context, a delivery.Address, k notice.Kind) error {
			if a.Way != delivery.WeChat {
				return nil
			}
			return w.wechat.Taken(ctx, a.Text, k)
		},
		Forget: func(ctx context.Context, a delivery.Address, code string) error {
			if a.Way == delivery.Robot {
				return w.robots.Refused(ctx, time.Now().UTC().Truncate(time.Millisecond), a.ID, a.Mark, code)
			}
			return w.devices.Forget(ctx, a.ID, a.Mark, device.Gone)
		},
		Spent: func(ctx context.Context, a delivery.Address, k notice.Kind) error {
			return w.wechat.Spent(ctx, a.Text, k)
		},
		Over: w.matterOver, Next: w.nextRung, Told: func(all []*notice.Notice) { w.notices.Written(all) },
		Word: func(k notice.Kind) domain.Text { return notice.KindWords().Text(string(k)) },
	})
	w.notices.Hook = w.outgoing.Plan
	w.phones = delivering.New(w.outgoing, channels)
	others := w.notices.Written
	w.notices.Written = func(all []*notice.Notice) {
		others(all)
		w.phones.Wake()
	}
	return nil
}

// channels are those that the configuration has.
func (w *world) channels(ctx context.Context, c *config) (map[delivery.Way]delivering.Channel, error) {
	out, err := c.push.channels(ctx)
	if err != nil {
		return nil, err
	}
	w.messagesByWeChat(out)
	if w.texts != nil {
		out[delivery.SMS] = delivering.Channel{Channel: w.texts, AtOnce: 8}
	}
	return out, nil
}

// tell has people told of what the journals say, and brings it to their phones, all under one lease.
func (w *world) tell(ctx context.Context, n jobs.Node) {
	_ = w.notices.Run(ctx, n, w.phones.Run(n), w.outgoing.Ladder().Run(n), w.cellNotices.Telling().Run(n), (&notice.Mornings{Notices: w.notices, Days: w.visits.Days}).Run(n)) // which returns ctx's error
}

// devicesOf are the addresses of an account's devices. One that cannot be opened is none.
func (w *world) devicesOf(ctx context.Context, who string, now time.Time) (out []delivery.Address, err error) {
	found, err := device.Of(ctx, w.store, []string{who}, now)
	for _, d := range found[who] {
		if text, err := w.devices.Open(d); err == nil {
			out = append(out, delivery.Address{ID: d.ID, Way: d.Way, Text: text, Mark: d.Index, Platform: string(d.Platform), Language: d.Language})
		}
	}
	return out, err
}

// robotsOf are the addresses of a street's groups. One that cannot be opened is none.
func (w *world) robotsOf(ctx context.Context, street string) (out []delivery.Address, _ error) {
	if err := w.robots.Refresh(ctx); err != nil { // one that was made just now is tried at once
		return nil, err
	}
	for _, r := range w.robots.Of(street) {
		if key, secret, err := w.robots.Open(r); err == nil {
			out = append(out, delivery.Address{ID: r.ID, Way: delivery.Robot, Text: robotchannel.Address(string(r.Service), key, secret), Mark: r.Mark, Language: r.Language, Hears: r.Hears})
		}
	}
	return out, nil
}

func (w *world) phoneOf(ctx context.Context, who string) (delivery.Address, bool, error) {
	a, err := account.Load(ctx, w.store, who)
	if err != nil {
		return delivery.Address{}, false, err
	}
	_, phone, err := w.accounts.Open(a)
	return delivery.Address{Way: delivery.SMS, Text: phone}, phone != "", err
}

// matterOver reports whether nothing is to be done any more about what was urgent.
func (w *world) matterOver(ctx context.Context, kind notice.Kind, about notice.About) (bool, error) {
	if about.Kind == "ticket" {
		found, err := ticket.Load(ctx, w.store, []string{about.ID})
		if err != nil || found[about.ID] != nil && !found[about.ID].State.Open() {
			return err == nil, err
		}
	}
	return todo.Over(ctx, w.store, todo.Kind(kind), todo.About{Kind: about.Kind, ID: about.ID})
}

// nextRung is who is told next of what nobody acknowledges: who manages the
// community, then who is on duty in the street, or else its dispatchers, then its managers.
func (w *world) nextRung(ctx context.Context, at access.Place, rung int, now time.Time) ([]string, error) {
	switch rung {
	case 1:
		return w.tickets.Holders(ctx, at, now, policy.ToCommunityManager)
	case 2:
		if on, err := w.accounts.OnDuty(ctx, at.Street, now); err != nil || len(on) > 0 {
			return on, err
		}
		return w.tickets.Holders(ctx, at, now, policy.ToDispatcher)
	}
	return w.tickets.Holders(ctx, at, now, policy.ToStreetManager)
}
