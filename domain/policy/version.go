package policy

import (
	"fmt"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// Version is what a city or a street has decided for itself, from a day on. It
// never changes; a later one takes over from it.
type Version struct {
	store.Meta `store:",inline"`
	Area       string    `store:"area"`   // id of the city or street
	Number     int64     `store:"number"` // counts up within the area
	From       time.Time `store:"from"`   // midnight in China, or when it was decided on that day
	By         string    `store:"by"`     // account that decided; "system"
	At         time.Time `store:"at"`     // when it was decided
	Why        string    `store:"why"`
	Draft      int64     `store:"draft,omitempty"` // version of the draft that it was
	Content    Content   `store:"content"`
}

var versions = store.Declare[Version](store.Declaration{
	Name: "policyVersions", Schema: 1,
	Indexes: []string{"area: area, number"},
})

// Head stands for all that holds in a street, or for what its city has decided;
// its id is the area's. Its version grows with every change of either, so that
// whoever decided by a policy from memory can have it checked at commit.
type Head struct {
	store.Meta `store:",inline"`
	Own        int64 `store:"own"`            // number of the area's own latest version; 0: none
	City       int64 `store:"city,omitempty"` // of a street: that of its city's
}

var heads = store.Declare[Head](store.Declaration{Name: "policyHeads", Schema: 1})

// Draft is the next version while it is worked on; its id is the area's.
type Draft struct {
	store.Meta `store:",inline"`
	Base       int64     `store:"base"` // number of the area's latest version when it was last written
	By         string    `store:"by"`
	At         time.Time `store:"at"`
	Content    Content   `store:"content"`
}

var drafts = store.Declare[Draft](store.Declaration{Name: "policyDrafts", Schema: 1})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{versions, heads, drafts, oldRules, oldTags}
}

func versionID(area string, number int64) string { return fmt.Sprintf("%s/%d", area, number) }

// continued is what a street had decided, and then what the one that took over
// from it did: that goes on counting where it took the other's decisions over,
// so that they hold until its own begin.
func continued(former, own []*Version) []*Version {
	if len(own) == 0 {
		return former
	}
	taken := slices.IndexFunc(former, func(v *Version) bool { return v.Number >= own[0].Number })
	if taken < 0 {
		taken = len(former)
	}
	return slices.Concat(former[:taken], own)
}

// inForce is the version that holds at a time: of those that have begun the one
// decided last. nil: none has.
func inForce(all []*Version, now time.Time) *Version {
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].From.After(now) {
			return all[i]
		}
	}
	return nil
}

// ahead are the versions that will come into force after now, in their order.
func ahead(all []*Version, now time.Time) []*Version {
	var out []*Version
	for i, v := range all {
		begins := v.From.After(now)
		for _, later := range all[i+1:] {
			begins = begins && later.From.After(v.From)
		}
		if begins {
			out = append(out, v)
		}
	}
	return out
}

// part is the version as it is laid over others.
func (v *Version) part(origin Origin, area string) part {
	if v == nil {
		return part{origin: origin, area: area}
	}
	return part{origin, area, v.Number, v.Content}
}

// entry is the journal's line for what an actor did.
func entry(actor access.Actor, now time.Time, action string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "policy." + action}
}
