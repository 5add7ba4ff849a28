package access

import (
	"slices"
	"time"
)

// Rated is what the rules need to know of what residents rate 好差评.
type Rated struct {
	Place  Place
	Owners []string  // whose it is: see OwnerAccount and OwnerPhone
	At     time.Time // from when it is: a case and a ticket from their report, a visit from when somebody was met
	Staff  []string  // accounts whose work it was
	Whole  bool      // the actor sees all of it
}

// OwnerAccount is somebody whose a thing is, by their account.
func OwnerAccount(account string) string { return "account:" + account }

// OwnerPhone is somebody whose a thing is, by the blind index of their phone.
func OwnerPhone(index string) string { return "phone:" + index }

// OwnerKeys are the keys by which things are the actor's own.
func OwnerKeys(a Actor) (keys []string) {
	if a.System || a.Account == "" {
		return nil
	}
	keys = []string{OwnerAccount(a.Account)}
	if a.Phone != "" {
		keys = append(keys, OwnerPhone(a.Phone))
	}
	return keys
}

// OwnsRated: it is theirs, by their account or by a phone that they have
// proved. What is older than is known of these may be of who had them before: see OwnsCase.
func OwnsRated(a Actor, r Rated) bool {
	if a.System {
		return false
	}
	return a.Account != "" && slices.Contains(r.Owners, OwnerAccount(a.Account)) && !r.At.Before(a.Since) ||
		a.Phone != "" && slices.Contains(r.Owners, OwnerPhone(a.Phone)) && !r.At.Before(a.PhoneSince)
}

// MayRate: whose it is, but never their own work.
func MayRate(a Actor, r Rated) bool { return OwnsRated(a, r) && !a.Among(r.Staff...) }

// ratingManagers count ratings and see to it that what was bad is put right.
var ratingManagers = []Role{CommunityManager, StreetManager, Admin}

// CountsRatings are the roles that count and list ratings at all.
func CountsRatings(a Actor) bool { return a.Is(ratingManagers...) }

// RatingScopes are the areas whose ratings, and rectifications, the actor counts and lists.
func RatingScopes(a Actor) []Scope { return a.Scopes(ratingManagers...) }

// SeesRatingWords: what a resident wrote, beside the grade, is read by who
// manages there and sees all of what it is about; not by whom it is about.
func SeesRatingWords(a Actor, r Rated) bool {
	return r.Whole && a.In(r.Place, ratingManagers...) && !a.Among(r.Staff...)
}

// Rectification is what the rules need to know of a rectification 整改.
type Rectification struct {
	Place       Place
	Rated       []string // accounts whose work was rated
	Responsible string   // account of who puts it right
	Caller      string   // account of who is to call back; "" for whoever manages there
	Rectifier   string   // account that said what was done; "" while nobody has
}

// MaySeeRectification: who has a part in it and who manages there; not who was rated.
func MaySeeRectification(a Actor, r Rectification) bool {
	return a.System || !r.rates(a) && (a.In(r.Place, ratingManagers...) || a.has(r.Responsible) || a.has(r.Caller))
}

// SeesRectificationWords: what the resident wrote and said, of whoever sees all of what was rated.
func SeesRectificationWords(a Actor, r Rectification, whole bool) bool {
	return whole && MaySeeRectification(a, r)
}

// MayAssignRectification: to whom it is given, again, and when it ends without
// the resident; who manages there and was not rated.
func MayAssignRectification(a Actor, r Rectification) bool {
	return !a.System && !r.rates(a) && a.In(r.Place, ratingManagers...)
}

// MayRectify: say what was done, and who is to call back.
func MayRectify(a Actor, r Rectification) bool {
	return MayAssignRectification(a, r) || !a.System && !r.rates(a) && a.has(r.Responsible)
}

// MayCallBack: whoever is to, or manages there; neither who was rated nor who says that it was put right.
func MayCallBack(a Actor, r Rectification) bool {
	return (MayAssignRectification(a, r) || !a.System && !r.rates(a) && a.has(r.Caller)) && !a.Among(r.Rectifier)
}

// MayEndRectification: who manages there, but not of their own work.
func MayEndRectification(a Actor, r Rectification) bool {
	return MayAssignRectification(a, r) && !a.Among(r.Rectifier)
}

// has: it is given to them, and they work in the streets still.
func (a Actor) has(account string) bool {
	return a.actsFor(account) && a.IsStaff()
}

func (r Rectification) rates(a Actor) bool {
	return a.Among(r.Rated...)
}
