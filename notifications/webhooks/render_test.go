package webhooks

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge"
	"wangge/domain/civil"
	"wangge/domain/webhook"
	"wangge/handlers/contracttest"
)

var update = flag.Bool("update", false, "write the golden files")

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func id(n int) string { return fmt.Sprintf("0190a5b0-0000-7000-8000-%012d", n) }

func wholeCase() *webhook.CaseView {
	return &webhook.CaseView{
		ID: id(1), Shown: whole, State: "needs_material", Since: noon, System: "suzhou", Number: "SZ-1", Local: "ST-1", Item: webhook.ItemView{Code: "GS-01", Name: "个体工商户设立", Category: "enterprise"},
		Street: "320508006", Community: "320508006004", Station: id(2), OpenedAt: noon.Add(-time.Hour), AcceptedAt: noon, ClosedAt: noon, DueAt: noon.Add(72 * time.Hour), Provisional: true,
		Missing: []string{"身份证 <复印件>"}, Materials: []webhook.MaterialView{{ID: "m1", Name: "执照", Photos: []string{id(3)}, At: noon}}, Trips: 2, InVain: 1,
		HomeCall: &webhook.HomeCallView{On: civil.DateOf(noon)}, Tickets: []webhook.TicketRef{{ID: id(4), Number: "202611230001", State: "dispatched"}}, Version: 7, UpdatedAt: noon,
	}
}

func wholeTicket() *webhook.TicketView {
	return &webhook.TicketView{
		ID: id(4), Shown: whole, Number: "202611230001", State: "dispatched", Kind: "complaint", Category: "noise", Condition: "night", Urgency: "urgent", Outcome: "fixed",
		Street: "320508006", Community: "320508006004", Cell: "3205080060040001", Organisation: id(5), Reopened: 1, CreatedAt: noon, DueAt: noon, ClosedAt: noon, Version: 3, UpdatedAt: noon,
	}
}

var step = webhook.Step{Action: "ticket.dispatch", From: "accepted", To: "dispatched", At: noon, Partition: id(6), Number: 12}

// messages are one of each kind.
func messages() map[string]webhook.Message {
	message := func(event string, change func(*webhook.Message)) webhook.Message {
		m := webhook.Message{ID: "msg_1", Type: event, At: noon, Sequence: 3, Step: step}
		change(&m)
		return m
	}
	return map[string]webhook.Message{
		"case": message("case.state", func(m *webhook.Message) { m.Case = wholeCase() }),
		"bare case": message("case.opened", func(m *webhook.Message) {
			m.Step.From, m.Case = "", &webhook.CaseView{ID: id(1), Shown: whole, State: "received", Street: "320508006", OpenedAt: noon, Version: 1, UpdatedAt: noon}
		}),
		"sensitive case": message("case.state", func(m *webhook.Message) {
			m.Case = wholeCase()
			m.Case.Shown = "limited"
		}),
		"hidden case": message("case.state", func(m *webhook.Message) {
			m.Case = wholeCase()
			m.Case.Shown = none
		}),
		"step of what leads": message("case.ticket", func(m *webhook.Message) {
			m.Case, m.Ticket = wholeCase(), wholeTicket()
			m.Step.Linked, m.Ticket.State, m.Ticket.MergedInto = id(4), "merged", id(9)
			m.Ticket.Lead = &webhook.LeadView{ID: id(9), State: "closed", Outcome: "fixed", ClosedAt: noon}
			m.Case.Tickets[0].State, m.Case.Tickets[0].Lead = "merged", &webhook.LeadView{State: "closed"}
		}),
		"ticket of a case": message("case.ticket", func(m *webhook.Message) { m.Case, m.Ticket = wholeCase(), wholeTicket() }),
		"link": message("case.linked", func(m *webhook.Message) {
			m.Case, m.Link = wholeCase(), &webhook.LinkView{ID: id(7), Kind: "follow_up", Thing: "visit", Other: id(8)}
		}),
		"ticket": message("ticket.state", func(m *webhook.Message) { m.Ticket = wholeTicket() }),
		"hidden ticket of a case": message("case.ticket", func(m *webhook.Message) {
			m.Case, m.Ticket = wholeCase(), wholeTicket()
			m.Case.Shown, m.Ticket.Shown = "limited", none
		}),
		"hidden ticket": message("ticket.state", func(m *webhook.Message) {
			m.Ticket = wholeTicket()
			m.Ticket.Shown = none
		}),
		"ping": {ID: "msg_2", Type: "ping", At: noon},
	}
}

