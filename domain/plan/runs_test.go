package plan

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/enginetest"
)

// However many plans of a street have ended, those that run are found.
func TestRunningAmongManyThatEnded(t *testing.T) {
	st := enginetest.Store(t, enginetest.SQLite(t).Open(t), store.Options{}, runs)
	next := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	err := st.Update(t.Context(), nil, func(tx *store.Tx) error {
		for i := range 600 {
			if err := runs.Insert(tx, &run{Meta: store.Meta{ID: fmt.Sprintf("ended %d", i)}, Street: "s"}); err != nil {
				return err
			}
		}
		for _, id := range []string{"a plan", "running"} { // before and after those that ended, by id
			if err := runs.Insert(tx, &run{Meta: store.Meta{ID: id}, Street: "s", NextAt: next}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Running(t.Context(), st, "s"); err != nil || !slices.Equal(got, []string{"a plan", "running"}) {
		t.Errorf("%v, %v", got, err)
	}
}
