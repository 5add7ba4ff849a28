// Package form is the questionnaires of visits 走访表: JSON Schemas (2020-12)
// with titles in both languages, in versions that never change, and answers
// checked against them. A schema is somebody's input: it reaches for no file
// or address, and its work is bounded. The package knows no visit, and no HTTP.
package form

import (
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

// Form is one version of a questionnaire. It is written once: a change makes
// the next version, and what was answered under this one stays readable.
type Form struct {
	store.Meta `store:",inline"`
	Code       string       `store:"code"`   // tells the street's forms apart; shared by the versions
	Number     int          `store:"number"` // of the version: 1, 2, 3 …
	Newest     bool         `store:"newest"` // there is no later version yet
	Place      access.Place `store:"place"`  // the street's
	Tag        string       `store:"tag"`    // of the households it is for; "" for any
	Title      Title        `store:"title"`
	Schema     string       `store:"questions"` // JSON text, as Read takes it
	By         string       `store:"by"`
	At         time.Time    `store:"at"`
}

// Title is a heading in both languages.
type Title struct {
	ZH string `store:"zh"`
	EN string `store:"en"`
}

var forms = store.Declare[Form](store.Declaration{
	Name: "forms", Schema: 2,
	Indexes:  []string{"newest: partition, newest, code", "code: partition, code, number", "tag: partition, newest, tag, code"},
	Upgrades: []store.Upgrade{renamed},
})

// renamed is schema 1 to 2: the JSON Schema lay under the name that the store's own number of the schema has.
func renamed(doc store.D) (store.D, error) {
	for i := range doc {
		if doc[i].Key == "schema" {
			doc[i].Key = "questions"
		}
	}
	return doc, nil
}

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{forms} }

// derived makes the ids of versions: two people who make the same version meet.
const derived = ids.Space("0b8e7c1a-5f0d-5c7e-9d63-3a1f6b2c9e47")

func versionID(street, code string, number int) string {
	return derived.Of(street, code, strconv.Itoa(number))
}

// entry is the journal's line for what an actor did to the form.
func (f *Form) entry(actor access.Actor, now time.Time, action string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "form." + action,
		Dims: map[string]string{"code": f.Code, "number": strconv.Itoa(f.Number), "tag": f.Tag}}
}
