package demo

import (
	"bufio"
	"io"
	"testing"
	"time"
)

func TestProgressSaysWhatAndHowFar(t *testing.T) {
	in, out := io.Pipe()
	lines := bufio.NewScanner(in)
	start, ticks := time.Now(), make(chan time.Time)
	p := tell(out, start, ticks)
	for i, c := range []struct {
		do   func()
		want string
	}{
		{func() { p.begin("areas") }, "filling in areas, 1 s"},
		{func() { p.begin("households"); p.set(0, 300); p.did(120) }, "filling in households: 120 of 300, 2 s"},
		{func() { p.did(80) }, "filling in households: 200 of 300, 3 s"},
		{func() { p.begin("visits") }, "filling in visits, 4 s"},
	} {
		c.do()
		ticks <- start.Add(time.Duration(i+1) * time.Second)
		if !lines.Scan() || lines.Text() != c.want {
			t.Errorf("%q, want %q (%v)", lines.Text(), c.want, lines.Err())
		}
	}
	p.stop()
	p.stop() // twice is once
}
