package handlers

import (
	"fmt"
	"strings"
	"testing"

	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
)

const robotKey = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"

// theRobot is one of a group in the street, with other fields than the usual.
func theRobot(change object) object {
	out := object{"title": "平江街道网格群", "service": "wecom", "area": pingjiang, "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + robotKey, "kinds": []string{"ticket_overdue"}, "language": "zh-CN"}
	for k, v := range change {
		out[k] = v
	}
	return out
}

// robot is a new one of the street; its id. There are not more than a street may have.
func (h *harness) robot(t *testing.T) string {
	t.Helper()
	id := ids.New()
	made := h.do(t, call{method: "POST", url: "/v1/robots", as: "admin", body: theRobot(object{"id": id})})
	if made.status == 409 && made.text("/code") == "limit_reached" {
		for _, item := range h.get(t, "/v1/robots", "admin").items("/items") {
			h.must(t, 204, matched(call{method: "DELETE", url: "/v1/robots/" + item.(map[string]any)["id"].(string), as: "admin"}))
		}
		made = h.do(t, call{method: "POST", url: "/v1/robots", as: "admin", body: theRobot(object{"id": id})})
	}
	if made.status != 201 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	return id
}

const (
	ofRobot200 = "401 403 403 403 403 403 403 403 403 200 200"
	ofRobot404 = "401 403 403 403 403 403 403 403 403 404 404"
)

func ofRobot(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		c := call{method: method, url: "/v1/robots/" + h.robot(t) + path, body: body}
		if path == "" {
			c = matched(c)
		}
		return c
	}
}

// robotCrashes are the routes of robots that take a key.
var robotCrashes = []crash{
	{"POST /v1/robots", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/robots", as: "street_manager", body: theRobot(nil)}
	}},
	{"PATCH /v1/robots/:id", func(t *testing.T, h *harness) call {
		return ofRobot("PATCH", "", object{"enabled": false})(t, h, "").by("street_manager")
	}},
	{"DELETE /v1/robots/:id", func(t *testing.T, h *harness) call { return ofRobot("DELETE", "", nil)(t, h, "").by("street_manager") }},
}

// A robot's address is never answered back, nor in the log or the journal.
func TestRobots(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		const secret = "SEC00112233445566"
		id := ids.New()
		create := call{method: "POST", url: "/v1/robots", as: "street_manager", body: theRobot(object{"id": id, "service": "dingtalk", "area": niujia, "url": "https://oapi.dingtalk.com/robot/send?access_token=" + robotKey, "secret": secret})}
		made := h.must(t, 201, create)
		if made.text("/key") != "****5aaa" || made.at("/signed") != true || made.text("/area/code") != niujia || made.at("/enabled") != true {
			t.Errorf("%s", made.body)
		}
		h.must(t, 201, create) // the same again
		all := string(made.body) + string(h.get(t, "/v1/robots", "street_manager").body) + string(h.get(t, "/v1/robots/"+id, "admin").body)
		patched := h.must(t, 200, matched(call{method: "PATCH", url: "/v1/robots/" + id, as: "street_manager", body: object{"url": "https://oapi.dingtalk.com/robot/send?access_token=another-key-0001", "kinds": []string{}, "language": "en"}}))
		if patched.text("/key") != "****0001" || patched.at("/signed") != false || len(patched.items("/kinds")) != 0 || patched.text("/language") != "en" {
			t.Errorf("%s", patched.body)
		}
		h.must(t, 202, call{method: "POST", url: "/v1/robots/" + id + "/test", as: "street_manager"})
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/robots/" + id, as: "street_manager", body: object{"enabled": false}}))
		if a := h.must(t, 409, call{method: "POST", url: "/v1/robots/" + id + "/test", as: "street_manager"}); a.text("/code") != "wrong_state" {
			t.Errorf("%s", a.body)
		}
		for range 2 {
			h.must(t, 204, matched(call{method: "DELETE", url: "/v1/robots/" + id, as: "street_manager"}))
		}
		h.must(t, 404, call{method: "GET", url: "/v1/robots/" + id, as: "street_manager"})
		all += string(patched.body) + h.logs.String()
		for _, entry := range worldtest.Journal(t, h.Store, area.CityPartition) {
			all += fmt.Sprintf("%+v", *entry)
		}
		for _, never := range []string{robotKey, secret, "another-key", "qyapi", "oapi"} {
			if strings.Contains(all, never) {
				t.Errorf("%s is told", never)
			}
		}
	})
}

// What is no robot of the services is no address that the program calls.
func TestRobotsRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		post := func(change object) call {
			return call{method: "POST", url: "/v1/robots", as: "street_manager", body: theRobot(change)}
		}
		scenarios := []scenario{
			{name: "nothing", call: call{method: "POST", url: "/v1/robots", as: "street_manager", body: object{}}, status: 422, pointers: []string{"/area", "/language", "/service", "/title", "/url"}},
			{name: "another street", call: call{method: "POST", url: "/v1/robots", as: "other street_manager", body: theRobot(nil)}, status: 403},
			{name: "a county", call: post(object{"area": "320508"}), status: 422, pointers: []string{"/area"}},
			{name: "no kind, and another twice", call: post(object{"kinds": []string{"ticket_overdue", "ticket_overdue"}}), status: 422},
			{name: "a secret of WeCom", call: post(object{"secret": "SEC00112233445566"}), status: 422, pointers: []string{"/secret"}},
			{name: "a secret that is none", call: post(object{"service": "dingtalk", "url": "https://oapi.dingtalk.com/robot/send?access_token=" + robotKey, "secret": "a b"}), status: 422, pointers: []string{"/secret"}},
		}
		for i, url := range []string{"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + robotKey, "https://qyapi.weixin.qq.com.evil.net/cgi-bin/webhook/send?key=" + robotKey, "https://qyapi.weixin.qq.com@evil.net/cgi-bin/webhook/send?key=" + robotKey,
			"https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=" + robotKey, "https://qyapi.weixin.qq.com/cgi-bin/other?key=" + robotKey, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a&key=b",
			"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=..%2F..%2Fx%20y", "https://oapi.dingtalk.com/robot/send?access_token=" + robotKey, "https://169.254.169.254/latest", "file:///etc/passwd"} {
			scenarios = append(scenarios, scenario{name: fmt.Sprint("address ", i), call: post(object{"url": url}), status: 422, pointers: []string{"/url"}})
		}
		h.play(t, scenarios)
		for range 20 {
			h.must(t, 201, post(nil))
		}
		h.Robots.On = false
		h.play(t, []scenario{
			{name: "off", call: post(nil), status: 409, code: "way_off"},
		})
		h.Robots.On = true
		h.play(t, []scenario{
			{name: "too many", call: post(nil), status: 409, code: "limit_reached"},
		})
	})
}
