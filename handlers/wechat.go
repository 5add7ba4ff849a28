package handlers

import (
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/notice"
	"wangge/domain/wechat"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// wechatIn is what a mini-program has of who signs in.
type wechatIn struct {
	LoginCode string `json:"loginCode" need:"true"`
	PhoneCode string `json:"phoneCode"`
}

type messagesIn struct {
	Accepted []acceptedIn `json:"accepted" need:"true"`
}

type acceptedIn struct {
	Template string `json:"template" need:"true"`
	Count    int    `json:"count" need:"true"`
}

// wechatOut is one's own WeChat. Whom WeChat knows it as is for the program only.
type wechatOut struct {
	On        bool          `json:"on"` // people sign in by it here
	BoundAt   *wire.Time    `json:"boundAt"`
	Templates []templateOut `json:"templates"`
}

type templateOut struct {
	ID    string        `json:"id"`
	Kinds []notice.Kind `json:"kinds"` // none: all that no other has
	Left  int           `json:"left"`
}

// wechatRefusals are what a sign-in by WeChat comes to that begins no session.
var wechatRefusals = []web.Refusal{
	{Err: wechat.ErrLoginCode, Status: 401, Code: "wechat_code", Text: domain.T("微信登录凭证无效、已使用或已过期，请重新获取", "the login code is none, used or too old: get another by wx.login")},
	{Err: wechat.ErrPhoneCode, Status: 401, Code: "wechat_phone_code", Text: domain.T("微信手机号凭证无效、已使用或已过期，请重新获取", "the phone code is none, used or too old: ask for the phone again")},
	{Err: wechat.ErrRisky, Status: 401, Code: "wechat_refused", Text: domain.T("微信认为该用户存在风险，不能用微信登录", "WeChat holds this user to be a risk: sign in another way")},
	{Err: wechat.ErrPhoneNeeded, Status: 401, Code: "phone_needed", Text: domain.T("该微信尚未绑定账号，请授权手机号", "this WeChat is bound to no account: share the phone")},
	{Err: wechat.ErrPasswordNeeded, Status: 401, Code: "password_needed", Text: domain.T("该号码属于工作人员账号，首次用微信登录须输入密码", "this phone belongs to a staff account: the password is needed once")},
	{Err: wechat.ErrBusy, Status: 503, Code: "wechat_busy", Text: domain.T("微信登录人数过多，请稍后重试", "too many sign in by WeChat; try again later"), Retry: time.Minute},
	{Err: wechat.ErrDown, Status: 503, Code: "wechat_unavailable", Text: domain.T("微信暂时没有应答，请稍后重试", "WeChat does not answer for the moment; try again"), Retry: 5 * time.Second},
}

// signInByWeChat begins a session for a mini-program.
func (r *apiRequest) signInByWeChat(in signInIn) (*account.SignedIn, error) {
	if in.Username != "" || in.Phone != "" || in.Code != "" {
		return nil, domain.Invalid("", domain.T("用微信登录时不带用户名、手机号码和验证码", "a sign-in by WeChat has no username, phone or code"))
	}
	return r.WeChat.SignIn(r.Ctx, r.Now, wechat.Credentials{LoginCode: in.WeChat.LoginCode, PhoneCode: in.WeChat.PhoneCode, Password: in.Password}, r.Client())
}

func getWeChat(r *apiRequest) (*web.Reply, error) {
	own, err := r.WeChat.Own(r.Ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	out := wechatOut{On: r.WeChat.Service != nil, BoundAt: optional(wire.Time(own.Since)), Templates: make([]templateOut, len(own.Counts))}
	for i, t := range r.WeChat.Templates {
		out.Templates[i] = templateOut{t.ID, append([]notice.Kind{}, t.Kinds...), own.Counts[i].Left}
	}
	return web.OK(out), nil
}

func unbindWeChat(r *apiRequest) (*web.Reply, error) {
	if err := r.WeChat.Unbind(r.Ctx, r.Actor, r.Now); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

func reportGrants(r *apiRequest) (*web.Reply, error) {
	var in messagesIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	accepted := make([]wechat.Count, len(in.Accepted))
	for i, a := range in.Accepted {
		accepted[i] = wechat.Count{Template: a.Template, Left: a.Count}
	}
	if err := r.WeChat.Report(r.Ctx, r.Actor, r.Now, accepted); err != nil {
		return nil, err
	}
	return getWeChat(r)
}
