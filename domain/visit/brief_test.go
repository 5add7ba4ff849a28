package visit_test

import (
	"testing"

	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/policy"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// Nothing is planned in a city that has no streets yet, and no index has to be there for that.
func TestNothingPlannedBeforeTheStreetsCome(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		keys := worldtest.Keys(t)
		var collections []store.Declared
		for _, c := range [][]store.Declared{area.Collections(), policy.Collections(), household.Collections(keys), visit.Collections()} {
			collections = append(collections, c...)
		}
		st, areas := worldtest.Open(t, p.Open(t), store.Options{}, collections...)
		households := household.New(st, areas, worldtest.Must(policy.New(t.Context(), st, areas))(t), keys)
		if planned, err := visit.New(st, areas, keys, households).Visits.Planned(t.Context()); err != nil || len(planned) > 0 {
			t.Errorf("planned: %v, %v", planned, err)
		}
	})
}
