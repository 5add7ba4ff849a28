package area

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
)

func day(n int) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return noon.AddDate(0, 0, n)
}

func lead(account string, from, until int) Post {
	return Post{Account: account, Role: access.GridLead, From: day(from), Until: day(until)}
}

func worker(account string, from, until int) Post {
	return Post{Account: account, Role: access.OutreachWorker, From: day(from), Until: day(until)}
}

func TestSetStaff(t *testing.T) {
	for _, c := range []struct {
		name   string
		posts  []Post
		covers []Cover
		want   []string
	}{
		{"nobody", nil, nil, nil},
		{"one after the other", []Post{lead("a", 0, 10), lead("b", 10, 0), worker("b", 1, 10), worker("c", 0, 0)}, nil, nil},
		{"lead and worker at once", []Post{lead("a", 0, 0), worker("a", 0, 0)}, nil, nil},
		{"two leads", []Post{lead("a", 0, 10), lead("b", 9, 0)}, nil, []string{"/posts/1"}},
		{"twice", []Post{worker("a", 1, 5), worker("a", 4, 9), worker("a", 9, 0)}, nil, []string{"/posts/1"}},
		{"each fault", []Post{{"", access.Dispatcher, day(5), day(5), Contact{" ", "one two", strings.Repeat("长", 101)}}}, nil,
			[]string{"/posts/0/account", "/posts/0/role", "/posts/0/until", "/posts/0/published/name", "/posts/0/published/hours", "/posts/0/published/phone"}},
		{"cover", []Post{lead("a", 1, 10)}, []Cover{{"b", "a", day(2), day(4)}, {"c", "a", day(4), day(0)}}, nil},
		{"covers", []Post{lead("a", 1, 10)}, []Cover{{"a", "a", day(2), day(3)}, {"", "a", day(4), day(4)}, {"b", "x", day(0), day(0)}, {"b", "a", day(10), day(12)},
			{"b", "a", day(5), day(7)}, {"c", "a", day(6), day(8)}},
			[]string{"/covers/0/account", "/covers/1/account", "/covers/1/until", "/covers/2/for", "/covers/3/for", "/covers/5"}},
		{"too many", make([]Post, 101), make([]Cover, 101), []string{"/posts", "/covers"}},
	} {
		var cell Cell
		err := cell.SetStaff(c.posts, c.covers)
		if c.want == nil {
			if err != nil || len(cell.Posts) != len(c.posts) || len(cell.Covers) != len(c.covers) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var got []string
		for _, f := range invalid(t, err) {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, c.want) || cell.Posts != nil {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestStaffAt(t *testing.T) {
	var cell Cell
	must(t, cell.SetStaff(
		[]Post{worker("w", 0, 0), lead("a", 1, 20), worker("v", 5, 6), worker("b", 0, 9)},
		[]Cover{{"b", "a", day(2), day(10)}, {"x", "w", day(8), day(0)}, {"y", "a", day(15), day(30)}}))
	show := func(s Staff) string {
		until := "-"
		if !s.Until.IsZero() {
			until = fmt.Sprint(int(s.Until.Sub(noon).Hours() / 24))
		}
		return fmt.Sprintf("%s %s %s %s", s.Account, s.Role, s.For, until)
	}
	for _, c := range []struct {
		on     int
		lead   string
		staff  []string
		posted map[string]string
	}{
		{-1, "", []string{"w outreach_worker  -", "b outreach_worker  9"}, map[string]string{"a": "", "w": "w outreach_worker  -"}},
		{1, "a", []string{"a grid_lead  20", "w outreach_worker  -", "b outreach_worker  9"}, map[string]string{"a": "a grid_lead  20", "b": "b outreach_worker  9"}},
		{2, "b", []string{"b grid_lead a 10", "w outreach_worker  -", "b outreach_worker  9"}, map[string]string{"a": "a grid_lead  20", "b": "b grid_lead a 10"}},
		{5, "b", []string{"b grid_lead a 10", "w outreach_worker  -", "v outreach_worker  6", "b outreach_worker  9"}, map[string]string{"v": "v outreach_worker  6", "x": ""}},
		{9, "b", []string{"b grid_lead a 10", "x outreach_worker w -"}, map[string]string{"v": "", "x": "x outreach_worker w -", "w": "w outreach_worker  -"}},
		{10, "a", []string{"a grid_lead  20", "x outreach_worker w -"}, map[string]string{"b": "", "y": ""}},
		{15, "y", []string{"y grid_lead a 20", "x outreach_worker w -"}, map[string]string{"y": "y grid_lead a 20"}},
		{20, "", []string{"x outreach_worker w -"}, map[string]string{"a": "", "y": ""}},
	} {
		now := noon.AddDate(0, 0, c.on)
		var staff []string
		for _, s := range cell.StaffAt(now) {
			staff = append(staff, show(s))
		}
		if cell.LeadAt(now) != c.lead || !slices.Equal(staff, c.staff) {
			t.Errorf("day %d: lead %q, staff %q, want %q", c.on, cell.LeadAt(now), staff, c.staff)
		}
		for account, want := range c.posted {
			s, ok := cell.Posted(account, now)
			if got := show(s); ok != (want != "") || ok && got != want {
				t.Errorf("day %d: %s is posted as %q, want %q", c.on, account, got, want)
			}
		}
	}
}

// Whatever is accepted, at no moment are there two leads, and whoever is on
// duty is posted, in a part no lesser than that.
func TestStaffLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	accepted := 0
	for range 5_000 {
		names := []string{"a", "b", "c"}
		some := func() string { return names[rng.IntN(len(names))] }
		when := func() (time.Time, time.Time) { return day(rng.IntN(8)), day(rng.IntN(8)) }
		var posts []Post
		var covers []Cover
		for range rng.IntN(4) {
			from, until := when()
			posts = append(posts, Post{Account: some(), Role: []access.Role{access.GridLead, access.OutreachWorker}[rng.IntN(2)], From: from, Until: until})
		}
		for range rng.IntN(3) {
			from, until := when()
			covers = append(covers, Cover{some(), some(), from, until})
		}
		var cell Cell
		if cell.SetStaff(posts, covers) != nil {
			continue
		}
		accepted++
		for n := range 9 {
			now := day(n).Add(time.Hour)
			if n == 0 {
				now = noon
			}
			leads := 0
			for _, s := range cell.StaffAt(now) {
				if s.Role == access.GridLead {
					leads++
				}
				p, ok := cell.Posted(s.Account, now)
				if !ok || s.Role == access.GridLead && p.Role != access.GridLead {
					t.Fatalf("%+v is on duty but posted as %+v: %+v", s, p, cell)
				}
			}
			if leads > 1 || leads == 1 != (cell.LeadAt(now) != "") {
				t.Fatalf("%d leads: %+v", leads, cell)
			}
		}
	}
	if accepted < 250 {
		t.Fatalf("only %d accepted", accepted)
	}
}

// Anybody may know what is published of who is in a post now, leads first; who
// stands in is nobody that was published.
func TestNotices(t *testing.T) {
	board := func(p Post, name string) Post {
		p.Published = Contact{" " + name + " ", "0512-66601234", "周一至周五"}
		return p
	}
	c := &Cell{}
	if err := c.SetStaff([]Post{board(worker("w", 0, 0), "王"), board(lead("a", 1, 20), "李"), board(worker("v", 5, 6), "后来"), worker("quiet", 0, 0), board(worker("x", 0, 9), "许")},
		[]Cover{{"b", "x", day(2), day(4)}}); err != nil {
		t.Fatal(err)
	}
	want := []Notice{
		{"a", access.GridLead, Contact{"李", "0512-66601234", "周一至周五"}, false}, {"w", access.OutreachWorker, Contact{"王", "0512-66601234", "周一至周五"}, false},
		{"x", access.OutreachWorker, Contact{"", "0512-66601234", "周一至周五"}, true},
	}
	if got := c.Notices(day(3)); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := c.Notices(day(30)); len(got) != 1 || got[0].Name != "王" {
		t.Errorf("later: %v", got)
	}
}
