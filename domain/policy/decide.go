package policy

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Local is the time zone of the days from which policies are in force.
var Local = time.FixedZone("Asia/Shanghai", 8*3600)

const aheadMost = 366 // days that a policy may be put in force before

// Held is what holds in an area at a moment.
type Held struct {
	Area   *area.Area
	Policy *Policy
	City   *Version   // nil: the city has decided nothing
	Own    *Version   // of a street; nil: it has decided nothing
	Ahead  []*Version // of the area's own, what comes into force later
}

// Read returns what holds in a street or a city, by its code, at a moment.
// ErrNotFound for who is no staff of it.
func (s *Policies) Read(ctx context.Context, actor access.Actor, code string, at time.Time) (*Held, error) {
	a, err := s.readable(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	known := s.now()
	if a.Level == access.City {
		all := known.history(a.ID)
		city := inForce(all, at)
		return &Held{Area: a, Policy: merge(basis(), city.part(FromCity, a.Code)), City: city, Ahead: ahead(all, at)}, nil
	}
	l := known.streets[a.ID]
	return &Held{Area: a, Policy: l.at(at), City: inForce(l.city, at), Own: inForce(l.own, at), Ahead: ahead(l.own, at)}, nil
}

// Catalogue returns the policy of the street that an area lies in, or of a
// city, for anybody: of it the categories are nobody's secret. ErrNotFound.
func (s *Policies) Catalogue(code string, at time.Time) (*Policy, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok {
		return nil, domain.ErrNotFound
	}
	if a.Place.Street != "" {
		return s.At(a.Place.Street, at), nil
	}
	all := s.now()
	city := inForce(all.history(a.Place.City), at)
	return merge(basis(), city.part(FromCity, a.Place.City)), nil
}

// Versions returns a page of what an area has decided, the latest first. Errors: those of Read, store.ErrCursor.
func (s *Policies) Versions(ctx context.Context, actor access.Actor, code string, limit int, cursor string) ([]*Version, string, error) {
	a, err := s.readable(ctx, actor, code)
	if err != nil {
		return nil, "", err
	}
	of := a.ID
	if all := s.now().history(a.ID); len(all) > 0 {
		of = all[0].Area
	}
	return versions.Find(ctx, s.st, store.Query{Where: []store.Cond{store.Eq("area", of)}, Order: []string{"-number"}, Limit: limit, After: cursor})
}

// VersionByID returns one version with its area; ErrNotFound also for who is no staff of it.
func (s *Policies) VersionByID(ctx context.Context, actor access.Actor, id string) (*Version, *area.Area, error) {
	v, err := versions.Get(ctx, s.st, id)
	if err != nil {
		return nil, nil, err
	}
	a, ok := s.areas.Tree().ByID(v.Area)
	if !ok {
		return nil, nil, domain.ErrNotFound
	}
	heirs := s.areas.Tree().Heirs(a.ID)
	today, _ := s.areas.Tree().ByID(heirs[len(heirs)-1])
	if _, err := s.readable(ctx, actor, today.Code); err != nil {
		return nil, nil, err
	}
	return v, a, nil
}

// Draft returns the draft of an area; ErrNotFound while there is none and for
// who is no staff of the area, ErrForbidden for who does not decide there.
func (s *Policies) Draft(ctx context.Context, actor access.Actor, code string) (*Draft, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	return drafts.Get(ctx, s.st, a.ID)
}

// SetDraft writes the draft of an area; version, when not 0, is the one the
// caller read, below 0 where there was none. Errors: those of Draft, InvalidError, ErrStale.
func (s *Policies) SetDraft(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, c Content) (*Draft, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	c = c.trimmed()
	if err := c.readable(); err != nil {
		return nil, err
	}
	var d *Draft
	err = s.st.Update(ctx, []string{partition(a)}, func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		if d, err = draftAt(ctx, tx, a, version); err != nil {
			return err
		}
		d.Base, d.By, d.At, d.Content = last(own), actor.Name(), now, c
		if e := entry(actor, now, "draft"); d.Version == 0 {
			return drafts.Insert(tx, d, e)
		} else {
			return drafts.Put(tx, d, e)
		}
	})
	return d, err
}

// draftAt is the draft to be written: a new one, one that was deleted, or the one at the version stated.
func draftAt(ctx context.Context, tx *store.Tx, a *area.Area, version int64) (*Draft, error) {
	ever, err := drafts.GetManyEver(ctx, tx, []string{a.ID})
	if err != nil {
		return nil, err
	}
	d := ever[a.ID]
	there := d != nil && !d.Deleted
	switch {
	case there && version != 0 && version != d.Version, !there && version > 0:
		return nil, domain.ErrStale
	case d == nil:
		return &Draft{Meta: store.Meta{ID: a.ID, Partition: partition(a)}}, nil
	}
	d.Deleted = false
	return d, nil
}

