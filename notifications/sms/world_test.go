package sms

import (
	"os"
	"testing"

	"wangge/domain/worldtest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }
