// Package account knows who may sign in: people and machine accounts, what
// they are granted, their sessions, the codes sent to their phones, and who of
// them staffs a cell. It makes an account the Actor that access decides about.
// It knows neither HTTP nor the tokens that carry a session to a client.
package account

import (
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/fold"
	"wangge/domain/personal"
	"wangge/store"
)

// Account is a person or a program that may sign in. Every name and phone is
// sealed. People who work in the streets are known by name to their
// colleagues, so the names of staff and of machines are there in clear as well.
type Account struct {
	store.Meta `store:",inline"`
	Username   string          `store:"username,omitempty"` // lower case; a resident has none
	Name       string          `store:"name,omitempty"`     // in clear: of staff and machines only
	NameSealed personal.Sealed `store:"nameSealed,omitempty"`
	NameMasked string          `store:"nameMasked,omitempty"`

	Phone       personal.Sealed `store:"phone,omitempty"`
	PhoneIndex  string          `store:"phoneIndex,omitempty"`
	PhoneMasked string          `store:"phoneMasked,omitempty"`
	PhoneProved time.Time       `store:"phoneProved,omitempty"` // last, by a code
	PhoneSince  time.Time       `store:"phoneSince,omitempty"`  // from then on nobody else can have had the phone; see prove
	HeldSince   time.Time       `store:"heldSince,omitempty"`   // from then on nobody else can have had the account; zero: ever

	Password     string    `store:"password,omitempty"` // PHC string; none: never signs in by password
	Grants       []Grant   `store:"grants"`
	Organisation string    `store:"organisation,omitempty"` // id; whom a handler works for
	Language     string    `store:"language"`
	Disabled     bool      `store:"disabled"`
	Machine      bool      `store:"machine"`
	Created      time.Time `store:"created"`

	// Epoch counts what ended all sessions at once: one that began in an
	// earlier epoch is over.
	Epoch int64 `store:"epoch"`

	Sort string   `store:"sort"` // what lists are ordered by: the username, or the id
	Keys []string `store:"keys"` // what lists find it by; see keysOf
}

// Grant is a role over an area and all below it. A grid lead's and an outreach
// worker's is where they may be posted; their posts are in the cells.
type Grant struct {
	Role  access.Role  `store:"role"`
	Level access.Level `store:"level,omitempty"`
	Area  string       `store:"area,omitempty"` // id; the one of then, where the area was recoded since
}

// Languages of the texts an account gets; the first is the default.
var Languages = domain.CodesOf[string](LanguageWords)

// collection is every account. Lists read one multi-valued index: each of their
// filters, and each pair of role and area, is a key.
var collection = store.Declare[Account](store.Declaration{
	Name: "accounts", Schema: 2, Upgrades: []store.Upgrade{refolded},
	Indexes: []string{"username!: username", "phone!: phoneIndex", "sort: sort", "keys: keys, sort"},
})

// Collections lists what the package stores.
func Collections() []store.Declared {
	return []store.Declared{collection, sessions, feeds.Declared(), codes, covers, rosters}
}

// Holds reports whether the account is granted one of the roles, anywhere.
func (a *Account) Holds(roles ...access.Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(roles, g.Role) })
}

// Public reports whether the name may be shown to whoever works.
func (a *Account) Public() bool { return a.Machine || a.Holds(access.Staff...) }

// DisplayName is the name as others see it.
func (a *Account) DisplayName() string {
	if a.Name != "" {
		return a.Name
	}
	return a.NameMasked
}

func (a *Account) roles() []access.Role {
	out := make([]access.Role, len(a.Grants))
	for i, g := range a.Grants {
		out[i] = g.Role
	}
	return out
}

func (a *Account) state() store.Facts {
	if a.Disabled {
		return store.Facts{State: "disabled"}
	}
	return store.Facts{State: "active"}
}

// settle brings what is derived from the other fields up to date. places are
// those of the grants.
func (a *Account) settle(places []access.Place) {
	if !a.Public() {
		a.Name = ""
	}
	a.Sort = a.Username
	if a.Sort == "" {
		a.Sort = a.ID
	}
	a.Keys = a.keysOf(places)
}

// keysOf lists the keys: "role@area" for every grant and every area around it,
// the same without the role and without the area, "organisation:id", and
// those of textKeys.
func (a *Account) keysOf(places []access.Place) []string {
	var keys []string
	for i, g := range a.Grants {
		keys = append(keys, roleKey(g.Role, ""))
		for _, l := range []access.Level{access.City, access.County, access.Street, access.Community} {
			if id := places[i].At(l); id != "" {
				keys = append(keys, roleKey(g.Role, id), roleKey("", id))
			}
		}
	}
	if a.Organisation != "" {
		keys = append(keys, organisationKey(a.Organisation))
	}
	keys = append(keys, textKeys(a.Username, a.Name)...)
	slices.Sort(keys)
	return slices.Compact(keys)
}

func roleKey(r access.Role, area string) string { return string(r) + "@" + area }
func organisationKey(id string) string          { return "organisation:" + id }
func textKey(beginning string) string           { return beginsWith + beginning }

const beginsWith = "text:"

// textKeys are the keys of every beginning of the texts from two letters on.
// Pages of accounts go by username, however many begin alike: beginnings under
// an index in this order give that, which a text index does not.
func textKeys(texts ...string) (keys []string) {
	for _, text := range texts {
		letters := []rune(searched(text))
		for n := 2; n <= len(letters); n++ {
			keys = append(keys, textKey(string(letters[:n])))
		}
	}
	return keys
}

// refolded brings an account from schema 1 to 2: beginnings are compared folded.
func refolded(a store.D) (store.D, error) {
	text := func(field string) string {
		i := slices.IndexFunc(a, func(e store.E) bool { return e.Key == field })
		if i < 0 {
			return ""
		}
		s, _ := a[i].Value.(string)
		return s
	}
	for i, f := range a {
		was, ok := f.Value.(store.A)
		if f.Key != "keys" || !ok {
			continue
		}
		keys := textKeys(text("username"), text("name"))
		for _, key := range was {
			if s, ok := key.(string); ok && !strings.HasPrefix(s, beginsWith) {
				keys = append(keys, s)
			}
		}
		slices.Sort(keys)
		now := store.A{}
		for _, key := range slices.Compact(keys) {
			now = append(now, key)
		}
		a[i].Value = now
	}
	return a, nil
}

// searched is a text as its beginnings are looked for: in letters and digits only.
func searched(text string) string { return strings.Join(fold.Words(text), "") }
