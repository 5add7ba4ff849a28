package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/store"
)

// Preferences are how a person wants to be told, beside the inbox, which has
// everything. What is urgent goes out whatever they say. The id is the account's.
type Preferences struct {
	store.Meta `store:",inline"`
	Quiet      *Quiet   `store:"quiet,omitempty"` // nil: no quiet hours
	Off        []Choice `store:"off,omitempty"`
}

// Quiet are hours of each day, by the city's clock, in minutes from midnight; over midnight where From is later.
type Quiet struct {
	From int `store:"from"`
	To   int `store:"to"`
}

// Choice is what is not wanted by a way of sending.
type Choice struct {
	Group  Group  `store:"group"`
	Medium Medium `store:"medium"`
}

// Group is kinds of notices that people choose by: those about things of a kind.
type Group string

// The groups.
const (
	Tickets   Group = "tickets"
	Cases     Group = "cases"
	Visits    Group = "visits"
	Community Group = "community"
	Work      Group = "work"
)

// GroupWords are the groups.
var GroupWords = domain.NewEnum("NoticeGroup", domain.W(Tickets, "工单", "tickets"), domain.W(Cases, "办件与预约", "intake cases and home calls"), domain.W(Visits, "走访", "visits and stops"),
	domain.W(Community, "社区通知", "notices to the residents of a cell"), domain.W(Work, "其他工作事项", "other work"))

// groups are by the kind of thing; what is not named is Work.
var groups = map[string]Group{
	"ticket": Tickets, "followed-ticket": Tickets, "intake-case": Cases, "own-case": Cases, "home-call": Cases,
	"visit": Visits, "visit-plan": Visits, "today": Visits, "stop": Visits, "promise": Visits, "cell-notice": Community,
}

// Medium is a way of sending, as people know it.
type Medium string

// The media.
const (
	Push    Medium = "push" // to the app
	Program Medium = "wechat"
)

// MediumWords are the media.
var MediumWords = domain.NewEnum("NoticeMedium", domain.W(Push, "应用推送", "push to the app"), domain.W(Program, "微信订阅消息", "WeChat subscription message"))

// preferences are as people said, of those who said anything.
var preferences = store.Declare[Preferences](store.Declaration{Name: "deliveryPreferences", Schema: 1, Unjournaled: true})

// Usual are the preferences of who said nothing: quiet from ten to seven, and everything on.
func Usual(account string) *Preferences {
	return &Preferences{Meta: store.Meta{ID: account}, Quiet: &Quiet{22 * 60, 7 * 60}}
}

func (s *Deliveries) preferencesOf(ctx context.Context, r store.Reader, account string) (*Preferences, error) {
	p, err := preferences.Get(ctx, r, account)
	if errors.Is(err, store.ErrNotFound) {
		return Usual(account), nil
	}
	return p, err
}

// Preferences are the actor's own.
func (s *Deliveries) Preferences(ctx context.Context, actor access.Actor) (*Preferences, error) {
	return s.preferencesOf(ctx, s.store, actor.Account)
}

// PreferenceChange is what is to be different; what is not named stays.
type PreferenceChange struct {
	Quiet  *QuietChange
	Never  bool // no quiet hours
	Switch map[Choice]bool
	Wrong  domain.InvalidError
}

// QuietChange is what is to be different of the quiet hours, in minutes from midnight; nil stays.
type QuietChange struct{ From, To *int }

// ChangePreferences changes the actor's own, of the version that the caller
// read: below 0 where they had never said anything, 0 whichever it is.
// Errors: InvalidError, ErrStale.
func (s *Deliveries) ChangePreferences(ctx context.Context, actor access.Actor, version int64, c PreferenceChange) (p *Preferences, err error) {
	if err := c.Wrong.Err(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if p, err = s.preferencesOf(ctx, tx, actor.Account); err != nil {
			return err
		}
		if version > 0 && p.Version != version || version < 0 && p.Version != 0 {
			return domain.ErrStale
		}
		was := *p
		if err := p.change(c); err != nil {
			return err
		}
		if !was.Said() || !was.same(p) { // who says what is usual has said it
			if err := put(tx, preferences, p, p.Version); err != nil {
				return err
			}
		}
		return once.Finish(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return s.Preferences(ctx, actor)
}

func (p *Preferences) change(c PreferenceChange) error {
	if c.Never {
		p.Quiet = nil
	}
	if c.Quiet != nil {
		quiet, err := c.Quiet.of(p.Quiet)
		if err != nil {
			return err
		}
		p.Quiet = &quiet
	}
	var off []Choice
	for _, g := range domain.CodesOf[Group](GroupWords) {
		for _, m := range domain.CodesOf[Medium](MediumWords) {
			is := Choice{g, m}
			on, said := c.Switch[is]
			if said && !on || !said && slices.Contains(p.Off, is) {
				off = append(off, is)
			}
		}
	}
	p.Off = off
	return nil
}

// of are the quiet hours that a change makes of those there are, if any.
func (c QuietChange) of(was *Quiet) (q Quiet, err error) {
	var bad domain.InvalidError
	if was != nil {
		q = *was
	}
	set := func(name string, to, given *int) {
		if given != nil {
			*to = *given
		} else if was == nil {
			bad.Add("/quiet/"+name, domain.Missing)
		}
	}
	set("from", &q.From, c.From)
	set("to", &q.To, c.To)
	if err := bad.Err(); err != nil {
		return q, err
	}
	if q.From == q.To {
		bad.Add("/quiet/to", domain.T("不能与 from 相同：不要免打扰时段请填 null", "must differ from from: null stands for no quiet hours"))
	}
	return q, bad.Err()
}

func (p *Preferences) same(o *Preferences) bool {
	quiet := p.Quiet == o.Quiet || p.Quiet != nil && o.Quiet != nil && *p.Quiet == *o.Quiet
	return quiet && slices.Equal(p.Off, o.Off)
}

// Said reports whether the person ever said how they want to be told.
func (p *Preferences) Said() bool { return p.Version > 0 }

// Wants reports whether notices of a group are wanted by a medium.
func (p *Preferences) Wants(g Group, m Medium) bool { return !slices.Contains(p.Off, Choice{g, m}) }

// allows reports whether a notice may go out by a way.
func (p *Preferences) allows(n *notice.Notice, w Way) bool {
	if n.Importance == notice.Urgent {
		return true
	}
	g, ok := groups[n.About.Kind]
	if !ok {
		g = Work
	}
	if w == WeChat {
		return p.Wants(g, Program)
	}
	return p.Wants(g, Push)
}

// quietUntil is when the quiet hours end that hold a notice back; zero where none do.
func (p *Preferences) quietUntil(n *notice.Notice, now time.Time) time.Time {
	if p.Quiet == nil || n.Importance == notice.Urgent {
		return time.Time{}
	}
	return p.Quiet.until(now)
}

// until is when the quiet hours end in which a moment lies; zero outside of them.
func (q Quiet) until(now time.Time) time.Time {
	day := civil.DateOf(now).Start()
	minute := int(now.Sub(day) / time.Minute)
	end := day.Add(time.Duration(q.To) * time.Minute)
	switch {
	case q.From < q.To && minute >= q.From && minute < q.To, q.From > q.To && minute < q.To:
		return end
	case q.From > q.To && minute >= q.From:
		return end.AddDate(0, 0, 1)
	}
	return time.Time{}
}
