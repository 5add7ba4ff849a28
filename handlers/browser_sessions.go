package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/handlers/web"
)

// browsers are how sessions of browsers are kept: the access token is the
// page's, in memory only; the refresh token is in a cookie that no script reads
// and that only the session routes of browsers take.
type browsers struct {
	origin string // of our own pages
	cookie http.Cookie
}

// browserSessions is where the cookie is taken.
const browserSessions = "/v1/sessions/browser"

// newBrowsers is for pages that are served from the public address.
func newBrowsers(publicURL string) (browsers, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return browsers{}, err
	}
	b := browsers{originOf(u), http.Cookie{Name: "wangge", Path: u.Path + browserSessions, HttpOnly: true, SameSite: http.SameSiteStrictMode}}
	if u.Scheme == "https" { // a demonstration on the own machine does without
		// Of this name browsers take a cookie from its own host only: no neighbour under the same domain
		// puts one there, to have people work in a session that is the neighbour's. Its path is then "/".
		b.cookie.Name, b.cookie.Secure, b.cookie.Path = "__Host-wangge", true, "/"
		if u.Path != "" { // beside others like us on one host
			path := sha256.Sum256([]byte(u.Path))
			b.cookie.Name += "-" + hex.EncodeToString(path[:4])
		}
	}
	return b, nil
}

// originOf is the origin of an address as browsers say it.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// holding is the cookie with a refresh token until its session runs out; without one it is taken away.
func (b browsers) holding(token string, rest time.Duration) *http.Cookie {
	c := b.cookie
	if c.Value, c.MaxAge = token, int(rest/time.Second); c.MaxAge <= 0 {
		c.MaxAge = -1
	}
	return &c
}

var errForeignPage = web.Refuse(403, "foreign_page", "此请求只能由本站页面发出", "only this site's own pages may ask for that")

// ownPage refuses what no page of ours has sent: the cookie comes along with
// whatever the browser sends. Browsers say by Sec-Fetch-Site, which no script can
// set, where a request comes from, and by Origin of which site the page is. Who
// came by another name of this server than its public one (localhost for
// 127.0.0.1) is believed if the browser says that it is the same.
func (r *apiRequest) ownPage() error {
	site, origin := r.Header("Sec-Fetch-Site"), r.Header("Origin")
	if site != "" && site != "same-origin" {
		return errForeignPage
	}
	if origin == r.browsers.origin || site != "" && (origin == "http://"+r.Host() || origin == "https://"+r.Host()) {
		return nil
	}
	return errForeignPage
}

// held is the refresh token in the cookie; "" for none, and where somebody has
// put another beside it, whose session the page would take for its own.
func (r *apiRequest) held() string {
	if values := r.Cookies(r.browsers.cookie.Name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// browserSession answers with the session, but for the refresh token, which becomes the cookie.
func (r *apiRequest) browserSession(signed *account.SignedIn, status int) (*web.Reply, error) {
	r.SetCookie(r.browsers.holding(signed.RefreshToken, signed.Session.Expires.Sub(r.Now)))
	signed.RefreshToken = ""
	return r.session(signed, status)
}

// signInBrowser begins a session in place of the one that the browser had,
// which ends: nobody holds its refresh token any more.
func signInBrowser(r *apiRequest) (*web.Reply, error) {
	if err := r.ownPage(); err != nil {
		return nil, err
	}
	signed, err := r.signIn()
	if err != nil {
		return nil, err
	}
	if err := r.signOutBy(""); err != nil && !errors.Is(err, domain.ErrUnauthenticated) {
		return nil, err
	}
	return r.browserSession(signed, 201)
}

// shownIn says whose session the page shows.
type shownIn struct {
	Account string `json:"account"`
}

// refreshBrowser leaves the cookie as it is when it is refused: an answer that
// comes late would take away the one of a sign-in since.
func refreshBrowser(r *apiRequest) (*web.Reply, error) {
	if err := r.ownPage(); err != nil {
		return nil, err
	}
	var in shownIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	signed, err := r.Accounts.RefreshFor(r.Ctx, r.Now, r.held(), in.Account)
	if err != nil {
		return nil, err
	}
	return r.browserSession(signed, 200)
}

// signOutBrowser ends the session of the cookie, if it has not ended yet, and takes the cookie away.
func signOutBrowser(r *apiRequest) (*web.Reply, error) {
	if err := r.ownPage(); err != nil {
		return nil, err
	}
	if err := r.signOutBy(r.Query.Get("account")); err != nil && !errors.Is(err, domain.ErrUnauthenticated) {
		return nil, err
	}
	r.SetCookie(r.browsers.holding("", 0))
	return web.Empty(), nil
}

func (r *apiRequest) signOutBy(account string) error {
	session, err := r.Accounts.SignOutBy(r.Ctx, r.Now, r.held(), account)
	if err == nil {
		r.over(session)
	}
	return err
}
