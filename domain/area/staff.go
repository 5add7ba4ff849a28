package area

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Post is somebody's place in a cell: lead or worker. A zero From or Until leaves that end open.
type Post struct {
	Account string      `store:"account"`
	Role    access.Role `store:"role"` // GridLead or OutreachWorker
	From    time.Time   `store:"from,omitempty"`
	Until   time.Time   `store:"until,omitempty"`
	// Published 公示 is what anybody may know of who holds the post; zero: nothing.
	Published Contact `store:"published,omitempty"`
}

// Contact is how somebody is reached, as the notice board of a cell says it.
type Contact struct {
	Name  string `store:"name"`
	Phone string `store:"phone,omitempty"` // a public number, in clear
	Hours string `store:"hours,omitempty"` // as "周一至周五 9:00–17:30"
}

// IsZero reports whether nothing is published.
func (c Contact) IsZero() bool { return c == Contact{} }

// Notice is a post as anybody may know it.
type Notice struct {
	Account string // whose post it is, for the caller to check: of no use to the public
	Role    access.Role
	Contact // without a name while somebody stands in
	Covered bool
}

// Cover 顶岗: Account stands in for For. Both may act meanwhile; what is new goes to the stand-in.
type Cover struct {
	Account string    `store:"account"`
	For     string    `store:"for"`
	From    time.Time `store:"from,omitempty"`
	Until   time.Time `store:"until,omitempty"`
}

// Staff is somebody on duty in a cell.
type Staff struct {
	Account string
	Role    access.Role
	For     string    // whom they stand in for; "" in a post of their own
	Until   time.Time // zero: until further notice
}

// span is the time from From up to, not including, Until.
type span struct{ from, until time.Time }

func (p Post) span() span  { return span{p.From, p.Until} }
func (c Cover) span() span { return span{c.From, c.Until} }

