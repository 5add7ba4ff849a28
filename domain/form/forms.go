package form

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Forms are the use cases on forms.
type Forms struct {
	store *store.Store
	areas *area.Areas
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas) *Forms { return &Forms{store: st, areas: areas} }

// Draft is a form as it is asked for.
type Draft struct {
	Street string // code
	Code   string
	Tag    string
	Title  Title
	Schema string
}

// Draft's Code and Tag: they are in the journal, which holds no free text.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

const titleLongest = 100 // runes

func (d *Draft) check() error {
	bad := &domain.InvalidError{}
	if !codeForm.MatchString(d.Code) {
		bad.Add("/code", domain.T("代码为小写字母、数字、下划线，以字母开头，2 到 40 位", "2 to 40 small letters, digits and underscores, a letter first"))
	}
	if d.Tag != "" && !codeForm.MatchString(d.Tag) {
		bad.Add("/tag", domain.T("标签代码有误", "not a tag"))
	}
	for pointer, title := range map[string]string{"/title/zh-CN": d.Title.ZH, "/title/en": d.Title.EN} {
		if n := utf8.RuneCountInString(strings.TrimSpace(title)); n == 0 || n > titleLongest {
			bad.Add(pointer, domain.T("请填写标题，最多 100 字", "a title of at most 100 characters is required"))
		}
	}
	schema, err := Read(d.Schema)
	if err == nil {
		err = schema.unlabelled()
	}
	var wrong *domain.InvalidError
	if errors.As(err, &wrong) {
		bad.Fields = append(bad.Fields, wrong.Fields...)
	} else if err != nil {
		return err
	}
	return bad.Err()
}

// Save makes the first version of a form, or the next one when after, the
// number of the version it changes, is not 0. The same version again is the
// one there is. Errors: ErrForbidden, InvalidError, ConflictError "duplicate"
// (the code is taken), ErrStale (there is a later version than after), ErrNotFound.
func (s *Forms) Save(ctx context.Context, actor access.Actor, now time.Time, after int, d Draft) (*Form, error) {
	street, ok := s.areas.Tree().ByCode(d.Street)
	if !ok || street.Level != access.Street {
		return nil, domain.Invalid("/street", domain.T("没有这个街道", "no such street"))
	}
	if !access.MayMakeForms(actor, street.Place) {
		return nil, domain.ErrForbidden
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	var made *Form
	err := s.store.Update(ctx, []string{street.ID}, func(tx *store.Tx) error {
		made = &Form{
			Meta: store.Meta{ID: versionID(street.ID, d.Code, after+1), Partition: street.ID}, Code: d.Code, Number: after + 1, Newest: true,
			Place: street.Place, Tag: d.Tag, Title: d.Title, Schema: d.Schema, By: actor.Account, At: now,
		}
		was, err := forms.Get(ctx, tx, made.ID)
		if err == nil {
			if was.Tag != d.Tag || was.Title != d.Title || was.Schema != d.Schema || was.By != actor.Account {
				return taken(after)
			}
			made = was
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if after > 0 {
			before, err := forms.Get(ctx, tx, versionID(street.ID, d.Code, after))
			if err != nil {
				return err
			}
			before.Newest = false
			if err := forms.Put(tx, before, before.entry(actor, now, "superseded")); err != nil {
				return err
			}
		}
		return forms.Insert(tx, made, made.entry(actor, now, "saved"))
	})
	var twice *store.DuplicateError
	if errors.As(err, &twice) {
		return nil, taken(after)
	}
	if err != nil {
		return nil, err
	}
	return made, nil
}

func taken(after int) error {
	if after > 0 {
		return domain.ErrStale
	}
	return &domain.ConflictError{Code: "duplicate", Detail: domain.T("该代码已被使用", "this code is in use")}
}

// Get returns a version by id; ErrNotFound, also for who has no part in visits.
func (s *Forms) Get(ctx context.Context, actor access.Actor, id string) (*Form, error) {
	f, err := forms.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	if !access.MayReadForms(actor) {
		return nil, domain.ErrNotFound
	}
	return f, nil
}

// List returns a page of a street's newest versions by code, of one tag or of
// all (""), and the next page's cursor. ErrForbidden, InvalidError at ?street.
func (s *Forms) List(ctx context.Context, actor access.Actor, street, tag string, limit int, cursor string) ([]*Form, string, error) {
	a, ok := s.areas.Tree().ByCode(street)
	if !ok || a.Level != access.Street {
		return nil, "", domain.Invalid("?street", domain.T("没有这个街道", "no such street"))
	}
	if !access.MayReadForms(actor) {
		return nil, "", domain.ErrForbidden
	}
	where := []store.Cond{store.Eq("partition", a.ID), store.Eq("newest", true)}
	if tag != "" {
		where = append(where, store.Eq("tag", tag))
	}
	return forms.Find(ctx, s.store, store.Query{Where: where, Order: []string{"code"}, Limit: limit, After: cursor})
}

// Versions returns a page of the versions of a form, oldest first; ErrNotFound when the actor may not read them.
func (s *Forms) Versions(ctx context.Context, actor access.Actor, id string, limit int, cursor string) ([]*Form, string, error) {
	f, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	return forms.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Eq("partition", f.Partition), store.Eq("code", f.Code)}, Order: []string{"number"}, Limit: limit, After: cursor,
	})
}

// Load returns versions by id for another use case, which has authorised its
// own actor; those that are not there are missing.
func Load(ctx context.Context, r store.Reader, ids []string) (map[string]*Form, error) {
	return forms.GetMany(ctx, r, ids)
}
