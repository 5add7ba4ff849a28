package delivery

import (
	"testing"
	"time"

	"wangge/domain/civil"
	"wangge/domain/notice"
)

func TestQuietHours(t *testing.T) {
	clock := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, civil.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	night, day := Quiet{22 * 60, 7 * 60}, Quiet{12 * 60, 14*60 + 30}
	for _, c := range []struct {
		quiet    Quiet
		at, want string // "": none
	}{
		{night, "2026-11-23 21:59", ""}, {night, "2026-11-23 22:00", "2026-11-24 07:00"}, {night, "2026-11-23 23:59", "2026-11-24 07:00"},
		{night, "2026-11-24 00:00", "2026-11-24 07:00"}, {night, "2026-11-24 06:59", "2026-11-24 07:00"}, {night, "2026-11-24 07:00", ""},
		{night, "2026-12-31 22:30", "2027-01-01 07:00"},
		{day, "2026-11-23 11:59", ""}, {day, "2026-11-23 12:00", "2026-11-23 14:30"}, {day, "2026-11-23 14:29", "2026-11-23 14:30"}, {day, "2026-11-23 14:30", ""},
		{Quiet{22 * 60, 0}, "2026-11-23 23:00", "2026-11-24 00:00"}, {Quiet{22 * 60, 0}, "2026-11-24 00:00", ""}, {Quiet{0, 6 * 60}, "2026-11-24 00:00", "2026-11-24 06:00"},
	} {
		var want time.Time
		if c.want != "" {
			want = clock(c.want)
		}
		if got := c.quiet.until(clock(c.at)); !got.Equal(want) {
			t.Errorf("%+v at %s: until %s, want %s", c.quiet, c.at, got.In(civil.Zone), c.want)
		}
	}
}

// What is urgent goes out whatever a person chose.
func TestChoices(t *testing.T) {
	p := Usual("someone")
	change := func(c PreferenceChange) {
		t.Helper()
		if err := p.change(c); err != nil {
			t.Fatal(err)
		}
	}
	change(PreferenceChange{Switch: map[Choice]bool{{Tickets, Push}: false, {Community, Push}: false, {Work, Program}: false}})
	change(PreferenceChange{Switch: map[Choice]bool{{Work, Program}: true}})
	night := time.Date(2026, 11, 23, 23, 0, 0, 0, civil.Zone)
	for _, c := range []struct {
		about string
		of    notice.Importance
		way   Way
		want  bool
		waits bool
	}{
		{"ticket", notice.Task, JPush, false, true}, {"ticket", notice.Urgent, JPush, true, false}, {"ticket", notice.Task, WeChat, true, true},
		{"own-case", notice.News, JPush, true, true}, {"cell-notice", notice.News, JPush, false, true}, {"cell-notice", notice.News, WeChat, true, true}, {"duty", notice.Task, WeChat, true, true},
		{"followed-ticket", notice.News, Gateway, false, true}, {"visit", notice.Task, FCM, true, true}, {"something new", notice.News, WeChat, true, true},
	} {
		n := &notice.Notice{About: notice.About{Kind: c.about}, Importance: c.of}
		if got := p.allows(n, c.way); got != c.want {
			t.Errorf("%s %s by %s: %v", c.of, c.about, c.way, got)
		}
		if got := !p.quietUntil(n, night).IsZero(); got != c.waits {
			t.Errorf("%s %s at night waits: %v", c.of, c.about, got)
		}
	}
	if change(PreferenceChange{Never: true}); p.Quiet != nil || len(p.Off) != 2 {
		t.Errorf("%+v", p)
	}
}
