package tiles

import (
	"container/list"
	"sync"
)

// cache keeps bodies up to a number of bytes; the one longest not asked for
// goes first. What changed is asked for under another key, so that the old
// body is never found again, and goes.
type cache struct {
	most int

	mu     sync.Mutex
	bytes  int
	recent *list.List // of *entry, the latest in front
	byKey  map[key]*list.Element
}

type entry struct {
	key  key
	body []byte
}

// entryBytes is about what an entry takes beside its body.
const entryBytes = 256

func newCache(most int) cache {
	return cache{most: most, recent: list.New(), byKey: map[key]*list.Element{}}
}

func (c *cache) get(k key) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[k]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*entry).body, true
}

func (c *cache) put(k key, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.byKey[k]; known {
		return
	}
	c.byKey[k] = c.recent.PushFront(&entry{k, body})
	c.bytes += len(body) + entryBytes
	for c.bytes > c.most {
		last := c.recent.Back()
		out := c.recent.Remove(last).(*entry)
		delete(c.byKey, out.key)
		c.bytes -= len(out.body) + entryBytes
	}
}
