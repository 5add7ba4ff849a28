package notice

import "testing"

// WriteAtOnce has as many notices written at once, until the test ends.
func WriteAtOnce(t testing.TB, most int) {
	was := writtenAtOnce
	writtenAtOnce = most
	t.Cleanup(func() { writtenAtOnce = was })
}
