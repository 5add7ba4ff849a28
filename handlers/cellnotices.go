package handlers

import (
	"time"

	"wangge/domain/cellnotice"
	"wangge/domain/ids"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// cellNoticeOut is what the residents of a cell were told.
type cellNoticeOut struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Text        string     `json:"text"`
	By          orgRefOut  `json:"by"`
	At          wire.Time  `json:"at"`
	Until       *wire.Time `json:"until"`
	Told        int        `json:"told"`   // residents, so far
	ToldAt      *wire.Time `json:"toldAt"` // null while they are being told
	WithdrawnAt *wire.Time `json:"withdrawnAt"`
}

type cellNoticeIn struct {
	ID    string                  `json:"id"`
	Title string                  `json:"title" need:"true"`
	Text  string                  `json:"text" need:"true" lines:"true"`
	Until web.Nullable[time.Time] `json:"until"`
}

// reachOut is whom a notice would reach, in numbers.
type reachOut struct {
	Residents  int `json:"residents"`
	Households int `json:"households"`
}

func (r *apiRequest) cellNoticesOut(page ...cellnotice.Sent) ([]cellNoticeOut, error) {
	by := map[string]bool{}
	for _, m := range page {
		by[m.By] = true
	}
	named, err := r.peopleOf(by)
	if err != nil {
		return nil, err
	}
	return each(page, func(m cellnotice.Sent) cellNoticeOut {
		return cellNoticeOut{m.ID, m.Title, m.Text, orgRefOut{m.By, named.people[m.By].Name}, wire.Time(m.At), (*wire.Time)(optional(m.Until)), m.Told, (*wire.Time)(optional(m.ToldAt)), (*wire.Time)(optional(m.Withdrawn))}
	}), nil
}

func listCellNotices(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	page, next, err := r.CellNotices.List(r.Ctx, r.Actor, r.Param("code"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.cellNoticesOut(page...)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func sendCellNotice(r *apiRequest) (*web.Reply, error) {
	var in cellNoticeIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	made := cellnotice.NewMessage{Title: in.Title, Text: in.Text, Until: given(in.Until.Value).UTC()}
	made.ID = ids.Given(in.ID, "/id", &made.Wrong)
	m, err := r.CellNotices.Send(r.Ctx, r.Actor, r.Now, r.Param("code"), made)
	if err != nil {
		return nil, err
	}
	out, err := cellNoticeByID(r, m.ID)
	if err != nil {
		return nil, err
	}
	out.Status, out.Made = 201, web.Resource{Kind: "cell-notice", ID: m.ID}
	return out, nil
}

func cellNoticeByID(r *apiRequest, id string) (*web.Reply, error) {
	m, err := r.CellNotices.Get(r.Ctx, r.Actor, r.Param("code"), id)
	if err != nil {
		return nil, err
	}
	out, err := r.cellNoticesOut(*m)
	if err != nil {
		return nil, err
	}
	return web.OK(out[0]), nil
}

func previewCellNotice(r *apiRequest) (*web.Reply, error) {
	reach, err := r.CellNotices.Preview(r.Ctx, r.Actor, r.Now, r.Param("code"))
	if err != nil {
		return nil, err
	}
	return web.OK(reachOut{reach.Residents, reach.Households}), nil
}

func withdrawCellNotice(r *apiRequest) (*web.Reply, error) {
	if err := r.CellNotices.Withdraw(r.Ctx, r.Actor, r.Now, r.Param("code"), r.Param("id")); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}
