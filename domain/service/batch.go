package service

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/table"
	"wangge/store"
)

// NewBatch is a training as it is put on record.
type NewBatch struct {
	ID        string
	Title     string
	Organiser string
	HeldOn    civil.Date
	Kind      string
	Until     civil.Date // the last day of what it gives; "": for good
}

// MakeBatch puts a training on record. Made again under the id, it is the one there is.
// Errors: ErrForbidden, InvalidError, ConflictError "duplicate".
func (s *Qualifications) MakeBatch(ctx context.Context, actor access.Actor, now time.Time, in NewBatch) (*Batch, error) {
	if !access.MayTrain(actor) {
		return nil, domain.ErrForbidden
	}
	in.Title, in.Organiser = strings.TrimSpace(in.Title), strings.TrimSpace(in.Organiser)
	var b *Batch
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		bad := &domain.InvalidError{}
		domain.CheckText(bad, "/title", in.Title, nameMost, true)
		domain.CheckText(bad, "/organiser", in.Organiser, nameMost, true)
		checkDays(in.HeldOn, in.Until, "/heldOn", now, bad)
		c, err := s.items.known.In(ctx, tx)
		if err != nil {
			return err
		}
		c.checkKind(in.Kind, bad)
		if err := bad.Err(); err != nil {
			return err
		}
		b = &Batch{Meta: store.Meta{ID: in.ID, Partition: area.CityPartition}, Title: in.Title, Organiser: in.Organiser, HeldOn: in.HeldOn, Kind: in.Kind, Until: in.Until, By: actor.Name(), At: now}
		was, err := batches.Get(ctx, tx, in.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return batches.Insert(tx, b, entry(actor, now, "training.make"))
		case err != nil:
			return err
		case was.By != b.By || was.Title != b.Title || was.Organiser != b.Organiser || was.HeldOn != b.HeldOn || was.Kind != b.Kind || was.Until != b.Until:
			return domain.ErrIDInUse
		}
		b = was
		return nil
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return b, nil
}

// Batches returns a page of the trainings, the latest first. ErrForbidden.
func (s *Qualifications) Batches(ctx context.Context, actor access.Actor, limit int, cursor string) ([]*Batch, string, error) {
	if !access.MayTrain(actor) {
		return nil, "", domain.ErrForbidden
	}
	return batches.Find(ctx, s.st, store.Query{Order: []string{"-heldOn"}, Limit: limit, After: cursor})
}

// Batch returns a training; ErrNotFound for who makes none.
func (s *Qualifications) Batch(ctx context.Context, actor access.Actor, id string) (*Batch, error) {
	if !access.MayTrain(actor) {
		return nil, domain.ErrNotFound
	}
	return batches.Get(ctx, s.st, id)
}

// ParticipantTable is what a file of participants has: each row names somebody
// by username, or by the mobile phone that they confirmed as their own.
var ParticipantTable = table.Declaration{
	Bytes: 4 << 20, Rows: 5_000,
	Columns: []table.Column{
		{Name: "username", Also: []string{"用户名", "账号"}},
		{Name: "phone", Also: []string{"手机号", "手机", "电话", "联系电话"}, Digits: true},
	},
}

// Participants asks for those of a file to be given what a training gives.
type Participants struct {
	table.Options
	DryRun bool
}

const participantsAtOnce = 100

// ImportParticipants gives those whom a file names (see ParticipantTable) the
// qualification of a training. Each row names one of the actor's people, or is
// a finding; good rows go in, in chunks of 100. The same file again changes nothing.
// Errors: ErrForbidden, ErrNotFound, InvalidError for a file that cannot be read.
func (s *Qualifications) ImportParticipants(ctx context.Context, actor access.Actor, now time.Time, batch string, file io.Reader, in Participants) (*table.Report, error) {
	if !access.MayTrain(actor) {
		return nil, domain.ErrForbidden
	}
	b, err := s.Batch(ctx, actor, batch)
	if err != nil {
		return nil, err
	}
	t, err := ParticipantTable.Read(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	im := &training{Qualifications: s, actor: actor, now: now, batch: b, rows: map[string]int{}}
	report := &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count}
	if err := table.Apply(ctx, report, t.Rows, participantsAtOnce, func(context.Context) error { return nil }, im.chunk); err != nil {
		return nil, err
	}
	report.Findings = append(t.Findings, report.Findings...)
	report.Settle()
	return report, nil
}

