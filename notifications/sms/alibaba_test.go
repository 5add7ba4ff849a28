package sms

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/sms"
)

// cloud is a stand-in for a service: it answers as the test says, and keeps what it was asked.
type cloud struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []url.Values
	answer http.HandlerFunc
}

func stand(t *testing.T, answer http.HandlerFunc) *cloud {
	t.Helper()
	c := &cloud{answer: answer}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		q := r.URL.Query()
		q.Set("Action", r.Header.Get("X-Acs-Action"))
		q.Set("Authorization", r.Header.Get("Authorization"))
		c.asked = append(c.asked, q)
		answer := c.answer
		c.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// answers has it answer otherwise from now on; a call before may still be under way.
func (c *cloud) answers(answer http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const phone, oneTime, secretKey = "13800000009", "482915", "the key's secret"

var tried = time.Date(2026, 11, 23, 17, 30, 0, 0, time.UTC) // the 24th in China

func message() sms.Message {
	return sms.Message{ID: "0190a5b0-0000-7000-8000-000000000001", Template: sms.Code, Phone: phone, Code: oneTime, Tried: tried}
}

func alibaba(at string) *Alibaba {
	return NewAlibaba(Account{URL: at, KeyID: "key", KeySecret: secretKey, Signature: "苏州网格", Templates: map[sms.Template]string{sms.Code: "SMS_1", sms.Urgent: "SMS_2"}})
}

func TestAlibabaSends(t *testing.T) {
	c := stand(t, says(200, `{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"F655A8D5"}`))
	s := alibaba(c.URL)
	if o := s.Send(t.Context(), message()); o != (delivery.Outcome{State: delivery.Taken, Key: "900619746936498440^0"}) {
		t.Errorf("%+v", o)
	}
	urgent := message()
	urgent.Template, urgent.Code = sms.Urgent, ""
	s.Send(t.Context(), urgent)
	if auth := c.asked[0].Get("Authorization"); !strings.Contains(auth, "Credential=key") {
		t.Errorf("signed %q", auth)
	}
	for i, want := range []map[string]string{
		{"Action": "SendSms", "PhoneNumbers": phone, "SignName": "苏州网格", "TemplateCode": "SMS_1", "TemplateParam": `{"code":"` + oneTime + `"}`, "OutId": message().ID},
		{"TemplateCode": "SMS_2", "TemplateParam": "{}"},
	} {
		for name, value := range want {
			if got := c.asked[i].Get(name); got != value {
				t.Errorf("call %d, %s: %q", i, name, got)
			}
		}
		for name, values := range c.asked[i] {
			if strings.Contains(strings.Join(values, ""), secretKey) {
				t.Errorf("%s tells the secret", name)
			}
		}
	}
}

// What the service says is one of: taken, later, never, broken, or not known.
func TestAlibabaAnswers(t *testing.T) {
	c := stand(t, nil)
	s := alibaba(c.URL)
	bad := func(code string) string { return `{"Code":"` + code + `","Message":"` + phone + `","RequestId":"1"}` }
	for name, a := range map[string]struct {
		answer http.HandlerFunc
		want   delivery.State
		code   string
	}{
		"too many to the number":       {says(200, bad("isv.BUSINESS_LIMIT_CONTROL")), delivery.Later, "isv.BUSINESS_LIMIT_CONTROL"},
		"an error of theirs":           {says(200, bad("isp.SYSTEM_ERROR")), delivery.Later, "isp.SYSTEM_ERROR"},
		"too many calls":               {says(400, bad("Throttling.User")), delivery.Later, "Throttling.User"},
		"no balance":                   {says(200, bad("isv.OUT_OF_SERVICE")), delivery.Broken, "isv.OUT_OF_SERVICE"},
		"no permission":                {says(200, bad("isp.RAM_PERMISSION_DENY")), delivery.Broken, "isp.RAM_PERMISSION_DENY"},
		"a signature not registered":   {says(200, bad("isv.SMS_SIGNATURE_ILLEGAL")), delivery.Broken, "isv.SMS_SIGNATURE_ILLEGAL"},
		"a signature that is refused":  {says(200, bad("SIGN_NOT_APPROVED")), delivery.Broken, "SIGN_NOT_APPROVED"},
		"a wrong key":                  {says(404, bad("InvalidAccessKeyId.NotFound")), delivery.Broken, "InvalidAccessKeyId.NotFound"},
		"no number":                    {says(200, bad("isv.MOBILE_NUMBER_ILLEGAL")), delivery.Never, "isv.MOBILE_NUMBER_ILLEGAL"},
		"a word that holds the number": {says(200, bad("isv."+phone)), delivery.Never, "answer"},
		"a text for a word":            {says(200, bad("号码 无效")), delivery.Never, "answer"},
		"500":                          {says(500, bad("InternalError")), sms.Unsure, "status"},
		"502 with a page":              {says(502, "<html>"), sms.Unsure, "answer"},
		"garbage":                      {says(200, "<html>"), sms.Unsure, "answer"},
		"nothing":                      {says(200, ""), sms.Unsure, "answer"},
		"another JSON":                 {says(200, `[1]`), sms.Unsure, "answer"},
		"no word":                      {says(200, `{}`), sms.Unsure, "answer"},
		"a word that is none":          {says(200, `{"Code":7}`), delivery.Never, "7"},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat(" ", 64<<10))); err != nil {
					return
				}
			}
		}, sms.Unsure, "long"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, c.URL+"/other?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		}, sms.Unsure, "answer"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, sms.Unsure, "answer"},
	} {
		c.answers(a.answer)
		if o := s.Send(t.Context(), message()); o.State != a.want || o.Code != a.code {
			t.Errorf("%s: %+v", name, o)
		}
	}
	gone := alibaba("http://127.0.0.1:1")
	if o := gone.Send(t.Context(), message()); o.State != delivery.Later || o.Code != "connect" {
		t.Errorf("nobody is there: %+v", o)
	}
}

