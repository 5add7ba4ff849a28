package ticket

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "t", Partition: "s", Version: 3, Seq: 17, Schema: 5, Audience: []string{"key"}}
	at := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	position := place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, AccuracyM: new(7.5), Datum: geo.GCJ02}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	whole := &Ticket{
		Meta: meta, Number: "320508001-261123-7", Kind: "help", Category: "parking", Condition: "blocked_exit", Source: FromWorker, Urgency: "urgent",
		Title: "通道被堵", Description: "说明", Address: "大儒巷8号", Sent: "blind index", Position: &position, Place: at, Boundary: "b", OpenKey: 12345,
		Public:   &published{ID: "20261123-hash", Spot: "0000000030d4-20261123-hash", GridPoint: geo.GridPoint{Lon: 1_206_002_500, Lat: 312_997_500}},
		Reporter: "resident", ReportedBy: "worker", SentBy: "worker", Anonymous: true, Contact: &Contact{Name: sealed, NameMasked: "王*", Phone: sealed, PhoneMasked: "138****0001"}, Links: []Link{{"stop", "st"}},
		State: Closed, Assignee: mender, Helpers: []access.Assignee{org}, Involved: []string{"assignee", "org"}, Handled: []string{"assignee"}, Reviewers: []string{"lead"},
		Outcome: "fixed", Verified: "phone", Reopened: 1, Photos: []Photo{{"p", After, "assignee", noon}}, Comments: 2, Internal: 1,
		Steps:     []Step{{Version: 2, Note: "备注", Reason: "原因", Was: &Replaced{"noise", &position, at}, Happened: &domain.Happened{At: noon, SkewS: -1.5, DelayH: 2}}},
		CreatedAt: noon, Happened: &domain.Happened{At: noon.Add(-time.Hour), SkewS: 1.5, DelayH: 1}, UpdatedAt: noon.Add(time.Hour), ShownAt: noon.Add(time.Hour), DueAt: noon.Add(24 * time.Hour), StartedAt: noon.Add(time.Minute), ResumeAt: noon.Add(2 * time.Hour), ClosedAt: noon.Add(3 * time.Hour), NextAt: noon.Add(2 * time.Hour),
		RejectedAt: noon.Add(4 * time.Hour), Returned: &Returned{At: noon, Why: Gone, From: mender}, Applied: []string{"action"},
	}
	for _, earlier := range []string{"tickets.schema1.json", "tickets.schema2.json", "tickets.schema3.json", "tickets.schema4.json"} {
		storetest.GoldenOf(t, collection, filepath.Join("testdata", earlier), golden("tickets"))
	}
	whole.Days, whole.Policy, whole.Served, whole.Unshown, whole.Resolved = 7, "1/3205.0/320508001.2", []string{"community"}, []int64{2}, &Resolution{"assignee", noon.Add(2 * time.Hour)} // which earlier programs did not keep
	whole.Joined, whole.Merges = &Joined{Into: "another", At: noon, State: Suspended, DueAt: noon.Add(24 * time.Hour), ResumeAt: noon.Add(2 * time.Hour)}, 3
	whole.Clocks = []clocks.Clock{{Kind: clocks.Handle, Round: 2, StartedAt: noon, Term: clocks.Term{Count: 3, Unit: clocks.WorkingDay}, By: noon.Add(24 * time.Hour), Policy: "1/3205.0/320508001.2", Charged: "org",
		Changes: []clocks.Change{{What: clocks.Stood, At: noon, Why: "resolved"}, {What: clocks.WentOn, At: noon.Add(time.Hour), AtLeast: clocks.Term{Count: 1, Unit: clocks.WorkingDay}}, {What: clocks.Extended, At: noon, Until: noon.Add(48 * time.Hour), By: "dispatcher"}},
		ToldAt:  noon, TellAt: noon.Add(time.Hour), Rung: 2, MetAt: noon.Add(3 * time.Hour), FirstMetAt: noon.Add(time.Hour), FirstDueAt: noon.Add(2 * time.Hour), EndedAt: noon.Add(4 * time.Hour), EndedAs: clocks.Met, DueAt: noon.Add(5 * time.Hour), BareDueAt: noon.Add(4 * time.Hour), Provisional: true}}
	whole.Contact.Index, whole.Household = "blind index", "h"
	whole.Marks, whole.LookAt, whole.Offer = []string{"-lead"}, "s", &Offer{State: Disputed, Place: at, Position: &position, Found: []place.Candidate{{ID: "suzhou:3205", Source: place.FromStandard, Text: "大儒巷8幢", Position: position, Place: at, Confidence: 0.5}},
		Category: "parking", By: "lead", At: noon, Reason: "原因", DueAt: noon.Add(time.Hour), Late: true, Refusal: "退回原因", RefusedBy: "other", RefusedAt: noon.Add(time.Minute)}
	whole.Bounces, whole.AllottedAt, whole.Escalated, whole.EscalatedAt, whole.Returned.By, whole.Returned.Reason = 2, noon, true, noon, "handler", "不属本单位"
	whole.Requests = []Request{{Kind: ForExtension, By: "handler", At: noon, Reason: "等配件", Facts: "新情况", Until: noon.Add(24 * time.Hour), Of: org, Street: "s", State: RequestLapsed, Level: policy.ToDispatcher, Endorse: true, DueAt: noon.Add(time.Hour),
		Steps: []Decision{{"lead", noon, Endorsed, "同意"}}, Persons: []string{"handler", "lead"}, Why: EndOver, Charged: []string{"dispatcher"}}}
	whole.Convened = []Convened{{Organisation: "water", By: "dispatcher", At: noon, Reason: "管网改造", State: Upheld, DueAt: noon.Add(time.Hour), Late: true, AttendedAt: noon, DeclinedAt: noon, Why: "不属本局", RuledAt: noon, EndedAt: noon}}
	whole.Question, whole.Asked, whole.Unanswered, whole.Said = &Question{"哪一户？", "lead", noon, Accepted, noon.Add(time.Hour), noon.Add(2 * time.Hour), true}, 1, true, &Said{true, "好了", noon}
	whole.Urged, whole.Supervised, whole.Backlog = []time.Time{noon}, []Supervision{{"manager", noon, "久拖不决"}}, &Backlog{"围挡", "dispatcher", noon, noon, noon.Add(24 * time.Hour), true, noon.Add(48 * time.Hour)}
	whole.SuspendedAt, whole.SuspendedS = noon, 3600
	whole.Steps = append(whole.Steps, Step{Version: 3, Question: "哪一户？", Answer: "三楼", Measures: "围挡"})
	whole.Climbed = &Climbed{Resolved, access.Street, noon}
	whole.Parts, whole.Steps[0].Helper, whole.Parent, whole.Children = []Part{{org, PartDoing, noon}}, &org, "parent", []Offspring{{"child", "320508001-261123-8", Closed, NotFixed, true}}
	storetest.Golden(t, collection, whole, golden("ticketsDecided"))
	whole.Candidates = []place.Candidate{{ID: "suzhou:3205", Source: place.FromStandard, Text: "大儒巷8幢", Position: position, Place: at, Confidence: 0.5}}
	storetest.Golden(t, collection, whole, golden("ticketsSought"))
	meta.Schema = 1
	storetest.Golden(t, followers, &Follower{Meta: meta, Ticket: "t", Account: "resident", Public: "20261123-hash", Note: "我家也是", At: noon}, golden("followers"))
	storetest.Golden(t, comments, &Comment{Meta: meta, Ticket: "t", Author: "worker", Staff: true, Text: "已到现场", Internal: true, At: noon, Happened: &domain.Happened{At: noon, SkewS: 2.5, DelayH: 3}}, golden("comments"))
	storetest.Golden(t, reckonings, &reckoning{Meta: meta, At: noon}, golden("reckonings"))
}