// training is an import of participants under way.
type training struct {
	*Qualifications
	actor access.Actor
	now   time.Time
	batch *Batch
	rows  map[string]int // the first that names an account
}

// chunk is what some rows come to.
func (im *training) chunk(ctx context.Context, rows []table.Row) (*table.Plan, error) {
	p := &table.Plan{}
	people, err := im.people(ctx, rows, p)
	if err != nil {
		return nil, err
	}
	made := make([]*Qualification, len(people))
	ids := make([]string, len(people))
	for i, who := range people {
		made[i] = newQualification(NewQualification{Account: who.ID, Kind: im.batch.Kind, From: im.batch.HeldOn, Until: im.batch.Until}, im.batch.ID, who.places)
		ids[i] = made[i].ID
	}
	there, err := qualifications.GetManyEver(ctx, im.st, ids)
	if err != nil {
		return nil, err
	}
	for i, q := range made {
		if was := there[q.ID]; was != nil && was.Revoked != nil {
			p.Findings = append(p.Findings, table.Warning(people[i].line, "", "revoked", domain.T("此资格已被撤销，不会恢复", "what they were given was taken away, and is not given again")))
		}
	}
	made = slices.DeleteFunc(made, func(q *Qualification) bool { return there[q.ID] != nil })
	p.Added, p.Unchanged = len(made), len(people)-len(made)
	if len(made) > 0 {
		p.Write = func(ctx context.Context) error { return im.write(ctx, made) }
	}
	return p, nil
}

// participant is somebody whom a row names.
type participant struct {
	*account.Account
	line   int
	places []access.Place
}

// people are those whom the rows name, each once; the other rows are findings of the plan.
func (im *training) people(ctx context.Context, rows []table.Row, p *table.Plan) ([]participant, error) {
	var names, phones []string
	for _, r := range rows {
		if name := strings.ToLower(r.Get("username")); name != "" {
			names = append(names, name)
		} else if phone := r.Get("phone"); phone != "" {
			phones = append(phones, phone)
		}
	}
	named, err := im.accounts.Named(ctx, im.st, names)
	if err != nil {
		return nil, err
	}
	phoned, err := im.accounts.Phoned(ctx, im.st, phones)
	if err != nil {
		return nil, err
	}
	var out []participant
	for _, r := range rows {
		column, a := "username", named[strings.ToLower(r.Get("username"))]
		if r.Get("username") == "" {
			column, a = "phone", phoned[r.Get("phone")]
		}
		places, ok, err := im.theirs(ctx, im.st, im.actor, a)
		if err != nil {
			return nil, err
		}
		if !ok {
			p.Findings = append(p.Findings, table.Fault(r.Line, column, "unknown", domain.T("没有这位工作人员，或不在您的范围内", "no such member of the staff of yours")))
			continue
		}
		if first := im.rows[a.ID]; first > 0 && first != r.Line {
			p.Findings = append(p.Findings, table.Warning(r.Line, column, "repeated", domain.Textf("与第%d行是同一人", "the same person as in row %d", first)))
			continue
		}
		im.rows[a.ID] = r.Line
		out = append(out, participant{a, r.Line, places})
	}
	return out, nil
}

// write writes what a chunk comes to; table.ErrOvertaken when somebody of it is there already, or no longer the actor's.
func (im *training) write(ctx context.Context, made []*Qualification) error {
	return im.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		people, ids := make([]string, len(made)), make([]string, len(made))
		for i, q := range made {
			people[i], ids[i] = q.Account, q.ID
		}
		there, err := qualifications.GetManyEver(ctx, tx, ids)
		if err != nil {
			return err
		}
		accounts, err := account.LoadMany(ctx, tx, people)
		if err != nil {
			return err
		}
		others, err := ofAccounts(ctx, tx, people)
		if err != nil {
			return err
		}
		for _, q := range made {
			_, ok, err := im.theirs(ctx, tx, im.actor, accounts[q.Account])
			if err != nil {
				return err
			}
			if !ok || there[q.ID] != nil {
				return table.ErrOvertaken
			}
			fresh := *q // fn may run again
			if err := give(ctx, tx, im.actor, im.now, &fresh, others[q.Account]); err != nil {
				return err
			}
		}
		return nil
	})
}
