package journal_test

import (
	"testing"

	"wangge/domain/collections"
	"wangge/domain/journal"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
)

// Every collection that has a journal is shown under a kind, or says why it is not.
func TestEveryCollectionHasItsPlace(t *testing.T) {
	keys := worldtest.Must(personal.LoadKeys(t.TempDir()+"/keys", ""))(t)
	for _, c := range collections.All(keys) {
		if spec := c.Spec(); spec.Journaled != journal.Placed(spec.Name) {
			t.Errorf("%s: journaled %v, and has a place among the journal's things %v", spec.Name, spec.Journaled, !spec.Journaled)
		}
	}
}
