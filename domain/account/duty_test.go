package account

import (
	"fmt"
	"testing"
	"time"

	"wangge/domain/access"
)

// hours are a shift of somebody's, from and until so many hours after morning.
func (c *covering) hours(who string, from, until int) DutyShift {
	return DutyShift{c.ids[who], morning.Add(time.Duration(from) * time.Hour), morning.Add(time.Duration(until) * time.Hour)}
}

func (c *covering) roster(who, month string, version int64, shifts ...DutyShift) (*Roster, error) {
	return c.accounts.SetDuty(c.t.Context(), c.as(who, morning), morning, street, month, version, shifts)
}

// Who is on duty is the street's dispatcher while the shift lasts, also where
// it began in the month before, and not when they lead there no more.
func TestWhoIsOnDutyDispatches(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := newCovering(w)
		at, _ := w.areas.Tree().ByCode(street)
		end := 7*24 + 7 // the last evening of November
		must(c.roster("manager-1", "2026-11", -1, c.hours("lead-1", end, end+14), c.hours("lead-1", 2, 16), c.hours("head", 10, 16)))(t)
		for _, x := range []struct {
			hours int
			want  string
		}{{1, ""}, {2, "lead-1"}, {10, "lead-1 head"}, {16, ""}, {end, "lead-1"}, {end + 13, "lead-1"}, {end + 14, ""}} {
			now, got := morning.Add(time.Duration(x.hours)*time.Hour), ""
			for _, id := range must(c.accounts.OnDuty(t.Context(), at.ID, now))(t) {
				for username, of := range c.ids {
					if of == id {
						got += " " + username
					}
				}
			}
			if got != "" {
				got = got[1:]
			}
			if got != x.want {
				t.Errorf("after %d hours %q are on duty, want %q", x.hours, got, x.want)
			}
			for _, who := range []string{"lead-1", "head"} {
				may := c.as(who, now).In(at.Place, access.Dispatcher)
				if on := x.want == who || x.want == "lead-1 head"; may != on {
					t.Errorf("%s dispatches after %d hours: %v", who, x.hours, may)
				}
			}
		}
		must(w.accounts.SetGrants(t.Context(), w.actor("admin"), morning, c.ids["lead-1"], 0, []GrantInput{{access.GridLead, otherCommunity}}))(t)
		if on := must(c.accounts.OnDuty(t.Context(), at.ID, morning.Add(3*time.Hour)))(t); len(on) > 0 || c.as("lead-1", morning.Add(3*time.Hour)).Is(access.Dispatcher) {
			t.Errorf("who leads elsewhere now is on duty: %v", on)
		}
	})
}

func TestTheRosterIsKept(t *testing.T) {
	w := newWorld(t)
	c := newCovering(w)
	good := c.hours("lead-1", 2, 16)
	for i, x := range []struct {
		who, month string
		version    int64
		shifts     []DutyShift
		want       string
	}{
		{"dispatcher", "2026-11", 0, nil, "404"}, {"head", "2026-11", 0, nil, "404"}, {"other manager", "2026-11", 0, nil, "404"}, {"manager-1", "2026-13", 0, nil, "404"}, {"manager-1", "26-11", 0, nil, "404"},
		{"manager-1", "2026-11", -1, []DutyShift{good}, "ok"}, {"manager-1", "2026-11", -1, []DutyShift{good}, "412"}, {"manager-1", "2026-11", 1, []DutyShift{good}, "ok"}, {"boss", "2026-11", 1, nil, "ok"}, {"boss", "2026-11", 1, nil, "412"},
		{"manager-1", "2026-12", 0, []DutyShift{good}, "/shifts/0/from"}, {"manager-1", "2026-11", 0, []DutyShift{good, c.hours("head", 4, 4)}, "/shifts/1/until"}, {"manager-1", "2026-11", 0, []DutyShift{c.hours("head", 4, 53)}, "/shifts/0/until"},
		{"manager-1", "2026-11", 0, []DutyShift{good, c.hours("lead-1", 15, 20)}, "/shifts/1"}, {"manager-1", "2026-11", 0, []DutyShift{c.hours("worker-1", 1, 2)}, "/shifts/0/account"}, {"manager-1", "2026-11", 0, []DutyShift{c.hours("nobody", 1, 2)}, "/shifts/0/account"},
		{"manager-1", "2026-11", 0, make([]DutyShift, shiftsMost+1), "/shifts"},
	} {
		_, err := c.roster(x.who, x.month, x.version, x.shifts...)
		expect(t, fmt.Sprint(i, " ", x.who), err, x.want)
	}
	at, _ := w.areas.Tree().ByCode(street)
	entries := must(w.st.Journal(t.Context(), at.ID, 0, 100))(t)
	sets := 0
	for _, e := range entries {
		if e.Action == "duty.set" {
			sets++
		}
	}
	if sets != 2 {
		t.Errorf("%d entries for one roster, sent twice, and emptied", sets)
	}
	empty := must(c.accounts.Duty(t.Context(), c.as("worker-1", morning), street, "2027-01"))(t)
	if empty.Version != 0 || len(empty.Shifts) > 0 {
		t.Errorf("a month without shifts: %+v", empty)
	}
	if _, err := c.accounts.Duty(t.Context(), c.as("resident", morning), street, "2026-11"); outcome(err) != "403" {
		t.Errorf("a resident: %v", err)
	}
}
