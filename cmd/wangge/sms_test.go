package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Outside the demonstration a resident signs in by a code that comes to their phone.
func TestAResidentSignsInByPhone(t *testing.T) {
	params := make(chan string, 1)
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Has("TemplateParam") {
			params <- q.Get("TemplateParam")
		}
		_, _ = io.WriteString(w, `{"Code":"OK","BizId":"900619^0"}`)
	}))
	defer cloud.Close()
	dir := t.TempDir()
	r := startIn(t, []string{"WANGGE_SMS_KEY_ID=key", "WANGGE_SMS_KEY_SECRET=the secret of the key", "WANGGE_ADMIN_PASSWORD=the-first-password"},
		"--data", dir, "--sms-service", "alibaba", "--sms-url", cloud.URL, "--sms-signature", "苏州网格", "--sms-templates", "code=SMS_1,urgent=SMS_2")
	if status, got := r.call(t, "POST", "/v1/codes", "", `{"phone":"13800000001"}`); status != 202 {
		t.Fatalf("%d %v", status, got)
	}
	var code string
	select {
	case text := <-params:
		code = regexp.MustCompile(`[0-9]{6}`).FindString(text)
	case <-time.After(2 * time.Minute):
		t.Fatal("no code was sent")
	}
	status, in := r.call(t, "POST", "/v1/sessions", "", `{"phone":"13800000001","code":"`+code+`"}`)
	if status != 201 {
		t.Fatalf("%d %v", status, in)
	}
	admin := r.signIn(t, `{"username":"admin","password":"the-first-password"}`)
	_, channels := r.call(t, "GET", "/v1/channels", admin, "") // what is urgent goes out by the same service, last of all
	for _, c := range channels["items"].([]any) {
		if way := c.(map[string]any); way["configured"] != (way["way"] == "sms") {
			t.Errorf("a channel: %v", way)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"13800000001", code, "secret of the key"} {
		if strings.Contains(r.out.String(), secret) {
			t.Errorf("the log has %s:\n%s", secret, r.out)
		}
	}
}

// What is missing is named before anything is served.
func TestSMSSettings(t *testing.T) {
	c, _, err := configure("serve", []string{"--sms-service", "alibaba", "--sms-templates", "code=SMS_1"}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.sms.sender()
	for _, name := range []string{"WANGGE_SMS_KEY_ID", "WANGGE_SMS_KEY_SECRET", "WANGGE_SMS_SIGNATURE", "urgent"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	for _, args := range [][]string{{"--sms-service", "pigeon"}, {"--sms-templates", "code"}, {"--sms-templates", "other=1"}, {"--sms-budget", "0"}, {"--sms-budget", "nan"}, {"--sms-price", "-1"}, {"--sms-url", "dysmsapi"}} {
		if _, _, err := configure("serve", args, nil, io.Discard); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
