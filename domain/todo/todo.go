// Package todo is the one home of «asked» and «told»: what somebody is to look
// at, said within the update that gives rise to it, so that neither is without
// the other. An item says its kind and what it is about, by id, and nothing
// of it: whether its reader may see that is asked when it is shown. Who is told
// is on the journal too, from which notices are delivered.
package todo

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/store"
)

// Kind is what somebody is asked or told.
type Kind string

var kinds []domain.Word

// Declare makes a kind; called once for each, in a variable of the package that asks.
func Declare(name, zh, en string) Kind {
	if slices.ContainsFunc(kinds, func(w domain.Word) bool { return w.Code == name }) || !domain.IsCode(name) {
		panic("todo: kind " + name + " is declared twice, or no code")
	}
	kinds = append(kinds, domain.W(name, zh, en))
	slices.SortFunc(kinds, func(a, b domain.Word) int { return strings.Compare(a.Code, b.Code) })
	return Kind(name)
}

// KindWords are the kinds that were declared.
func KindWords() domain.Enum { return domain.NewEnum("TodoKind", kinds...) }

// Text is what the kind says to who has it.
func (k Kind) Text() domain.Text { return KindWords().Text(string(k)) }

// About is the thing that somebody is to look at.
type About struct {
	Kind  string       `store:"kind"` // ticket, intake-case, visit, stop, station, qualification
	ID    string       `store:"id"`
	Place access.Place `store:"-"` // the journal entry lies in its street, or else in the city
}

// Item is what one person is asked or told.
type Item struct {
	store.Meta `store:",inline"`
	Recipient  string    `store:"recipient"` // account
	Kind       Kind      `store:"kind"`
	About      About     `store:"about"`
	Occasion   string    `store:"occasion"`
	At         time.Time `store:"at"`
	Open       bool      `store:"open"`
	DoneAt     time.Time `store:"doneAt,omitempty"`
}

// matter is one kind about one thing: which of its items are open.
type matter struct {
	store.Meta `store:",inline"`
	Open       []string `store:"open"` // items; some may have been done by who has them
}

// asking is what the journal's entry is about.
type asking struct {
	store.Meta `store:",inline"`
	Kind       Kind     `store:"kind"`
	About      About    `store:"about"`
	Recipients []string `store:"recipients"`
}

var (
	items = store.Declare[Item](store.Declaration{
		Name: "todos", Schema: 1, Unjournaled: true, Indexes: []string{"recipient: recipient, open, at"},
	})
	matters = store.Declare[matter](store.Declaration{Name: "todoMatters", Schema: 1, Unjournaled: true})
	askings = store.Declare[asking](store.Declaration{Name: "todoAskings", Schema: 1})
)

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{items, matters, askings} }

// space is where the ids of what the package stores follow from.
const space ids.Space = "6d1f6a3e-52c4-4b57-9a0e-1d8f7a5c2b90"

// Asking is who is asked or told of what.
type Asking struct {
	Kind     Kind
	About    About
	Occasion string // tells one time from another: "" where there is one only
	To       []string
	// Once: who is asked of several things for the same occasion gets one item,
	// about the first; the occasion is told from all others of the kind.
	Once bool
	// Urgent: nobody else is asked after these; the journal says so.
	Urgent bool
	// Clock: which of its times runs out, or has; the journal says so.
	Clock string
}

// UrgentDim is the dimension of an entry about what is urgent, ClockDim that of which clock tells it.
const UrgentDim, ClockDim = "urgent", "clock"

