// Package service knows what the counters do and who may do it: the service
// items 事项 of the city's catalogue in their versions, the qualifications of
// people, and the training batches that give them. It knows no station and no
// case; those read from here what an item needs and who holds it.
package service

import (
	"regexp"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/store"
)

// Item 事项 is one version of a service item. It is in force from the first
// minute of its day until the next version is.
type Item struct {
	store.Meta `store:",inline"`
	Code       string     `store:"code"`
	Number     int64      `store:"number"`         // of the version: 1, 2, 3 …
	From       civil.Date `store:"from,omitempty"` // "": always
	By         string     `store:"by,omitempty"`   // account; "" of what is built in
	At         time.Time  `store:"at,omitempty"`   // when it was decided
	Content    `store:",inline"`
}

// Content is what is decided of an item.
type Content struct {
	Category      string     `store:"category"` // name
	Name          string     `store:"name"`
	Department    string     `store:"department"`             // name
	Organisation  string     `store:"organisation,omitempty"` // id, of a department that is on record here
	Materials     []Material `store:"materials,omitempty"`
	Steps         []string   `store:"steps,omitempty"`
	WorkingDays   int        `store:"workingDays"`             // promised, from acceptance to the end
	Qualification string     `store:"qualification,omitempty"` // code of the kind that who takes it must hold; "": anybody may
	Sensitive     bool       `store:"sensitive,omitempty"`     // disability, low income, family planning, medical
	HomeCall      bool       `store:"homeCall,omitempty"`      // done at home for who cannot come
	Retired       bool       `store:"retired,omitempty"`       // no longer taken
}

// Material is something that a resident brings.
type Material struct {
	Code   string `store:"code"`
	Name   string `store:"name"`
	Form   Form   `store:"form"`
	Needed bool   `store:"needed"` // else only in some cases
}

// Form is in what form a material is brought.
type Form string

const (
	Original Form = "original"
	Copy     Form = "copy"
	Both     Form = "both"
)

// FormWords are the forms there are.
var FormWords = domain.NewEnum("MaterialForm", domain.W(Original, "原件", "original"), domain.W(Copy, "复印件", "copy"), domain.W(Both, "原件和复印件", "original and copy"))

// Enum makes a form a word of the contract.
func (Form) Enum() domain.Enum { return FormWords }

// Enums of this package.
var Enums = []domain.Enum{FormWords}

// Kind is a kind of qualification.
type Kind struct {
	store.Meta `store:",inline"`
	Code       string      `store:"code"`
	Name       domain.Text `store:"name"`
	Retired    bool        `store:"retired,omitempty"` // nobody gets it any more
}

// head counts the changes of the catalogue: what a cache that has read up to it knows.
type head struct {
	store.Meta `store:",inline"`
}

func newHead() *head { return &head{store.Meta{ID: headID}} }

const (
	headID = "catalogue"

	space ids.Space = "0f6f9f0e-6a1b-4b5e-8a53-7a0f3f0c9d41"
)

var (
	versions = store.Declare[Item](store.Declaration{Name: "serviceItems", Schema: 1, Indexes: []string{"code: code, number"}})
	kinds    = store.Declare[Kind](store.Declaration{Name: "qualificationKinds", Schema: 1, Indexes: []string{"code: code"}})
	heads    = store.Declare[head](store.Declaration{Name: "serviceCatalogues", Schema: 1, Unjournaled: true})
)

// Collections lists what the package stores.
func Collections() []store.Declared {
	return []store.Declared{versions, kinds, heads, qualifications, batches, bookmarks}
}

// begins is the moment from which on the version is in force.
func (it *Item) begins() time.Time { return it.From.Start() }

// codeForm is that of items and of materials, which come from other systems.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
