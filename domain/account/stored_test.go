package account

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "city", Version: 3, Seq: 7, Schema: 2, Audience: []string{"key"}}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, collection, &Account{
		Meta: meta, Username: "wang", Name: "王小明", NameSealed: sealed, NameMasked: "王*明",
		Phone: sealed, PhoneIndex: "index of the phone", PhoneMasked: "138****0007", PhoneProved: morning, PhoneSince: morning.Add(-quarantine), HeldSince: morning.Add(-time.Hour), Password: "$argon2id$…",
		Grants:       []Grant{{access.OutreachWorker, access.Community, "area-id"}, {Role: access.Resident}},
		Organisation: "organisation-id", Language: "zh-CN", Disabled: true, Machine: true, Created: morning, Epoch: 2,
		Sort: "wang", Keys: []string{"outreach_worker@area-id", "text:wa", "text:wan", "text:wang", "text:王小", "text:王小明"},
	}, golden("accounts"))
	storetest.GoldenOf(t, collection, filepath.Join("testdata", "accounts.schema1.json"), golden("accounts.upgraded"))
	meta.Schema = 1
	storetest.Golden(t, sessions, &Session{
		Meta: meta, Account: "account-id", Epoch: 2, Family: "hash of the family secret", Token: "hash of the secret", Before: "hash of the secret before", Number: 7, Derived: true, Address: "index of the network", Phone: "index of the phone", Way: "id at the service",
		Started: morning, Used: morning.Add(time.Minute), Expires: morning.Add(idle), End: "reuse",
	}, golden("sessions"))
	storetest.Golden(t, codes, &code{
		Meta: meta, Hash: "hash of the code", Sent: morning, Tries: 2, Expires: morning.Add(codeLasts),
	}, golden("codes"))
	storetest.Golden(t, covers, &Cover{
		Meta: meta, Absent: "account-id", StandIn: "another-id", From: morning, Until: morning.Add(time.Hour), Why: "leave", By: "manager-id", At: morning, Sent: "index of what was sent",
		People: []string{"account-id", "another-id"}, Areas: []string{"", "area-id"},
	}, golden("covers"))
	storetest.Golden(t, rosters, &Roster{
		Meta: meta, Street: "street-id", Month: "2026-11", Shifts: []DutyShift{{"account-id", morning, morning.Add(time.Hour)}}, People: []string{"account-id"}, Ends: morning.Add(time.Hour),
	}, golden("dutyRosters"))
}

// Nothing that identifies a person, and nothing that signs in, lies open in the store or the journal.
func TestSecretsAreNotStored(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	if err := w.accounts.RequestCode(t.Context(), morning, "13800000009", home); err != nil {
		t.Fatal(err)
	}
	code := w.sent.last(t)
	resident, err := w.byCode(morning, "13800000009", code)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.accounts.RequestCode(t.Context(), morning.Add(time.Hour), "13800000009", home); err != nil {
		t.Fatal(err)
	}
	self := access.Actor{Account: resident.Account.ID, Session: resident.Session.ID}
	must(w.accounts.UpdateMe(t.Context(), self, morning, 0, OwnChange{Name: ptr("欧阳娜")}, home))(t)
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Phone: ptr("13800000006")}))(t)
	secrets := append(strings.Split(in.RefreshToken, ".")[1:], "13800000007", "13800000009", "13800000006", "欧阳娜", code, w.sent.last(t), right, home)

	for collection, docs := range w.stored() {
		for _, doc := range docs {
			for _, secret := range secrets {
				if bytes.Contains(doc, []byte(secret)) {
					t.Errorf("%q in %s: %s", secret, collection, doc)
				}
			}
		}
	}
	entries, err := w.st.Journal(t.Context(), "city", 0, 1000)
	if err != nil || len(entries) == 0 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range append(secrets, "wang", "王") {
			if strings.Contains(string(line), secret) {
				t.Errorf("%q in the journal: %s", secret, line)
			}
		}
	}
}
