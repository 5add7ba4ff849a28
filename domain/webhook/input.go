package webhook

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/intake"
	"wangge/store"
)

const (
	titleLongest = 60   // runes
	urlLongest   = 2000 // bytes
)

// checkTitle and the like note what is wrong under the pointer of their field.
func checkTitle(bad *domain.InvalidError, title string) {
	domain.CheckText(bad, "/title", title, titleLongest, true)
}

// checkURL takes an address by its form; where its name leads is seen when a message is sent.
func (s *Targets) checkURL(bad *domain.InvalidError, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		bad.Add("/url", domain.Missing)
	case len(text) > urlLongest:
		bad.Add("/url", domain.Textf("最多 %d 个字节", "%d bytes at most", urlLongest))
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "":
		bad.Add("/url", domain.T("应为完整的 https 地址", "must be a complete https address"))
	case u.User != nil || u.Fragment != "":
		bad.Add("/url", domain.T("不能带有用户名、密码或片段", "must have no user, password or fragment"))
	case s.Allowed == nil || !s.Allowed(u):
		bad.Add("/url", domain.T("该地址不在允许的接收方之列", "is not one of the receivers that this program may send to"))
	}
}

// checkEvents: a platform hears of its cases, and in their streams of the tickets linked to them.
func checkEvents(bad *domain.InvalidError, events []string, system string) {
	if len(events) == 0 {
		bad.Add("/events", domain.Missing)
	}
	if len(events) > len(EventWords.Words)+len(Families) {
		bad.Add("/events", domain.T("事件过多", "too many"))
		return
	}
	for i, e := range events {
		at := fmt.Sprintf("/events/%d", i)
		switch {
		case !slices.Contains(Families, e) && (e == string(Tested) || !EventWords.Has(e)):
			bad.Add(at, domain.Textf("应为事件名称或 %s", "must be an event, or %s", strings.Join(Families, ", ")))
		case system != "" && strings.HasPrefix(e, "ticket."):
			bad.Add(at, domain.T("指定平台的接收方只接收该平台受理件的事件，关联工单用 case.ticket", "the receiver of a platform hears of its cases; case.ticket tells of tickets linked to them"))
		case slices.Contains(events[:i], e):
			bad.Add(at, domain.T("事件重复", "named twice"))
		}
	}
}

// checkAccount refuses what is no machine account in use, and a platform for which it does not speak.
func checkAccount(ctx context.Context, r store.Reader, bad *domain.InvalidError, id, system string) error {
	found, err := account.LoadMany(ctx, r, []string{id})
	if err != nil {
		return err
	}
	switch {
	case id == "":
		bad.Add("/account", domain.Missing)
	case !usable(found[id]):
		bad.Add("/account", domain.T("没有这个机器账号", "no such machine account"))
	}
	if system == "" {
		return nil
	}
	speaks, err := intake.Speaks(ctx, r, id, system)
	if err == nil && !speaks {
		bad.Add("/system", domain.T("该账号不代表此平台", "the account does not speak for this platform"))
	}
	return err
}
