package webhook

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/personal"
	"wangge/domain/retry"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "t", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	later := noon.Add(time.Hour)
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, targets, &Target{Meta: meta, Title: "一网通办", Account: "machine", System: "rnd", URL: "https://hooks.example/in", Events: []string{"case.*"}, State: Disabled, Why: Gone,
		Secrets: []Secret{{"secret", personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, noon, later}}, Sent: "1.sent", CreatedAt: noon, UpdatedAt: later}, golden("webhookTargets"))
	storetest.Golden(t, streams, &Stream{Meta: meta, Target: "target", Thing: Case, Of: "case", Last: 7, Next: 5, DueAt: later, Left: true, Expires: later}, golden("webhookStreams"))
	storetest.Golden(t, deliveries, &Delivery{Meta: meta, Target: "target", Stream: "stream", Thing: Case, Of: "case", Sequence: 5, Event: CaseState,
		Step: Step{"intakeCases", "case", 4, "street", 99, "case.accept", "received", "accepted", noon, "link", "joined"}, At: noon, State: Dead, Body: []byte("{}"), Tries: 10, DueAt: later, EndedAt: later,
		Attempts: []Attempt{{noon, 503, "timeout", 1500 * time.Millisecond, time.Minute}}, Expires: later}, golden("webhookDeliveries"))
	storetest.Golden(t, circuits, &Circuit{meta, retry.Circuit{Failures: 6, OpenUntil: later}}, golden("webhookCircuits"))
}
