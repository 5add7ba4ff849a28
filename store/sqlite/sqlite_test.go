package sqlite_test

import (
	"testing"

	"wangge/store"
	"wangge/store/sqlite"
	"wangge/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Test(t, func(t *testing.T, nodes int) []store.Engine {
		dir := t.TempDir()
		var out []store.Engine
		for range nodes {
			e, err := sqlite.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, e)
		}
		return out
	}, storetest.Caps{})
}
