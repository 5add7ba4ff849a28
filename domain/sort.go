package domain

import (
	"errors"
	"strings"
)

// ErrNotSortable is a list that cannot be had in another order than its own.
var ErrNotSortable = errors.New("domain: the list cannot be sorted")

// Sort is the order of a list: by one of its times, with a "-" the latest
// first; "" is the list's usual one.
type Sort string

// SortWords are the orders in which lists can be had.
var SortWords = NewEnum("Sort",
	W("createdAt", "最早上报或生成在前", "the first made first"), W("-createdAt", "最近上报或生成在前", "the last made first"),
	W("dueAt", "最早到期在前", "the first due first"), W("-dueAt", "最晚到期在前", "the last due first"),
	W("updatedAt", "最早变动在前", "the first changed first"), W("-updatedAt", "最近变动在前", "the last changed first"))

// Field is the time that the list is ordered by.
func (s Sort) Field() string { return strings.TrimPrefix(string(s), "-") }

// Falls reports whether the latest comes first.
func (s Sort) Falls() bool { return strings.HasPrefix(string(s), "-") }
