package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// System is a platform whose cases come in: which accounts speak for it, and
// what its words for states mean. Its id is its name in keys.
type System struct {
	store.Meta `store:",inline"`
	Title      string   `store:"title"`
	Accounts   []string `store:"accounts"` // machine accounts
	States     []Word   `store:"states"`
}

// Word is a platform's word for a state.
type Word struct {
	Word  string `store:"word"`
	State State  `store:"state"`
}

// systems lie in the city's partition.
var systems = store.Declare[System](store.Declaration{Name: "intakeSystems", Schema: 1, Indexes: []string{"title: title"}})

const (
	accountsMost = 20
	wordsMost    = 200
	wordLongest  = 64 // runes, of a platform's word and of its numbers
	systemsMost  = 500
)

// systemForm is that of the names of systems.
var systemForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// state is what a platform's word means: as it was mapped, else itself, if it
// is one of ours; Other.
func (s *System) state(word string) State {
	if i := slices.IndexFunc(s.States, func(w Word) bool { return w.Word == word }); i >= 0 {
		return s.States[i].State
	}
	if StateWords.Has(word) {
		return State(word)
	}
	return Other
}

// SystemInput is what is decided of a system.
type SystemInput struct {
	Title    string
	Accounts []string
	States   []Word
}

// Systems lists them by title. ErrForbidden.
func (s *Cases) Systems(ctx context.Context, actor access.Actor) ([]*System, error) {
	if !access.ManagesCaseSystems(actor) {
		return nil, domain.ErrForbidden
	}
	found, _, err := systems.Find(ctx, s.store, store.Query{Order: []string{"title"}, Limit: systemsMost})
	return found, err
}

// SystemByName returns one; ErrNotFound, ErrForbidden.
func (s *Cases) SystemByName(ctx context.Context, actor access.Actor, name string) (*System, error) {
	if !access.ManagesCaseSystems(actor) {
		return nil, domain.ErrForbidden
	}
	return systems.Get(ctx, s.store, name)
}

// PutSystem makes a system or changes it. Cases that are in a word of it that
// has a meaning now get it by the journal. version, when not 0, is the one the caller read.
// Errors: ErrForbidden, InvalidError, ErrStale.
func (s *Cases) PutSystem(ctx context.Context, actor access.Actor, now time.Time, name string, version int64, in SystemInput) (*System, error) {
	if !access.ManagesCaseSystems(actor) {
		return nil, domain.ErrForbidden
	}
	if !systemForm.MatchString(name) || name == Local {
		return nil, domain.Invalid("/system", domain.T("系统代码为小写字母、数字和连字符，且不能是 local", "lower-case letters, digits and hyphens, and not local"))
	}
	in.Title = strings.TrimSpace(in.Title)
	if err := in.check(); err != nil {
		return nil, err
	}
	var out *System
	err := s.store.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		if err := s.areMachines(ctx, tx, in.Accounts); err != nil {
			return err
		}
		was, err := systems.GetAt(ctx, tx, name, version)
		if errors.Is(err, store.ErrNotFound) && version <= 0 { // any, or that it is not there yet
			out = &System{Meta: store.Meta{ID: name, Partition: area.CityPartition}, Title: in.Title, Accounts: in.Accounts, States: in.States}
			return systems.Insert(tx, out, systemEntry(actor, now))
		}
		if errors.Is(err, store.ErrNotFound) {
			return domain.ErrStale
		}
		if err != nil {
			return err
		}
		if out = was; was.Title == in.Title && slices.Equal(was.Accounts, in.Accounts) && slices.Equal(was.States, in.States) {
			return nil
		}
		was.Title, was.Accounts, was.States = in.Title, in.Accounts, in.States
		return systems.Put(tx, was, systemEntry(actor, now))
	})
	return out, err
}

// Speaks reports whether a machine account speaks for a platform.
func Speaks(ctx context.Context, r store.Reader, account, name string) (bool, error) {
	system, err := systems.Get(ctx, r, name)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && slices.Contains(system.Accounts, account), err
}

func systemEntry(actor access.Actor, now time.Time) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: actionSystem}
}

func (in *SystemInput) check() error {
	bad := &domain.InvalidError{}
	short(bad, "/title", in.Title, 60)
	if in.Title == "" {
		bad.Add("/title", domain.Missing)
	}
	if len(in.Accounts) > accountsMost {
		bad.Add("/accounts", domain.Textf("最多 %d 个账号", "%d accounts at most", accountsMost))
	}
	if len(in.States) > wordsMost {
		bad.Add("/states", domain.Textf("最多 %d 个状态词", "%d words at most", wordsMost))
	}
	for i, w := range in.States {
		at := fmt.Sprintf("/states/%d", i)
		short(bad, at+"/word", w.Word, wordLongest)
		switch {
		case w.Word == "":
			bad.Add(at+"/word", domain.Missing)
		case slices.ContainsFunc(in.States[:i], func(x Word) bool { return x.Word == w.Word }):
			bad.Add(at+"/word", domain.T("状态词重复", "named twice"))
		}
		if w.State == Other || !StateWords.Has(string(w.State)) {
			bad.Add(at+"/state", MappedWords.Fault())
		}
	}
	return bad.Err()
}

// areMachines refuses what is no machine account in use.
func (s *Cases) areMachines(ctx context.Context, tx *store.Tx, ids []string) error {
	found, err := account.LoadMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	bad := &domain.InvalidError{}
	for i, id := range ids {
		if a := found[id]; a == nil || a.Disabled || !a.Holds(access.Integration) || slices.Contains(ids[:i], id) {
			bad.Add(fmt.Sprintf("/accounts/%d", i), domain.T("没有这个机器账号", "no such machine account"))
		}
	}
	return bad.Err()
}
