package demo

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress says at every tick what is being filled in and how far it is.
type progress struct {
	mu          sync.Mutex
	step        string
	done, total int // total 0: not known

	stop func() // no line comes after it
}

func tell(out io.Writer, start time.Time, ticks <-chan time.Time) *progress {
	p := &progress{}
	end, ended := make(chan struct{}), make(chan struct{})
	p.stop = sync.OnceFunc(func() { close(end); <-ended })
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			case at := <-ticks:
				fmt.Fprintf(out, "filling in %s, %.0f s\n", p, at.Sub(start).Seconds())
			}
		}
	}()
	return p
}

func (p *progress) begin(step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.done, p.total = step, 0, 0
}

func (p *progress) set(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
}

// expect is that so many more are to be done.
func (p *progress) expect(more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total += more
}

func (p *progress) did(more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += more
}

func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total == 0 {
		return p.step
	}
	return fmt.Sprintf("%s: %d of %d", p.step, p.done, p.total)
}
