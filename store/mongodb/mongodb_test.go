package mongodb_test

import (
	"os"
	"testing"

	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Test(t, func(t *testing.T, nodes int) []store.Engine {
		return open(t, mongotest.URI(t), nodes)
	}, storetest.Caps{WatchAcrossNodes: true})
}

// open connects so many nodes to one database.
func open(tb testing.TB, uri string, nodes int) []store.Engine {
	tb.Helper()
	out := make([]store.Engine, nodes)
	for i := range out {
		e, err := mongodb.Open(tb.Context(), uri)
		if err != nil {
			tb.Fatal(err)
		}
		out[i] = e
	}
	return out
}
