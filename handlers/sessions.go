package handlers

import (
	"errors"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/handlers/auth"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

type codeIn struct {
	Phone string `json:"phone" need:"true"`
}

type signInIn struct {
	Phone    string `json:"phone"`
	Code     string `json:"code"`
	Username string `json:"username"`
	Password string `json:"password"`

	WeChat *wechatIn `json:"wechat"`
}

type refreshIn struct {
	RefreshToken string `json:"refreshToken" need:"true"`
}

// sessionOut is what a sign-in or a refresh gives.
type sessionOut struct {
	AccessToken       string     `json:"accessToken"`
	RefreshToken      string     `json:"refreshToken,omitempty"` // a browser has it in a cookie
	PhotoKey          string     `json:"photoKey"`
	ExpiresAt         wire.Time  `json:"expiresAt"` // of the access token
	RefreshExpiresAt  wire.Time  `json:"refreshExpiresAt"`
	PhotoKeyExpiresAt wire.Time  `json:"photoKeyExpiresAt"`
	Account           accountOut `json:"account"`
}

func requestCode(r *apiRequest) (*web.Reply, error) {
	var in codeIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	if err := r.Accounts.RequestCode(r.Ctx, r.Now, in.Phone, r.Client()); err != nil {
		return nil, err
	}
	return &web.Reply{Status: 202}, nil
}

func signIn(r *apiRequest) (*web.Reply, error) {
	signed, err := r.signIn()
	if err != nil {
		return nil, err
	}
	return r.session(signed, 201)
}

func (r *apiRequest) signIn() (*account.SignedIn, error) {
	var in signInIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	signed, err := r.signInBy(in)
	if errors.Is(err, domain.ErrUnauthenticated) {
		return nil, web.Refuse(401, "wrong_credentials", "账号、密码或验证码不正确", "wrong name, password or code")
	}
	return signed, err
}

func (r *apiRequest) signInBy(in signInIn) (*account.SignedIn, error) {
	switch {
	case in.WeChat != nil:
		return r.signInByWeChat(in)
	case in.Password != "" && in.Username == "" && in.Phone == "" && in.Code == "": // of whom?
		return nil, &domain.InvalidError{Fields: []domain.FieldError{{Pointer: "/username", Detail: domain.Missing}, {Pointer: "/wechat", Detail: domain.Missing}}}
	}
	return r.Accounts.SignIn(r.Ctx, r.Now, in.credentials(), r.Client())
}

func (in signInIn) credentials() account.Credentials {
	return account.Credentials{Username: in.Username, Password: in.Password, Phone: in.Phone, Code: in.Code}
}

func refresh(r *apiRequest) (*web.Reply, error) {
	var in refreshIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	if in.RefreshToken == "" {
		return nil, domain.Invalid("/refreshToken", domain.Missing)
	}
	signed, err := r.Accounts.Refresh(r.Ctx, r.Now, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	return r.session(signed, 200)
}

func (r *apiRequest) session(signed *account.SignedIn, status int) (*web.Reply, error) {
	claims := auth.Claims{Account: signed.Account.ID, Session: signed.Session.ID}
	token, expires, err := r.Tokens.Issue(claims, r.Now)
	if err != nil {
		return nil, err
	}
	who, err := r.accountOut(signed.Account)
	if err != nil {
		return nil, err
	}
	photoKey, photoKeyExpires := r.Tokens.PhotoKey(claims, r.Now)
	return &web.Reply{Status: status, Body: sessionOut{token, signed.RefreshToken, photoKey, wire.Time(expires), wire.Time(signed.Session.Expires), wire.Time(photoKeyExpires), who}}, nil
}

// signOut ends the session; its access token is refused here at once and on other nodes within a second.
func signOut(r *apiRequest) (*web.Reply, error) {
	if err := r.Accounts.SignOut(r.Ctx, r.Actor); err != nil {
		return nil, err
	}
	r.over(r.Actor.Session)
	return web.Empty(), nil
}

// over has a session that has ended refused here at once.
func (r *apiRequest) over(session string) {
	r.SignedOut(session)
	r.Live.SignedOut(session)
}
