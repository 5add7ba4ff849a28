package once

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	storetest.Golden(t, records, &record{
		Meta: store.Meta{ID: "caller/createTicket/key", Version: 2, Seq: 9, Schema: 1}, Fingerprint: "body", Done: true, Claim: 2, Since: now, Expires: now.Add(time.Hour),
		Status: 201, Kind: "ticket", Resource: "t", Report: `{"added":3}`,
	}, filepath.Join("testdata", "idempotency.golden.json"))
}