// Ask gives each recipient an item, once for an occasion whoever asks again
// and whatever has become of the item, and puts on the journal who got one. The
// update writes the street of what it is about, or the city where it lies in
// none; e has the time and the actor.
func Ask(ctx context.Context, tx *store.Tx, a Asking, e store.Entry) error {
	to := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(a.To))), func(id string) bool { return id == "" })
	if len(to) == 0 {
		return nil
	}
	names := make([]string, len(to))
	for i, recipient := range to {
		names[i] = a.item(recipient)
	}
	there, err := items.GetManyEver(ctx, tx, names)
	if err != nil {
		return err
	}
	m, err := matterOf(ctx, tx, a.Kind, a.About)
	if err != nil {
		return err
	}
	var fresh []string
	for i, recipient := range to {
		if there[names[i]] != nil {
			continue
		}
		it := &Item{Meta: store.Meta{ID: names[i]}, Recipient: recipient, Kind: a.Kind, About: a.About, Occasion: a.Occasion, At: e.At, Open: true}
		if err := items.Insert(tx, it); err != nil {
			return err
		}
		fresh, m.Open = append(fresh, recipient), append(m.Open, it.ID)
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := keep(tx, m); err != nil {
		return err
	}
	return record(ctx, tx, a, fresh, e)
}

// item is the id of what a recipient gets.
func (a Asking) item(recipient string) string {
	if a.Once {
		return space.Of("item", string(a.Kind), a.Occasion, recipient)
	}
	return space.Of("item", string(a.Kind), a.About.Kind, a.About.ID, a.Occasion, recipient)
}

// record puts on the journal who got an item.
func record(ctx context.Context, tx *store.Tx, a Asking, to []string, e store.Entry) error {
	partition := area.CityPartition
	if a.About.Place.Street != "" {
		partition = a.About.Place.Street
	}
	e.Action, e.Before, e.After = "todo.ask", store.Facts{}, store.Facts{}
	e.Dims = map[string]string{"kind": string(a.Kind), "about": a.About.Kind, "id": a.About.ID}
	if a.Urgent {
		e.Dims[UrgentDim] = "true"
	}
	if a.Clock != "" {
		e.Dims[ClockDim] = a.Clock
	}
	for i, recipient := range to {
		e.Dims["to"+strconv.Itoa(i+1)] = recipient
	}
	id := space.Of(append([]string{"asking", string(a.Kind), a.About.Kind, a.About.ID, a.Occasion}, to...)...)
	if _, err := askings.GetManyEver(ctx, tx, []string{id}); err != nil { // another node may be about to write it
		return err
	}
	return askings.Insert(tx, &asking{Meta: store.Meta{ID: id, Partition: partition}, Kind: a.Kind, About: a.About, Recipients: to}, e)
}

// Done ends the open items of a kind about a thing, whoever has them: those of
// these occasions, or all where none is named.
func Done(ctx context.Context, tx *store.Tx, kind Kind, about About, now time.Time, occasions ...string) error {
	return done(ctx, tx, kind, about, now, func(it *Item) bool { return len(occasions) > 0 && !slices.Contains(occasions, it.Occasion) })
}

// done ends the open items but for those to keep.
func done(ctx context.Context, tx *store.Tx, kind Kind, about About, now time.Time, keeps func(*Item) bool) error {
	m, err := matterOf(ctx, tx, kind, about)
	if err != nil || len(m.Open) == 0 {
		return err
	}
	open, err := items.GetMany(ctx, tx, m.Open)
	if err != nil {
		return err
	}
	var rest []string
	for _, id := range m.Open {
		it := open[id]
		switch {
		case it == nil || !it.Open:
		case keeps(it):
			rest = append(rest, id)
		default:
			it.Open, it.DoneAt = false, now
			if err := items.Put(tx, it); err != nil {
				return err
			}
		}
	}
	if len(rest) == len(m.Open) {
		return nil
	}
	m.Open = rest
	return keep(tx, m)
}

// matterOf returns the matter, a new one where there is none yet.
func matterOf(ctx context.Context, tx *store.Tx, kind Kind, about About) (*matter, error) {
	id := space.Of("matter", string(kind), about.Kind, about.ID)
	found, err := matters.GetMany(ctx, tx, []string{id})
	if err != nil {
		return nil, err
	}
	if m := found[id]; m != nil {
		return m, nil
	}
	return &matter{Meta: store.Meta{ID: id}}, nil
}

// keep writes the matter.
func keep(tx *store.Tx, m *matter) error {
	if m.Version == 0 {
		return matters.Insert(tx, m)
	}
	return matters.Put(tx, m)
}
