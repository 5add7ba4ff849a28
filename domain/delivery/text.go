package delivery

import (
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/notice"
)

// What a lock screen shows says how much it asks of who reads it, and nothing of
// whom or what it is about: that is in the inbox.
var (
	title = domain.T("网格", "Wangge")
	texts = map[notice.Importance]domain.Text{
		notice.Urgent: domain.T("有紧急事项，请立即打开查看并确认", "Something urgent: open it now and acknowledge it"),
		notice.Task:   domain.T("您有新的待办事项", "There is something for you to do"),
		notice.News:   domain.T("您关注的事项有新进展", "There is news of something you follow"),
	}
	toCell = domain.T("您所在的网格有新通知", "There is a notice to those who live where you do")
)

// lock is what a lock screen shows of a notice.
func (h *Handoff) lock() domain.Text {
	if h.Kind == notice.CellNotice {
		return toCell
	}
	return texts[h.Importance]
}

const (
	english = "en"
	inbox   = "wangge://inbox"
)

// in is a text in a language; Chinese where there is no other.
func in(lang string, t domain.Text) string {
	if lang == english {
		return t.EN
	}
	return t.ZH
}

func (h *Handoff) message(to Address, lang string, now time.Time) Message {
	m := Message{ID: h.Notice, Key: h.Key, Address: to.Text, Platform: to.Platform, Kind: string(h.Kind), Language: lang, Title: in(lang, title), Text: in(lang, h.lock()),
		Link: inbox + "/" + h.Notice, Urgent: h.Importance == notice.Urgent, At: h.At, TTL: lives[h.Importance] - now.Sub(h.Since)}
	if h.Notice == "" {
		m.ID, m.Kind, m.Link = h.ID, digest, inbox
		m.Text = in(lang, domain.Textf("免打扰期间有 %d 项新通知", "%d things happened during your quiet hours", h.Held))
	}
	return m
}

// groupTest is what a group gets when its robot is tried.
var groupTest = domain.T("这是一条测试消息：本群将收到本区域各类通知的数量", "A test: this group is told how much of what happens in its area")

// digest is the kind of what tells how much quiet hours held back.
const digest = "digest"

// groupMessage counts by kind what happened in a street.
func (s *Deliveries) groupMessage(h *Handoff, to Address, now time.Time) Message {
	parts := make([]string, len(h.Counts))
	for i, c := range h.Counts {
		parts[i] = in(to.Language, domain.Textf("%s %d", "%[1]s: %[2]d", in(to.Language, s.Word(c.Kind)), c.N))
	}
	between := "；"
	if to.Language == english {
		between = "; "
	}
	if len(parts) == 0 {
		parts = []string{in(to.Language, groupTest)}
	}
	return Message{ID: h.ID, Key: h.Key, Address: to.Text, Kind: "groups", Title: in(to.Language, title), Text: strings.Join(parts, between), At: h.At, TTL: lives[h.Importance] - now.Sub(h.Since)}
}
