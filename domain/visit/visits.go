package visit

import (
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/personal"
	"wangge/store"
)

// UseCases are what people do with visits, by what they do it with.
type UseCases struct {
	Visits   *Visits
	Stops    *Stops
	Reviews  *Reviews
	Promises *Promises
	Works    *Works
	Days     *Days
}

// Visits are the use cases on planned visits, and on what a street decides about them.
type Visits struct {
	store      *store.Store
	areas      *area.Areas
	households *household.Households
	onAsked    OnAsked
}

// New returns the use cases on a store that has Collections, and those of accounts, photos, forms and plans.
func New(st *store.Store, areas *area.Areas, keys *personal.Keys, households *household.Households) UseCases {
	out := UseCases{
		Visits: &Visits{store: st, areas: areas, households: households}, Stops: &Stops{store: st, areas: areas, policies: households.Policies, keys: keys},
		Promises: &Promises{st, areas}, Works: &Works{st, areas},
	}
	out.Reviews = &Reviews{st, areas, out.Stops}
	out.Days = &Days{st, areas, out.Visits, out.Promises}
	return out
}