// DropDraft throws the draft of an area away. Errors: those of Draft, ErrStale.
func (s *Policies) DropDraft(ctx context.Context, actor access.Actor, now time.Time, code string, version int64) error {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return err
	}
	return s.st.Update(ctx, []string{partition(a)}, func(tx *store.Tx) error {
		d, err := drafts.GetAt(ctx, tx, a.ID, version)
		if err != nil {
			return err
		}
		return drafts.Delete(tx, d, entry(actor, now, "drop_draft"))
	})
}

// Check says what would hinder a content from coming into force now. Errors: those of Draft but for the draft's.
func (s *Policies) Check(ctx context.Context, actor access.Actor, now time.Time, code string, c Content) ([]Finding, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	return s.findings(ctx, s.st, a, now, c.trimmed())
}

// Publishing is what a draft is put in force with.
type Publishing struct {
	From string // day in China, YYYY-MM-DD; today: from now on
	Why  string
}

// begins is the moment from which on a version is in force.
func (in Publishing) begins(now time.Time) (time.Time, error) {
	bad := &domain.InvalidError{}
	day, err := time.ParseInLocation(time.DateOnly, in.From, Local)
	y, m, d := now.In(Local).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, Local)
	switch {
	case err != nil:
		bad.Add("/from", domain.T("应为日期，如 2026-12-01", "a day is needed, such as 2026-12-01"))
	case day.Before(today):
		bad.Add("/from", domain.T("不能早于今天", "must not be before today"))
	case day.After(today.AddDate(0, 0, aheadMost)):
		bad.Add("/from", domain.T("最多提前一年", "a year ahead at most"))
	}
	checkText(bad, "/why", in.Why, whyLongest)
	if day = day.UTC(); day.Before(now) {
		day = now
	}
	return day, bad.Err()
}

// Publish puts the draft of an area, at the version the caller read, in force
// from a day on. Said again it is the version that came of it.
// Errors: those of Draft, InvalidError with what Check finds, ErrStale,
// ConflictError "no_draft", "outdated_draft" when something was decided since it was written.
func (s *Policies) Publish(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, in Publishing) (*Version, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	in.Why = strings.TrimSpace(in.Why)
	from, err := in.begins(now)
	if err != nil {
		return nil, err
	}
	streets := s.streetsOf(a)
	var v *Version
	err = s.st.Update(ctx, append([]string{partition(a)}, streets...), func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		d, err := drafts.GetAt(ctx, tx, a.ID, version)
		if err != nil {
			if v = same(own, actor, version, in); v != nil {
				return nil
			}
			if errors.Is(err, store.ErrNotFound) {
				err = &domain.ConflictError{Code: "no_draft", Detail: domain.T("没有草案", "there is no draft")}
			}
			return err
		}
		if d.Base != last(own) {
			return &domain.ConflictError{Code: "outdated_draft", Detail: domain.T("起草之后已有新的决定，请在其基础上重新起草", "something was decided since the draft was written: write it anew on that")}
		}
		found, err := s.findings(ctx, tx, a, from, d.Content)
		if err != nil {
			return err
		}
		if was := inForce(own, now); from.After(now) && !sameTags(was, d.Content) {
			found = append(found, Finding{outOfRange, "/tags", domain.T("标签的变更须自今日起生效", "what is decided of tags holds at once: put it in force from today")})
		}
		if len(found) > 0 {
			return invalid(found)
		}
		v = following(a, own, latest(own), d.Content)
		v.From, v.By, v.At, v.Why, v.Draft = from, actor.Name(), now, in.Why, d.Version
		if err := drafts.Delete(tx, d, entry(actor, now, "publish_draft")); err != nil {
			return err
		}
		return s.save(ctx, tx, a, streets, entry(actor, now, "publish"), v)
	})
	if err != nil {
		return nil, err
	}
	return v, s.refresh(ctx, append(streets, a.ID)...)
}

// sameTags reports whether a content has the tags that a version has.
func sameTags(was *Version, c Content) bool {
	before := Content{}
	if was != nil {
		before = was.Content
	}
	c = c.clone()
	c.stamp(before, 0)
	return reflect.DeepEqual(slices.Clone(before.Tags), c.Tags) || len(before.Tags)+len(c.Tags) == 0
}

// same is the version that came of the same publishing.
func same(own []*Version, actor access.Actor, draft int64, in Publishing) *Version {
	for _, v := range own {
		if draft > 0 && v.Draft == draft && v.By == actor.Name() && v.Why == in.Why && v.From.In(Local).Format(time.DateOnly) == in.From {
			return v
		}
	}
	return nil
}

