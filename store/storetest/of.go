package storetest

import "wangge/store"

// Of is the collection of these that holds a type: for tests that write behind the back of use cases.
func Of[T any, P store.Doc[T]](all []store.Declared) *store.Collection[T, P] {
	for _, d := range all {
		if c, ok := d.(*store.Collection[T, P]); ok {
			return c
		}
	}
	panic("storetest: none of these collections holds it")
}
