package handlers

import (
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/visit"
	"wangge/handlers/web"
)

type callerOut struct {
	Phone string `json:"phone"`
}

func revealCaller(r *apiRequest) (*web.Reply, error) {
	var in matterRevealIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	phone, err := r.HomeCalls.Phone(r.Ctx, r.Actor, r.Now, r.Param("id"), ids.New(), in.Reason)
	if err != nil {
		return nil, err
	}
	return web.OK(callerOut{phone}), nil
}

// callAtDoorOut is a home call as who makes the visit sees it.
type callAtDoorOut struct {
	ID        string        `json:"id"`
	Visit     string        `json:"visit"`
	Case      *string       `json:"case"` // null, like the item, where it is sensitive and somebody else's to do
	Item      *itemNameOut  `json:"item"`
	Slot      slotRef       `json:"slot"`
	Materials []materialOut `json:"materials"`
	Phone     string        `json:"phone"` // masked
	Note      string        `json:"note"`
}

// callsAtDoors are the home calls among visits, by the visit's id.
func (r *apiRequest) callsAtDoors(visits []*visit.Visit) (map[string]*callAtDoorOut, error) {
	found, err := r.HomeCalls.OfVisits(r.Ctx, visits)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var ids []string
	for _, q := range found {
		ids = append(ids, q.Case)
	}
	cases, err := r.HomeCalls.CasesOf(r.Ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*callAtDoorOut{}
	for _, v := range visits {
		q := found[v.ID]
		if q == nil {
			continue
		}
		c := cases[q.Case]
		o := &callAtDoorOut{ID: q.ID, Visit: v.ID, Slot: slotTo(q.Slot), Materials: []materialOut{}, Phone: q.Masked}
		if access.SeesHomeCallItem(r.Actor, v.Facts(), q.Item.Sensitive || c != nil && c.Item.Sensitive) {
			o.Case = &q.Case
			if o.Materials, err = r.materialsOf(q); err != nil {
				return nil, err
			}
			o.Item, o.Note = &itemNameOut{q.Item.Code, q.Item.Name}, q.Note
		}
		out[v.ID] = o
	}
	return out, nil
}
