package sqlite

import (
	"fmt"
	"math/bits"
	"strings"
)

const (
	readersMost = 256 // that a statement names
	repliesMost = 64  // of which each has a reply of its own: a row is compared with half of them
)

// A statementOf is a statement about some readers, by the number of them: 1, 2, 4, …, so
// that few have to be prepared. It names them as parameters. Over a subquery, such as one
// of json_each, SQLite first gathers the rows that it is to change in a table of its own;
// each such table costs it 90 KB of memory, and a group's commit had five.
type statementOf []string

// readersStatement completes a statement that ends before the list of readers, of which
// there are most at most; before is how many parameters it has before them.
func readersStatement(before, most int, text func(n int) string) statementOf {
	var out statementOf
	for n := 1; n <= most; n *= 2 {
		out = append(out, text(n)+"("+parameters(before+1, n)+")")
	}
	return out
}

// parameters are n, from the given number on.
func parameters(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("?%d", from+i)
	}
	return strings.Join(list, ", ")
}

// with gives the statement about some readers with its parameters: those before the
// readers, the readers, and what belongs to each of them.
func (s statementOf) with(before []any, lists ...[]any) (text string, args []any) {
	size := bits.Len(uint(len(lists[0]) - 1))
	args = append(make([]any, 0, len(before)+len(lists)<<size), before...)
	for _, list := range lists {
		args = append(args, list...)
		for range 1<<size - len(list) {
			args = append(args, list[len(list)-1]) // to name one twice changes nothing
		}
	}
	return s[size], args
}
