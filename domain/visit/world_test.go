package visit_test

import (
	"os"
	"testing"
	"time"

	"wangge/domain/schedule/scheduletest"
	"wangge/domain/worldtest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

// The city of the tests, and its people.
type (
	world = scheduletest.World
	node  = scheduletest.Node
)

const (
	day   = 24 * time.Hour
	today = scheduletest.Today

	jia    = worldtest.Jia
	yi     = worldtest.Yi
	jiaOne = worldtest.JiaOne
	jiaTwo = worldtest.JiaTwo
	east   = worldtest.East
	west   = worldtest.West
	north  = worldtest.North
	other  = worldtest.Other

	elderTag = scheduletest.ElderTag
	weekly   = scheduletest.Weekly
)

var (
	noon, rehearse, at = scheduletest.Noon, scheduletest.Rehearse, worldtest.At

	eachEngine, oneEngine, onSQLite = scheduletest.EachEngine, scheduletest.OneEngine, scheduletest.OnSQLite

	terms, said, arrival, pointers, code = scheduletest.Terms, scheduletest.Said, scheduletest.AtDoor, scheduletest.Pointers, worldtest.Conflict
)

// must takes a result and fails the test on its error.
func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }
