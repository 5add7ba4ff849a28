package robot

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/notice"
)

const (
	titleLongest = 60   // characters
	urlLongest   = 1000 // bytes
)

// webhooks are where the services' robots are, as the services show it to who adds one.
var webhooks = map[Service]struct{ host, path, parameter string }{
	WeCom:    {"qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key"},
	DingTalk: {"oapi.dingtalk.com", "/robot/send", "access_token"},
}

var (
	keyForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)
	secretForm = regexp.MustCompile(`^[!-~]{8,128}$`)
)

// keyOf is the key of a robot in its address, which has to be one of the
// service's: nothing else of it is kept, so that nobody has the program call another host.
func keyOf(bad *domain.InvalidError, s Service, address string) string {
	at := webhooks[s]
	form := domain.Textf("应为服务给出的机器人地址：https://%s%s?%s=…", "must be the address of a robot as its service shows it: https://%s%s?%s=…", at.host, at.path, at.parameter)
	u, err := url.Parse(address)
	switch {
	case address == "":
		bad.Add("/url", domain.Missing)
	case len(address) > urlLongest:
		bad.Add("/url", domain.Textf("最多 %d 个字节", "%d bytes at most", urlLongest))
	case err != nil || u.Scheme != "https" || u.Host != at.host || u.Path != at.path || u.User != nil || u.Fragment != "":
		bad.Add("/url", form)
	default:
		key := u.Query()[at.parameter]
		if len(key) == 1 && keyForm.MatchString(key[0]) {
			return key[0]
		}
		bad.Add("/url", form)
	}
	return ""
}

func checkTitle(bad *domain.InvalidError, title string) {
	domain.CheckText(bad, "/title", title, titleLongest, true)
}

func checkSecret(bad *domain.InvalidError, s Service, secret string) {
	switch {
	case secret == "":
	case s != DingTalk:
		bad.Add("/secret", domain.T("该服务的机器人没有密钥", "robots of this service have none"))
	case !secretForm.MatchString(secret):
		bad.Add("/secret", domain.T("应为 8 至 128 个可见的 ASCII 字符", "must be 8 to 128 visible ASCII characters"))
	}
}

func checkKinds(bad *domain.InvalidError, kinds []notice.Kind) {
	words := notice.KindWords()
	if len(kinds) > len(words.Words) {
		bad.Add("/kinds", domain.T("种类过多", "too many"))
		return
	}
	for i, k := range kinds {
		switch {
		case !words.Has(string(k)):
			bad.Add(fmt.Sprintf("/kinds/%d", i), domain.T("不是通知的种类", "is no kind of notices"))
		case slices.Contains(kinds[:i], k):
			bad.Add(fmt.Sprintf("/kinds/%d", i), domain.T("重复", "named twice"))
		}
	}
}

func checkLanguage(bad *domain.InvalidError, language string) {
	if !slices.Contains(account.Languages, language) {
		bad.Add("/language", account.LanguageWords.Fault())
	}
}

// masked shows of a key by which its owner tells it from others.
func masked(key string) string { return strings.Repeat("*", 4) + key[len(key)-4:] }