// fits holds a body to the contract.
func fits(t *testing.T, about string, body []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%s: %v in %s", about, err, body)
	}
	for _, wrong := range contract(t).Value(contract(t).At("/components/schemas/WebhookMessage"), value) {
		t.Errorf("%s: %s", about, wrong)
	}
	if len(body) > bodyMost {
		t.Errorf("%s: %d bytes", about, len(body))
	}
}

var parsed *contracttest.Contract

func contract(t *testing.T) *contracttest.Contract {
	t.Helper()
	if parsed == nil {
		tree, err := contracttest.Parse(wangge.Contract)
		if err != nil {
			t.Fatal(err)
		}
		parsed = contracttest.New(tree)
	}
	return parsed
}

// Each kind of message is as its golden file has it, and fits the contract.
func TestRender(t *testing.T) {
	for name, m := range messages() {
		body, err := Render(m)
		if err != nil {
			t.Fatal(err)
		}
		fits(t, name, body)
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, append(body, '\n'), "", "  "); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".golden.json")
		if *update {
			if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(want, pretty.Bytes()) {
			t.Errorf("%s: %v\n%s", name, err, pretty.Bytes())
		}
		if again, err := Render(m); err != nil || !bytes.Equal(again, body) {
			t.Errorf("%s is not the same twice: %s", name, again)
		}
	}
}

// What is told of a case that is not to be seen is its id.
func TestHiddenTellsNothing(t *testing.T) {
	for _, name := range []string{"hidden case", "hidden ticket", "hidden ticket of a case", "sensitive case"} {
		body, err := Render(messages()[name])
		if err != nil {
			t.Fatal(err)
		}
		if hidden := strings.HasPrefix(name, "hidden"); hidden == bytes.Contains(body, []byte(step.To)) {
			t.Errorf("%s: its states: %s", name, body)
		}
		for _, told := range []string{"SZ-1", "GS-01", "ST-1", "身份证", "noise", "202611230001", id(2), id(3), id(5), id(6)} {
			if bytes.Contains(body, []byte(told)) {
				t.Errorf("%s tells of %s: %s", name, told, body)
			}
		}
	}
}

// The longest case that there may be is cut to its length by the rule: photos
// first, then the older half of the longest list, and what was cut is named.
func TestCut(t *testing.T) {
	type lists struct {
		Materials []struct {
			ID     string
			Photos []string
		}
		Missing, Cut []string
	}
	longest := func(change func(*webhook.CaseView)) lists {
		t.Helper()
		m := messages()["case"]
		change(m.Case)
		body, err := Render(m)
		if err != nil {
			t.Fatal(err)
		}
		fits(t, "a long case", body)
		var out struct {
			Data struct{ Case struct{ Whole lists } }
		}
		if err := json.Unmarshal(body, &out); err != nil {
			t.Fatal(err)
		}
		return out.Data.Case.Whole
	}
	photos := slices.Repeat([]string{id(1)}, 20)
	materials := func(n int, name string, photos []string) (out []webhook.MaterialView) {
		for i := range n {
			out = append(out, webhook.MaterialView{ID: fmt.Sprintf("m%02d", i), Name: name, Photos: photos, At: noon})
		}
		return out
	}
	w := longest(func(c *webhook.CaseView) { c.Materials = materials(50, "执照", photos) })
	if len(w.Materials) != 50 || len(w.Materials[0].Photos) != 0 || !slices.Equal(w.Cut, []string{"photos"}) {
		t.Errorf("%d materials, cut %q", len(w.Materials), w.Cut)
	}
	long := strings.Repeat("证", 200)
	w = longest(func(c *webhook.CaseView) {
		c.Materials, c.Missing = materials(50, long, photos), slices.Repeat([]string{long}, 50)
		c.Tickets = slices.Repeat([]webhook.TicketRef{{ID: id(4), Number: "202611230001", State: "dispatched"}}, 100)
	})
	if len(w.Materials) == 0 || w.Materials[len(w.Materials)-1].ID != "m49" || !slices.Contains(w.Cut, "materials") || !slices.Contains(w.Cut, "missing") {
		t.Errorf("%d materials, %d missing, cut %q", len(w.Materials), len(w.Missing), w.Cut)
	}
	m := messages()["case"]
	m.Case.Item.Name = strings.Repeat("x", bodyMost)
	if body, err := Render(m); err == nil {
		t.Errorf("%d bytes are sent", len(body))
	}
}
