package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wangge/notifications/push/pushtest"
)

const templatesFile = `{"templates":[{"id":"template-1","page":"pages/inbox/index?notice={id}","fields":{"thing1":"{text}","time2":"{time}"}}]}`

func writeTemplates(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "templates.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Half of the settings is an error that names the other half, and no secret.
func TestWeChatSettings(t *testing.T) {
	const secret = "MINI-SECRET"
	good, bad := writeTemplates(t, templatesFile), writeTemplates(t, `{"templates":[{"id":"a","fields":{"name1":"x"}}]}`)
	for name, c := range map[string]struct {
		args, environ []string
		on            bool
		templates     int
		says          string
	}{
		"nothing":                 {},
		"signing in only":         {args: []string{"--wechat-app=wx1"}, environ: []string{"WANGGE_WECHAT_SECRET=" + secret}, on: true},
		"messages too":            {args: []string{"--wechat-app=wx1", "--wechat-templates=" + good}, environ: []string{"WANGGE_WECHAT_SECRET=" + secret}, on: true, templates: 1},
		"no secret":               {args: []string{"--wechat-app=wx1"}, says: "--wechat-app also needs WANGGE_WECHAT_SECRET"},
		"a secret alone":          {environ: []string{"WANGGE_WECHAT_SECRET=" + secret}, says: "WANGGE_WECHAT_SECRET also needs --wechat-app"},
		"templates alone":         {args: []string{"--wechat-templates=" + good}, says: "--wechat-templates also needs --wechat-app"},
		"a field that names":      {args: []string{"--wechat-app=wx1", "--wechat-templates=" + bad}, environ: []string{"WANGGE_WECHAT_SECRET=" + secret}, says: `--wechat-templates: template "a": field "name1"`},
		"templates that are none": {args: []string{"--wechat-app=wx1", "--wechat-templates=" + good + ".none"}, environ: []string{"WANGGE_WECHAT_SECRET=" + secret}, says: "no such file"},
	} {
		conf, _, err := configure("serve", c.args, c.environ, io.Discard)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		client, templates, err := conf.wechat.client()
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if (client != nil) != c.on || len(templates) != c.templates {
			t.Errorf("%s: on %v, %d templates", name, client != nil, len(templates))
		}
	}
}

// A resident signs in by WeChat, accepts some messages, and gets one when their
// ticket moves on; each that went out, also one that was sent again, is taken off.
func TestAMiniProgram(t *testing.T) {
	sent := make(chan string, 100)
	var times atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cgi-bin/stable_token", pushtest.Say(200, `{"access_token":"token-1","expires_in":7200}`))
	mux.HandleFunc("GET /sns/jscode2session", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("js_code") == "garbage" {
			_, _ = io.WriteString(w, "<html>")
			return
		}
		fmt.Fprintf(w, `{"openid":"openid-of-somebody","session_key":"session-key-of-nobody","unionid":"%s"}`, r.URL.Query().Get("js_code"))
	})
	mux.HandleFunc("POST /wxa/business/getuserphonenumber", pushtest.Say(200, `{"errcode":0,"phone_info":{"purePhoneNumber":"13800000001","countryCode":"86","watermark":{"appid":"wx1"}}}`))
	mux.HandleFunc("POST /cgi-bin/message/subscribe/send", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		times.Add(1)
		sent <- string(body)
		_, _ = io.WriteString(w, `{"errcode":0}`)
	})
	service := httptest.NewServer(mux)
	t.Cleanup(service.Close)
	r := startIn(t, []string{"WANGGE_WECHAT_SECRET=secret-of-the-program"}, "--demo", "--data", filled(t), "--wechat-app=wx1", "--wechat-url="+service.URL, "--wechat-templates="+writeTemplates(t, templatesFile))
	if status, a := r.call(t, "POST", "/v1/sessions", "", `{"wechat":{"loginCode":"login-1"}}`); status != 401 || a["code"] != "phone_needed" {
		t.Fatalf("%d %v", status, a)
	}
	if status, a := r.call(t, "POST", "/v1/sessions", "", `{"wechat":{"loginCode":"garbage"}}`); status != 503 || a["code"] != "wechat_unavailable" {
		t.Fatalf("%d %v", status, a)
	}
	resident := r.signIn(t, `{"wechat":{"loginCode":"login-2","phoneCode":"phone-1"}}`)
	atAnyHour(t, r.base, resident)
	if status, a := r.call(t, "POST", "/v1/me/wechat/grants", resident, `{"accepted":[{"template":"template-1","count":10}]}`); status != 200 {
		t.Fatalf("%d %v", status, a)
	}
	lead, worker := r.signIn(t, `{"username":"grid_lead","password":"wangge-demo"}`), r.signIn(t, `{"username":"outreach_worker","password":"wangge-demo"}`)
	_, me := r.call(t, "GET", "/v1/me", worker, "")
	_, c := r.call(t, "GET", "/v1/cells/"+me["posts"].([]any)[0].(map[string]any)["cell"].(map[string]any)["code"].(string)+"?datum=gcj02", lead, "")
	position, _ := json.Marshal(c["centre"])
	status, made := r.call(t, "POST", "/v1/tickets", resident, `{"category":"noise","title":"夜间施工","position":`+string(position)+`}`)
	if status != 201 {
		t.Fatalf("report: %d %v", status, made)
	}
	if status, a := r.call(t, "POST", "/v1/tickets/"+made["id"].(string)+"/transitions", lead, `{"action":"accept"}`); status != 200 {
		t.Fatalf("%d %v", status, a)
	}
	select {
	case text := <-sent:
		if !strings.Contains(text, `"touser":"openid-of-somebody"`) || !strings.Contains(text, "template-1") || strings.Contains(text, "夜间施工") || strings.Contains(text, "13800000001") {
			t.Errorf("sent: %s", text)
		}
	case <-time.After(5 * time.Minute):
		t.Fatal("nothing was sent")
	}
	counted := func() bool {
		_, own := r.call(t, "GET", "/v1/me/wechat", resident, "")
		return own["templates"].([]any)[0].(map[string]any)["left"] == float64(10-times.Load())
	}
	for end := time.Now().Add(5 * time.Minute); !counted(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d were sent of 10, and others are counted", times.Load())
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"openid-of-somebody", "session-key-of-nobody", "login-2", "phone-1", "secret-of-the-program", "token-1"} {
		if strings.Contains(r.out.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}