func (s span) holds(t time.Time) bool {
	return !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

func (s span) valid() bool { return s.until.IsZero() || s.from.Before(s.until) }

func (s span) overlaps(o span) bool {
	return (s.until.IsZero() || o.from.Before(s.until)) && (o.until.IsZero() || s.from.Before(o.until))
}

// earlier is the earlier of two ends, zero being never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// StaffAt returns who is on duty: everybody in a post, or their stand-in while they have one. Leads come first.
func (c *Cell) StaffAt(now time.Time) []Staff {
	var out []Staff
	for _, role := range []access.Role{access.GridLead, access.OutreachWorker} {
		for _, p := range c.Posts {
			if p.Role != role || !p.span().holds(now) {
				continue
			}
			s := Staff{Account: p.Account, Role: role, Until: p.Until}
			for _, v := range c.Covers {
				if v.For == p.Account && v.span().holds(now) {
					s = Staff{v.Account, role, v.For, earlier(p.Until, v.Until)}
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// Notices are what is published of the posts held at now, leads first. While
// somebody stands in, who that is nobody published: the post is still reached
// as its notice says, but not by the name.
func (c *Cell) Notices(now time.Time) []Notice {
	var out []Notice
	for _, role := range []access.Role{access.GridLead, access.OutreachWorker} {
		for _, p := range c.Posts {
			if p.Role != role || !p.span().holds(now) || p.Published.IsZero() {
				continue
			}
			n := Notice{Account: p.Account, Role: role, Contact: p.Published, Covered: len(c.StandIns(p.Account, now)) > 0}
			if n.Covered {
				n.Name = ""
			}
			out = append(out, n)
		}
	}
	return out
}

// LeadAt returns the account that leads the cell, the stand-in while there is one; "" for nobody.
func (c *Cell) LeadAt(now time.Time) string {
	if staff := c.StaffAt(now); len(staff) > 0 && staff[0].Role == access.GridLead {
		return staff[0].Account
	}
	return ""
}

// Posted returns how the account belongs to the cell: by a post, covered or
// not, or by standing in. A lead's part comes before a worker's, and of two
// alike the one that lasts longer.
func (c *Cell) Posted(account string, now time.Time) (Staff, bool) {
	parts := c.Parts(account, now)
	if len(parts) == 0 {
		return Staff{}, false
	}
	return slices.MinFunc(parts, before), true
}

// Parts are all the ways in which the account belongs to the cell: for itself,
// and for each that it stands in for the one that counts most.
func (c *Cell) Parts(account string, now time.Time) (out []Staff) {
	add := func(s Staff) {
		i := slices.IndexFunc(out, func(o Staff) bool { return o.For == s.For })
		switch {
		case i < 0:
			out = append(out, s)
		case before(s, out[i]) < 0:
			out[i] = s
		}
	}
	for _, p := range c.Posts {
		if !p.span().holds(now) {
			continue
		}
		if p.Account == account {
			add(Staff{Account: account, Role: p.Role, Until: p.Until})
		}
		for _, v := range c.Covers {
			if v.Account == account && v.For == p.Account && v.span().holds(now) {
				add(Staff{account, p.Role, v.For, earlier(p.Until, v.Until)})
			}
		}
	}
	return out
}

// before orders parts by what counts more.
func before(a, b Staff) int {
	switch {
	case a.Role != b.Role && a.Role == access.GridLead:
		return -1
	case a.Role != b.Role:
		return 1
	case a.Until.Equal(b.Until):
		return 0
	case earlier(a.Until, b.Until).Equal(a.Until):
		return 1
	}
	return -1
}

// StandIns are who stands in for the account in the cell.
func (c *Cell) StandIns(account string, now time.Time) (out []string) {
	for _, v := range c.Covers {
		if v.For == account && v.span().holds(now) {
			out = append(out, v.Account)
		}
	}
	return out
}

// staffMost posts, and as many covers, in one cell.
const staffMost = 100

// SetStaff replaces the posts and covers. InvalidError with pointers into
// {"posts":[…],"covers":[…]}: a time that ends before it begins, two leads at a
// time, the same person twice, a cover for somebody who is not posted then or
// has another stand-in. Whether the accounts exist is the caller's to check.
func (c *Cell) SetStaff(posts []Post, covers []Cover) error {
	bad := &domain.InvalidError{}
	if len(posts) > staffMost {
		bad.Add("/posts", domain.Textf("最多 %d 个岗位", "%d posts at most", staffMost))
	}
	if len(covers) > staffMost {
		bad.Add("/covers", domain.Textf("最多 %d 次顶岗", "%d covers at most", staffMost))
	}
	if bad.Err() != nil {
		return bad
	}
	for i, p := range posts {
		checkPost(fmt.Sprintf("/posts/%d", i), p, posts[:i], bad)
	}
	for i, v := range covers {
		checkCover(fmt.Sprintf("/covers/%d", i), v, covers[:i], posts, bad)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	c.Posts, c.Covers = slices.Clone(posts), slices.Clone(covers)
	for i := range c.Posts {
		p := &c.Posts[i].Published
		p.Name, p.Phone, p.Hours = strings.TrimSpace(p.Name), strings.TrimSpace(p.Phone), strings.TrimSpace(p.Hours)
	}
	return nil
}

var backwards = domain.T("结束时间应晚于开始时间", "it ends before it begins")

func checkPost(at string, p Post, before []Post, bad *domain.InvalidError) {
	if p.Account == "" {
		bad.Add(at+"/account", domain.T("请指定人员", "somebody is needed"))
	}
	if p.Role != access.GridLead && p.Role != access.OutreachWorker {
		bad.Add(at+"/role", domain.T("应为 grid_lead 或 outreach_worker", "the role is grid_lead or outreach_worker"))
	}
	if !p.span().valid() {
		bad.Add(at+"/until", backwards)
	}
	p.Published.check(at+"/published", bad)
	for _, o := range before {
		switch {
		case !p.span().overlaps(o.span()):
		case p.Role == access.GridLead && o.Role == access.GridLead:
			bad.Add(at, domain.T("同一时间只能有一名网格长", "there is another lead at that time"))
		case p.Role == o.Role && p.Account == o.Account:
			bad.Add(at, domain.T("同一人重复", "the same person twice at that time"))
		}
	}
}

// check notes what is wrong with a contact. What is published is not empty.
func (c Contact) check(at string, bad *domain.InvalidError) {
	if c.IsZero() {
		return
	}
	domain.CheckText(bad, at+"/name", c.Name, 50, true)
	domain.CheckText(bad, at+"/hours", c.Hours, 100, false)
	if c.Phone != "" && !phoneForm.MatchString(c.Phone) {
		bad.Add(at+"/phone", domain.T("电话号码有误", "not a phone number"))
	}
}

func checkCover(at string, v Cover, before []Cover, posts []Post, bad *domain.InvalidError) {
	if v.Account == "" {
		bad.Add(at+"/account", domain.T("请指定顶岗人员", "a stand-in is needed"))
	} else if v.Account == v.For {
		bad.Add(at+"/account", domain.T("不能为自己顶岗", "nobody stands in for themselves"))
	}
	if !v.span().valid() {
		bad.Add(at+"/until", backwards)
	}
	posted := func(p Post) bool { return p.Account == v.For && p.span().overlaps(v.span()) }
	if !slices.ContainsFunc(posts, posted) {
		bad.Add(at+"/for", domain.T("被顶岗人员此时不在岗", "they have no post at that time"))
	}
	for _, o := range before {
		if o.For == v.For && o.span().overlaps(v.span()) {
			bad.Add(at, domain.T("此时已有顶岗人员", "there is another stand-in at that time"))
		}
	}
}
