package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/bits"
	"strings"
)

// readersMost is how many readers a statement names at most.
const readersMost = 1 << (readersSizes - 1)

const readersSizes = 9

// A statementOf is a statement about some readers, by the number of them: 1, 2, 4, …
// readersMost, so that few have to be prepared. It names them as parameters. Over a
// subquery, such as one of json_each, SQLite first gathers the rows that it is to change
// in a table of its own; each such table costs it 90 KB of memory, and a group's commit
// had five.
type statementOf struct {
	before int // parameters before the readers
	texts  [readersSizes]string
}

// readersStatement completes a statement that ends before the list of readers.
func readersStatement(before int, text string) statementOf {
	out := statementOf{before: before}
	for i := range out.texts {
		list := make([]string, 1<<i)
		for j := range list {
			list[j] = fmt.Sprintf("?%d", before+1+j)
		}
		out.texts[i] = text + "(" + strings.Join(list, ", ") + ")"
	}
	return out
}

// exec runs the statement; args are its parameters, the readers last.
func (s *statementOf) exec(ctx context.Context, tx runner, args []any) (sql.Result, error) {
	n := len(args) - s.before
	size := bits.Len(uint(n - 1))
	for range 1<<size - n {
		args = append(args, args[len(args)-1]) // to name one twice changes nothing
	}
	return tx.ExecContext(ctx, s.texts[size], args...)
}
