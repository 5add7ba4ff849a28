package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/ids"
	"wangge/notifications/push/pushtest"
)

// A way is on with its settings and off without; half of them is an error that names the other half, and no secret.
func TestPushChannels(t *testing.T) {
	const master, webhook = "MASTER-SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	garbage := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(garbage, []byte(`{"type":"authorized_user","private_key":"MASTER-SECRET"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args, environ []string
		on            []delivery.Way
		says          []string // the error
	}{
		"nothing":              {},
		"JPush":                {args: []string{"--jpush-key=k"}, environ: []string{"WANGGE_JPUSH_SECRET=" + master}, on: []delivery.Way{delivery.JPush}},
		"Getui":                {args: []string{"--getui-app=a", "--getui-key=k"}, environ: []string{"WANGGE_GETUI_SECRET=" + master}, on: []delivery.Way{delivery.Getui}},
		"a gateway and robots": {args: []string{"--push-gateway=https://push.example.org/in", "--robots"}, environ: []string{"WANGGE_PUSH_GATEWAY_SECRET=" + webhook}, on: []delivery.Way{delivery.Gateway, delivery.Robot}},
		"halves":               {args: []string{"--jpush-key=k", "--getui-app=a", "--push-gateway=https://push.example.org"}, says: []string{"--jpush-key also needs WANGGE_JPUSH_SECRET", "--getui-app also needs --getui-key and WANGGE_GETUI_SECRET", "--push-gateway also needs WANGGE_PUSH_GATEWAY_SECRET"}},
		"a secret alone":       {environ: []string{"WANGGE_JPUSH_SECRET=" + master}, says: []string{"WANGGE_JPUSH_SECRET also needs --jpush-key"}},
		"a wrong secret":       {args: []string{"--push-gateway=https://push.example.org"}, environ: []string{"WANGGE_PUSH_GATEWAY_SECRET=" + master}, says: []string{"WANGGE_PUSH_GATEWAY_SECRET"}},
		"a wrong key file":     {args: []string{"--fcm-key-file=" + garbage}, says: []string{"--fcm-key-file: fcm: the key file is not that of a service account"}},
		"no key file":          {args: []string{"--fcm-key-file=" + garbage + ".none"}, says: []string{"--fcm-key-file", "no such file"}},
	} {
		conf, _, err := configure("serve", c.args, c.environ, &bytes.Buffer{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		channels, err := conf.push.channels(t.Context())
		if len(c.says) == 0 {
			if on := slices.Sorted(maps.Keys(channels)); err != nil || !slices.Equal(on, c.on) {
				t.Errorf("%s: %v, %v", name, on, err)
			}
			continue
		}
		for _, part := range c.says {
			if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), master) {
				t.Errorf("%s: %v, want %q", name, err, part)
			}
		}
	}
}

// Apps register by ways that are for apps.
func TestRegistrable(t *testing.T) {
	if got := registrable([]delivery.Way{delivery.SMS, delivery.Robot, delivery.Gateway, delivery.FCM}); !slices.Equal(got, []delivery.Way{delivery.FCM, delivery.Gateway}) {
		t.Error(got)
	}
}

// What happens to a ticket reaches the phones of those whom it concerns, by the
// ways that they registered by, once and without a word of what it is about; a
// group's robot is tried.
func TestPushesReachPhones(t *testing.T) {
	got := make(chan pushtest.Asked, 100)
	tell := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- pushtest.Asked{Request: r, Content: body}
			answer(w, r)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v3/push/cid", pushtest.Say(200, `{"cidlist":["key-1"]}`))
	mux.HandleFunc("POST /v3/push", tell(pushtest.Say(200, `{"sendno":"0","msg_id":"1"}`)))
	mux.HandleFunc("POST /gateway", tell(pushtest.Say(204, "")))
	mux.HandleFunc("POST /cgi-bin/webhook/send", tell(pushtest.Say(200, `{"errcode":0}`)))
	service := httptest.NewServer(mux)
	t.Cleanup(service.Close)
	r := startIn(t, []string{"WANGGE_JPUSH_SECRET=master", "WANGGE_PUSH_GATEWAY_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		"--demo", "--data", filled(t), "--jpush-key=app", "--jpush-url="+service.URL, "--push-gateway="+service.URL+"/gateway", "--robots", "--wecom-url="+service.URL)
	resident := r.signIn(t, `{"phone":"13800000001","code":"000000"}`)
	lead, worker := r.signIn(t, `{"username":"grid_lead","password":"wangge-demo"}`), r.signIn(t, `{"username":"outreach_worker","password":"wangge-demo"}`)
	for token, device := range map[string]string{resident: `"way":"gateway","address":"residents-phone","platform":"harmony"`, worker: `"way":"jpush","address":"workers-phone","platform":"android"`} {
		if status, a := r.call(t, "PUT", "/v1/me/devices/"+ids.New(), token, `{`+device+`,"language":"zh-CN","at":"`+time.Now().UTC().Format(time.RFC3339)+`"}`); status != 200 {
			t.Fatalf("registered: %d %v", status, a)
		}
		atAnyHour(t, r.base, token)
	}
	_, me := r.call(t, "GET", "/v1/me", worker, "")
	cell := me["posts"].([]any)[0].(map[string]any)["cell"].(map[string]any)["code"].(string)
	_, c := r.call(t, "GET", "/v1/cells/"+cell+"?datum=gcj02", lead, "")
	position, _ := json.Marshal(c["centre"])
	status, made := r.call(t, "POST", "/v1/tickets", resident, `{"category":"noise","title":"夜间施工","position":`+string(position)+`}`)
	if status != 201 {
		t.Fatalf("report: %d %v", status, made)
	}
	for _, body := range []string{`{"action":"accept"}`, `{"action":"dispatch","assignee":{"kind":"person","id":"` + me["id"].(string) + `"}}`} {
		if status, a := r.call(t, "POST", "/v1/tickets/"+made["id"].(string)+"/transitions", lead, body); status != 200 {
			t.Fatalf("%s: %d %v", body, status, a)
		}
	}
	manager := r.signIn(t, `{"username":"street_manager","password":"wangge-demo"}`)
	status, group := r.call(t, "POST", "/v1/robots", manager, `{"title":"群","service":"wecom","area":"`+cell[:9]+`","url":"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=group-key-1","language":"zh-CN"}`)
	if status != 201 {
		t.Fatalf("robot: %d %v", status, group)
	}
	if status, a := r.call(t, "POST", "/v1/robots/"+group["id"].(string)+"/test", manager, ""); status != 202 {
		t.Fatalf("trying the robot: %d %v", status, a)
	}
	for phones := map[string]bool{"workers-phone": true, "residents-phone": true, "group-key-1": true}; len(phones) > 0; {
		select {
		case asked := <-got:
			text := asked.URL.String() + string(asked.Content)
			for phone := range phones {
				if strings.Contains(text, phone) {
					delete(phones, phone)
				}
			}
			if strings.Contains(text, "夜间施工") || strings.Contains(text, "13800000001") {
				t.Errorf("told to a lock screen: %s", text)
			}
		case <-time.After(5 * time.Minute):
			t.Fatalf("nothing went to %v", phones)
		}
	}
	for _, address := range []string{"workers-phone", "residents-phone", "group-key-1"} {
		if strings.Contains(r.out.String(), address) {
			t.Errorf("the log has %s", address)
		}
	}
}
