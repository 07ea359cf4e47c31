package postgres

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// FreezeAlone is the edition's part of a freeze.
func (db *DB) FreezeAlone(ctx context.Context, f delivery.Freeze) error {
	return db.inTx(ctx, func(tx pgx.Tx) error { return plainsql.FreezeEdition(ctx, plainTx{tx}, f) })
}

// Exec runs a statement on a database's own connections.
func Exec(ctx context.Context, db *DB, query string, args ...any) error {
	_, err := db.pool.Exec(ctx, query, args...)
	return err
}

// Cut has db's process die before its nth statement from now on, or after a
// commit: nothing that follows reaches the server, and ctx ends. reached reports
// whether it came so far.
func Cut(ctx context.Context, db *DB, n int) (_ context.Context, reached func() bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &cut{die: cancel}
	c.left.Store(int64(n))
	config := db.pool.Config()
	config.ConnConfig.Tracer = c
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	db.pool, pool = pool, db.pool
	pool.Close()
	return ctx, func() bool { return c.left.Load() <= 0 }, nil
}

type cut struct {
	left atomic.Int64
	die  context.CancelFunc
}

func (c *cut) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if c.left.Add(-1) > 0 {
		return ctx
	}
	c.die()
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

func (c *cut) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if data.CommandTag.String() == "COMMIT" && c.left.Add(-1) == 0 {
		c.die()
	}
}

// RecordUsual is a queue's quick way of recording a group.
func RecordUsual(q delivery.Queue, g *delivery.Group) (done bool, err error) {
	x := q.(*queue)
	x.groups++
	if err := x.relays.Learn(context.Background(), g); err != nil {
		return false, err
	}
	r := &recording{q: x, g: g, number: x.sender.Epoch<<32 | x.groups}
	if !r.usual() {
		return false, nil
	}
	return r.commitUsual(context.Background())
}

// Began has a queue's sender have begun on another server: on another timeline, or of
// another cluster.
func Began(q delivery.Queue, cluster string, later int64) {
	x := q.(*queue)
	x.server.system += cluster
	x.server.timeline += later
}
