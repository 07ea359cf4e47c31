package sqlite

import (
	"context"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// SignUps are the database's sign-ups, until they are decided on and confirmed.
type SignUps struct {
	plainsql.SignUps
	db *DB
}

var _ subscribers.SignUps = SignUps{}

// SignUps gives the sign-ups.
func (db *DB) SignUps() SignUps { return SignUps{db.plain().SignUps(), db} }

// Decide takes sign-ups off the queue, those beside the database first.
func (q SignUps) Decide(ctx context.Context, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (int, error) {
	if err := q.db.takeSpilled(ctx); err != nil {
		return 0, err
	}
	return q.SignUps.Decide(ctx, b, begin)
}
