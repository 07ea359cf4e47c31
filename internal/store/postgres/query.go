package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/subscribers"
)

// A querier is a transaction or the pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// collect reads all rows of a query; none is nil.
func collect[T any](rows pgx.Rows, err error, scan func(pgx.CollectableRow) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scan)
	if len(list) == 0 {
		list = nil
	}
	return list, err
}

// run executes a statement and gives how many rows it changed.
func run(ctx context.Context, tx runner, sql string, args ...any) (int64, error) {
	tag, err := tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// text is what may be stored of words from outside: PostgreSQL's text is UTF-8
// and has no NUL.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}

// texts makes of a statement's arguments what may be stored.
func texts(args []any) []any {
	for i, a := range args {
		if words, ok := a.(string); ok {
			args[i] = text(words)
		}
	}
	return args
}

// holdAddresses keeps other transactions from deciding on these addresses until
// this one ends; see plainsql.Dialect.
func holdAddresses(ctx context.Context, tx runner, list ...subscribers.Address) error {
	shards := make([]int16, 0, len(list))
	for _, a := range list {
		shards = append(shards, int16(a.SHA256[0]))
	}
	slices.Sort(shards)
	_, err := tx.Exec(ctx, "SELECT 1 FROM address_locks WHERE shard = ANY($1) ORDER BY shard FOR UPDATE", slices.Compact(shards))
	return err
}

// holdEveryAddress is holdAddresses for all.
func holdEveryAddress(ctx context.Context, tx runner) error {
	_, err := tx.Exec(ctx, "SELECT 1 FROM address_locks ORDER BY shard FOR UPDATE")
	return err
}
