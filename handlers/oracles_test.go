package handlers

import (
	"testing"

	"wangge/domain/ids"
)

// What an answer must not tell beside what it says.
func TestAnswersTellNothingBeside(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		// Whether a phone has an account, of a report on somebody's behalf.
		behalf := func(phone string) *answer {
			return h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "outreach_worker",
				body: draft(inside(niujia, 1), object{"onBehalfOf": object{"name": "王秀英", "phone": phone}})})
		}
		if known, unknown := behalf(h.people["resident"].phone), behalf("13911110000"); known.at("/reporter/id") != nil || unknown.at("/reporter/id") != nil {
			t.Errorf("%s, %s", known.body, unknown.body)
		}
		// How many internal comments there are, to who reported.
		id := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: parked(ids.New())}).text("/id")
		for _, internal := range []bool{true, false, true} {
			h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "grid_lead", body: object{"text": "已联系", "internal": internal}})
		}
		for who, want := range map[string]float64{"resident": 1, "grid_lead": 3} {
			if a := h.see(t, id, who); a.at("/comments") != want {
				t.Errorf("%s: %v comments", who, a.at("/comments"))
			}
		}
	})
}