// Amend changes some entries of what a street has decided, at once: in what is
// in force, and in what is to come. change gets what holds and the street's
// content to change. Whoever calls has authorised the actor.
func (s *Policies) Amend(ctx context.Context, actor access.Actor, now time.Time, street *area.Area, why string, change func(p *Policy, c *Content) error) (*Version, error) {
	var made *Version
	err := s.st.Update(ctx, []string{street.ID}, func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, street)
		if err != nil {
			return err
		}
		city, err := s.history(ctx, tx, street.Place.City)
		if err != nil {
			return err
		}
		var all []*Version
		for i, was := range append([]*Version{inForce(own, now)}, ahead(own, now)...) {
			content, from := Content{}, now
			if was != nil {
				content = was.Content.clone()
			}
			if i > 0 {
				from = was.From
			}
			if err := change(merge(basis(), inForce(city, from).part(FromCity, ""), part{FromStreet, street.Code, last(own), content}), &content); err != nil {
				return err
			}
			v := following(street, own, was, content)
			v.From, v.By, v.At, v.Why = from, actor.Name(), now, why
			own, all = append(slices.Clone(own), v), append(all, v)
		}
		made = all[0]
		return s.save(ctx, tx, street, nil, entry(actor, now, "amend"), all...)
	})
	if err != nil {
		return nil, err
	}
	return made, s.refresh(ctx, street.ID)
}

// following is the next version of an area, of a content that was that of was.
func following(a *area.Area, own []*Version, was *Version, c Content) *Version {
	n := last(own) + 1
	v := &Version{Meta: store.Meta{ID: versionID(a.ID, n), Partition: partition(a)}, Area: a.ID, Number: n, Content: c.clone()}
	before := Content{}
	if was != nil {
		before = was.Content
	}
	v.Content.stamp(before, n)
	return v
}

// save writes versions of an area, and tells the heads of all whom they concern.
func (s *Policies) save(ctx context.Context, tx *store.Tx, a *area.Area, streets []string, e store.Entry, all ...*Version) error {
	for _, v := range all {
		if err := versions.Insert(tx, v, e); err != nil {
			return err
		}
	}
	number := all[len(all)-1].Number
	for _, id := range append([]string{a.ID}, streets...) {
		of, ok := s.areas.Tree().ByID(id)
		if !ok {
			continue
		}
		h, err := head(ctx, tx, of)
		if err != nil {
			return err
		}
		if id == a.ID {
			h.Own = number
		} else {
			h.City = number
		}
		if err := saveHead(tx, h, entry(access.Program, e.At, "head")); err != nil {
			return err
		}
	}
	return nil
}

func head(ctx context.Context, tx *store.Tx, a *area.Area) (*Head, error) {
	h, err := heads.Get(ctx, tx, a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return &Head{Meta: store.Meta{ID: a.ID, Partition: partition(a)}}, nil
	}
	return h, err
}

func saveHead(tx *store.Tx, h *Head, e store.Entry) error {
	if h.Version == 0 {
		return heads.Insert(tx, h, e)
	}
	return heads.Put(tx, h, e)
}

// decisions are the versions that count in an area; of a street that took over
// from another, and has decided nothing itself, those of the other.
func (s *Policies) decisions(ctx context.Context, r store.Reader, a *area.Area) ([]*Version, error) {
	for _, id := range s.areas.Tree().Formerly(a.ID) {
		if all, err := s.history(ctx, r, id); err != nil || len(all) > 0 {
			return all, err
		}
	}
	return nil, nil
}

func latest(own []*Version) *Version {
	if len(own) == 0 {
		return nil
	}
	return own[len(own)-1]
}

func last(own []*Version) int64 {
	if v := latest(own); v != nil {
		return v.Number
	}
	return 0
}

// streetsOf are the ids of a city's streets; none of a street.
func (s *Policies) streetsOf(a *area.Area) []string {
	var out []string
	for _, street := range s.areas.Tree().Streets() {
		if a.Level == access.City && street.Valid() && street.Place.City == a.ID {
			out = append(out, street.ID)
		}
	}
	return out
}

// partition is where what an area decides lies.
func partition(a *area.Area) string {
	if a.Level == access.City {
		return area.CityPartition
	}
	return a.ID
}

// readable is a street or a city whose staff the actor is.
func (s *Policies) readable(ctx context.Context, actor access.Actor, code string) (*area.Area, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street && a.Level != access.City {
		return nil, domain.ErrNotFound
	}
	works, err := s.works(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !access.MayReadPolicy(actor, a.Place, works) {
		return nil, domain.ErrNotFound
	}
	return a, nil
}

// decided is a street or a city for which the actor decides.
func (s *Policies) decided(ctx context.Context, actor access.Actor, code string) (*area.Area, error) {
	a, err := s.readable(ctx, actor, code)
	if err == nil && !access.MaySetPolicy(actor, a.Place) {
		err = domain.ErrForbidden
	}
	return a, err
}

// works are the places that the actor works in, as areas are today.
func (s *Policies) works(ctx context.Context, actor access.Actor) ([]access.Place, error) {
	var out []access.Place
	tree := s.areas.Tree()
	for _, g := range slices.Concat(actor.Grants, actor.Posting) {
		if c, ok := s.areas.Map().EverByID(g.Area); ok {
			g.Area = c.Place.Street
		}
		if heirs := tree.Heirs(g.Area); len(heirs) > 0 {
			today, _ := tree.ByID(heirs[len(heirs)-1])
			out = append(out, today.Place)
		}
	}
	if actor.Organisation == "" {
		return out, nil
	}
	o, err := s.areas.Organisation(ctx, actor, actor.Organisation)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return append(out, o.Place), nil
}
