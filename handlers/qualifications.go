package handlers

import (
	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/service"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// qualificationOut is what somebody may take at a counter.
type qualificationOut struct {
	ID       string      `json:"id"`
	Account  *personOut  `json:"account"`
	Kind     *kindRefOut `json:"kind"`
	Batch    *string     `json:"batch"`
	From     civil.Date  `json:"from"`
	Until    *civil.Date `json:"until"` // the last day; null: for good
	InForce  bool        `json:"inForce"`
	Evidence []string    `json:"evidence"` // photos
	Revoked  *revokedOut `json:"revoked"`
	GivenAt  wire.Time   `json:"givenAt"`
	Version  int64       `json:"version"`
}

type revokedOut struct {
	At     wire.Time  `json:"at"`
	By     *personOut `json:"by"`
	Reason string     `json:"reason"`
}

// trainingBatchOut is a training that gives a qualification.
type trainingBatchOut struct {
	ID        string      `json:"id"`
	Title     string      `json:"title"`
	Organiser string      `json:"organiser"`
	HeldOn    civil.Date  `json:"heldOn"`
	Kind      *kindRefOut `json:"kind"`
	Until     *civil.Date `json:"until"`
	CreatedAt wire.Time   `json:"createdAt"`
	Version   int64       `json:"version"`
}

func (r *apiRequest) qualificationsOut(found []*service.Qualification) ([]qualificationOut, error) {
	people := map[string]bool{}
	for _, q := range found {
		people[q.Account] = true
		if q.Revoked != nil {
			people[q.Revoked.By] = true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	out := make([]qualificationOut, len(found))
	for i, q := range found {
		out[i] = qualificationOut{ID: q.ID, Account: n.person(q.Account), Kind: r.kindRef(q.Kind), Batch: optional(q.Batch), From: q.From, Until: optional(q.Until),
			InForce: q.InForce(r.Now), Evidence: append([]string{}, q.Evidence...), GivenAt: wire.Time(q.At), Version: q.Version}
		if v := q.Revoked; v != nil {
			out[i].Revoked = &revokedOut{wire.Time(v.At), n.person(v.By), v.Reason}
		}
	}
	return out, nil
}

func (r *apiRequest) qualificationMade(q *service.Qualification, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.qualificationsOut([]*service.Qualification{q})
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], q.Version)
	reply.Made = web.Resource{Kind: "qualification", ID: q.ID}
	return reply, nil
}

func listQualifications(r *apiRequest) (*web.Reply, error) {
	f := service.Filter{Account: r.Query.Get("account"), Area: r.Query.Get("area"), Batch: r.Query.Get("batch"), Kind: r.Query.Get("kind")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	page, next, err := r.Qualifications.List(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.qualificationsOut(page)
	return web.Listed(items, next), err
}

func getQualification(r *apiRequest) (*web.Reply, error) { return qualificationByID(r, r.Param("id")) }

func qualificationByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.qualificationMade(r.Qualifications.Get(r.Ctx, r.Actor, id))
}

type qualificationIn struct {
	Account  string     `json:"account" need:"true"`
	Kind     string     `json:"kind" need:"true"`
	From     civil.Date `json:"from"`
	Until    civil.Date `json:"until"`
	Evidence []string   `json:"evidence"`
}

func giveQualification(r *apiRequest) (*web.Reply, error) {
	var in qualificationIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	reply, err := r.qualificationMade(r.Qualifications.Give(r.Ctx, r.Actor, r.Now, service.NewQualification(in)))
	if err != nil {
		return nil, err
	}
	reply.Status = 201
	return reply, nil
}

type revocationIn struct {
	Reason string `json:"reason" need:"true"`
}

func revokeQualification(r *apiRequest) (*web.Reply, error) {
	var in revocationIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.qualificationMade(r.Qualifications.Revoke(r.Ctx, r.Actor, r.Now, r.Param("id"), version, in.Reason))
}

func (r *apiRequest) trainingBatchOut(b *service.Batch) trainingBatchOut {
	return trainingBatchOut{b.ID, b.Title, b.Organiser, b.HeldOn, r.kindRef(b.Kind), optional(b.Until), wire.Time(b.At), b.Version}
}

func (r *apiRequest) batchMade(b *service.Batch, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(r.trainingBatchOut(b), b.Version)
	reply.Made = web.Resource{Kind: "training-batch", ID: b.ID}
	return reply, nil
}

func listTrainingBatches(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	page, next, err := r.Qualifications.Batches(r.Ctx, r.Actor, limit, cursor)
	if err != nil {
		return nil, err
	}
	items := make([]trainingBatchOut, len(page))
	for i, b := range page {
		items[i] = r.trainingBatchOut(b)
	}
	return web.Listed(items, next), nil
}

func getTrainingBatch(r *apiRequest) (*web.Reply, error) { return trainingBatchByID(r, r.Param("id")) }

func trainingBatchByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.batchMade(r.Qualifications.Batch(r.Ctx, r.Actor, id))
}

type trainingBatchIn struct {
	ID        string     `json:"id"`
	Title     string     `json:"title" need:"true"`
	Organiser string     `json:"organiser" need:"true"`
	HeldOn    civil.Date `json:"heldOn" need:"true"`
	Kind      string     `json:"kind" need:"true"`
	Until     civil.Date `json:"until"`
}

func createTrainingBatch(r *apiRequest) (*web.Reply, error) {
	var in trainingBatchIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	if in.ID = ids.Given(in.ID, "/id", bad); bad.Err() != nil {
		return nil, bad
	}
	reply, err := r.batchMade(r.Qualifications.MakeBatch(r.Ctx, r.Actor, r.Now, service.NewBatch(in)))
	if err != nil {
		return nil, err
	}
	reply.Status = 201
	return reply, nil
}

func importParticipants(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&service.ParticipantTable)
	if err != nil {
		return nil, err
	}
	report, err := r.Qualifications.ImportParticipants(r.Ctx, r.Actor, r.Now, r.Param("id"), file, service.Participants{Options: opts, DryRun: dry})
	if err != nil {
		return nil, err
	}
	return rowsImported(r, *report), nil
}
