package sqlite

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// Subscribers are the database's list.
type Subscribers struct {
	plainsql.Imports
	plainsql.Subscribers
	db *DB
}

var _ subscribers.List = Subscribers{}

// Subscribers gives the list.
func (db *DB) Subscribers() Subscribers {
	return Subscribers{db.plain().Imports(), db.plain().Subscribers(), db}
}

// Erase removes a person, from the file beside the database, too.
func (list Subscribers) Erase(ctx context.Context, a subscribers.Address, at time.Time) (found bool, err error) {
	err = list.erasing(ctx, func() error {
		found, err = list.Subscribers.Erase(ctx, a, at)
		return err
	})
	return found, err
}

// EraseByLink erases the link's reader.
func (list Subscribers) EraseByLink(ctx context.Context, hash [32]byte, at time.Time) error {
	return list.erasing(ctx, func() error { return list.Subscribers.EraseByLink(ctx, hash, at) })
}

// erasing erases. What is deleted is overwritten (secure_delete), but until a
// checkpoint the log has the old pages. A reader can hold it up; the next one does
// it then.
func (list Subscribers) erasing(ctx context.Context, erase func() error) error {
	if err := list.db.takeSpilled(ctx); err != nil {
		return fmt.Errorf("erase address: %w", err)
	}
	if err := erase(); err != nil {
		return err
	}
	if _, err := list.db.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("erase address: %w", err)
	}
	return nil
}