// A service that never answers is waited for until ctx ends, and may have sent.
func TestAlibabaNeverAnswers(t *testing.T) {
	asked := make(chan struct{})
	c := stand(t, func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-asked; stop() }()
	if o := alibaba(c.URL).Send(ctx, message()); o.State != sms.Unsure {
		t.Errorf("%+v", o)
	}
}

func TestAlibabaFinds(t *testing.T) {
	c := stand(t, nil)
	s := alibaba(c.URL)
	detail := func(id string, status int, code string) string {
		return string(must(json.Marshal(map[string]any{"OutId": id, "SendStatus": status, "ErrCode": code, "PhoneNum": phone, "Content": "【苏州网格】" + oneTime}))(t))
	}
	found := func(details ...string) http.HandlerFunc {
		return says(200, `{"Code":"OK","TotalCount":"1","SmsSendDetailDTOs":{"SmsSendDetailDTO":[`+strings.Join(details, ",")+`]}}`)
	}
	id, failed := message().ID, errors.New("any")
	for name, a := range map[string]struct {
		answer http.HandlerFunc
		want   sms.Receipt
		err    error
	}{
		"none":             {found(), sms.Receipt{}, nil},
		"no list":          {says(200, `{"Code":"OK"}`), sms.Receipt{}, nil},
		"another's":        {found(detail("another", 3, "DELIVERED")), sms.Receipt{}, nil},
		"no receipt yet":   {found(detail("another", 3, ""), detail(id, 1, "")), sms.Receipt{State: sms.Accepted}, nil},
		"delivered":        {found(detail(id, 3, "DELIVERED")), sms.Receipt{State: sms.Delivered}, nil},
		"failed":           {found(detail(id, 2, "MK:0001")), sms.Receipt{State: sms.Failed, Code: "MK:0001"}, nil},
		"failed, in words": {found(detail(id, 2, "号码 "+phone)), sms.Receipt{State: sms.Failed, Code: "answer"}, nil},
		"another state":    {found(detail(id, 9, "")), sms.Receipt{}, nil},
		"refused":          {says(200, `{"Code":"isv.LIMIT","Message":"`+phone+`"}`), sms.Receipt{}, failed},
		"500":              {says(500, `{"Code":"InternalError","Message":"`+phone+`"}`), sms.Receipt{}, failed},
		"garbage":          {says(200, "<html>"), sms.Receipt{}, failed},
	} {
		c.answers(a.answer)
		got, err := s.Find(t.Context(), message())
		if got != a.want || (err != nil) != (a.err != nil) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), phone) || strings.Contains(err.Error(), c.URL)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if q := c.asked[0]; q.Get("Action") != "QuerySendDetails" || q.Get("PhoneNumber") != phone || q.Get("SendDate") != "20261124" || q.Has("BizId") {
		t.Errorf("asked %v", q)
	}
}

func FuzzWord(f *testing.F) {
	for _, s := range []string{"OK", "isv.MOBILE_NUMBER_ILLEGAL", phone, "MK:0001", "", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := word(s)
		if w == "" || len(w) > 64 || digits.MatchString(w) || !wordForm.MatchString(w) {
			t.Errorf("%q: %q", s, w)
		}
	})
}
