package link

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

var noon = worldtest.Noon

func TestStoredForm(t *testing.T) {
	l := NewLink{Kind: OriginatedFrom, From: End{Ticket, "0190a5b0-0000-7000-8000-000000000001"}, To: End{Case, "0190a5b0-0000-7000-8000-000000000002"}}.link(Said{By: "counter", At: noon, Reason: "窗口转办"})
	l.Meta = store.Meta{ID: l.ID, Partition: "street", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	l.Spells[0].Removed = &Said{By: "lead", At: noon.Add(time.Hour), Reason: "关联有误"}
	l.Spells = append(l.Spells, Spell{Made: Said{By: "counter", At: noon.Add(2 * time.Hour)}})
	storetest.Golden(t, collection, l, filepath.Join("testdata", "links.golden.json"))
}

// Between two things there is one link of a kind, whichever way it goes.
func TestIDs(t *testing.T) {
	a, b := End{Ticket, "a"}, End{Visit, "b"}
	one, other := NewLink{Kind: FollowUp, From: a, To: b}.link(Said{}), NewLink{Kind: FollowUp, From: b, To: a}.link(Said{})
	same, same2 := NewLink{Kind: SameMatter, From: a, To: b}.link(Said{}), NewLink{Kind: SameMatter, From: b, To: a}.link(Said{})
	if one.ID != other.ID || one.From == other.From || same.ID == one.ID || same.ID != same2.ID || same.From != same2.From {
		t.Errorf("%+v %+v %+v %+v", one, other, same, same2)
	}
}
