package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"wangge/domain/wechat"
	"wangge/notifications/push"
)

var openID = regexp.MustCompile(`^[A-Za-z0-9_-]{6,128}$`)

// OpenID is who signs in: what WeChat calls them in this mini-program. The code
// is the one of wx.login.
func (c *Client) OpenID(ctx context.Context, code string) (string, error) {
	ctx, end := context.WithTimeout(ctx, c.patience)
	defer end()
	var got struct {
		OpenID string `json:"openid"`
	}
	query := url.Values{"appid": {c.app}, "secret": {c.secret}, "js_code": {code}, "grant_type": {"authorization_code"}}
	if failed := c.call(ctx, http.MethodGet, "/sns/jscode2session", query, nil, &got); failed != nil {
		return "", failed.signingIn(wechat.ErrLoginCode)
	}
	if !openID.MatchString(got.OpenID) {
		return "", (&failure{code: unanswered}).signingIn(wechat.ErrLoginCode)
	}
	return got.OpenID, nil
}

// Phone is the number that who signs in lets the mini-program know, as WeChat
// has it. The code is the one of the button that asks for it.
func (c *Client) Phone(ctx context.Context, code string) (wechat.Phone, error) {
	ctx, end := context.WithTimeout(ctx, 2*c.patience) // for the token too
	defer end()
	var got struct {
		Info struct {
			Number    string    `json:"purePhoneNumber"`
			Country   push.Word `json:"countryCode"` // a text or a number
			Watermark struct {
				App string `json:"appid"`
			} `json:"watermark"`
		} `json:"phone_info"`
	}
	if failed := c.withToken(ctx, "/wxa/business/getuserphonenumber", object{"code": code}, &got); failed != nil {
		return wechat.Phone{}, failed.signingIn(wechat.ErrPhoneCode)
	}
	switch info := got.Info; {
	case info.Number == "" || info.Country == "":
		return wechat.Phone{}, (&failure{code: unanswered}).signingIn(wechat.ErrPhoneCode)
	case info.Watermark.App != c.app: // it was given to another mini-program
		return wechat.Phone{}, wechat.ErrPhoneCode
	default:
		return wechat.Phone{Country: strings.TrimPrefix(string(info.Country), "+"), Number: info.Number}, nil
	}
}

// signingIn is what a failure means to who signs in; wrong is that their code is no good.
func (f *failure) signingIn(wrong error) error {
	switch f.code {
	case badCode, usedCode, noCode:
		return wrong
	case badApp: // of a phone's code: it was made for another mini-program
		if errors.Is(wrong, wechat.ErrPhoneCode) {
			return wrong
		}
	case riskyUser:
		return wechat.ErrRisky
	case perMinute, push.Status(http.StatusTooManyRequests):
		return wechat.ErrBusy
	}
	return fmt.Errorf("%w: %w", wechat.ErrDown, f)
}
