package plainsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// Erase removes a person. What a database keeps of rows that were deleted is its
// own package's to say.
func (s Subscribers) Erase(ctx context.Context, a subscribers.Address, at time.Time) (found bool, err error) {
	err = s.db.Write(ctx, func(tx Tx) (err error) {
		found, err = erase(ctx, tx, a, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("erase address: %w", err)
	}
	return found, nil
}

// erase takes sign-ups off the queue before it holds the address: that is the
// order in which they are decided on.
func erase(ctx context.Context, tx Tx, a subscribers.Address, at time.Time) (found bool, err error) {
	if err := deleteSignUps(ctx, tx, a); err != nil {
		return false, err
	}
	if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
		return false, err
	}
	if _, err := RecordSuppression(ctx, tx, a, subscribers.Suppression{Reason: subscribers.Erased, At: at}); err != nil {
		return false, err
	}
	old, err := HeldByKey(ctx, tx, a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, eraseSubscriber(ctx, tx, old, at)
}

// personal are the tables with what is known of one reader.
var personal = [...]string{"confirmations", "outbox", "subscriber_events", "fresh_links", "votes", "saved", "delivery_lines", "leave_answers", "import_changed_subscribers"}

func eraseSubscriber(ctx context.Context, tx Tx, old subscribers.Subscriber, at time.Time) error {
	if err := voidConfirmations(ctx, tx, old.ID, at); err != nil {
		return err
	}
	s := old.Erase(at, subscribers.NewToken())
	if err := SaveSubscriber(ctx, tx, s); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE subscribers SET email = $1, email_key = 'erased:' || id, address_hash = 0, token = $2 WHERE id = $3",
		s.Email, s.Token[:], s.ID); err != nil {
		return fmt.Errorf("erase subscriber: %w", err)
	}
	for _, table := range personal {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE subscriber_id = $1", s.ID); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	if err := EraseKept(ctx, tx, old.Email); err != nil {
		return err
	}
	return eraseReplies(ctx, tx, s.ID)
}

// eraseReplies takes the address out of what servers answered about it.
func eraseReplies(ctx context.Context, tx Tx, id int64) error {
	replies := map[int64]string{}
	err := each(ctx, tx, func(rows Rows) error {
		var edition int64
		var reply string
		err := rows.Scan(&edition, &reply)
		replies[edition] = delivery.WithoutAddresses(reply)
		return err
	}, `
		SELECT d.edition_id, d.reply
		FROM sends s JOIN deliveries d ON d.edition_id = s.edition_id
		WHERE d.subscriber_id = $1 AND d.reply LIKE '%@%'`, id)
	for edition, reply := range replies {
		if err == nil {
			_, err = tx.Exec(ctx, "UPDATE deliveries SET reply = $1 WHERE edition_id = $2 AND subscriber_id = $3", tx.Dialect().Reply(reply), edition, id)
		}
	}
	if err != nil {
		return fmt.Errorf("erase replies: %w", err)
	}
	return nil
}
