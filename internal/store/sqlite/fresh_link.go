package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// AskFreshLink has a link mailed to a reader.
func (list Subscribers) AskFreshLink(ctx context.Context, id int64, p subscribers.Purpose, at time.Time) error {
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		s, err := subscriberByID(ctx, tx, id)
		if err != nil {
			return err
		}
		return tellFreshLink(ctx, tx, s, p, s.Email, at)
	})
	if err != nil {
		return fmt.Errorf("ask for a link: %w", err)
	}
	return nil
}

func tellFreshLink(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber, p subscribers.Purpose, recipient string, at time.Time) error {
	var lately int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM outbox WHERE subscriber_id = ? AND kind = ? AND created_at > ?",
		s.ID, outbox.KindFreshLink, toMillis(at.Add(-subscribers.FreshEvery))).Scan(&lately)
	if err != nil {
		return err
	}
	if err := subscribers.MayMailLink(lately); err != nil {
		return err
	}
	return tell(ctx, tx, outbox.FreshLink{Purpose: p}, sql.NullInt64{Int64: s.ID, Valid: true}, recipient, outbox.FreshLinkKey(p, s.ID), at)
}

// ComposeFreshLink makes the link of an event that waits, and gives its token.
// Each attempt at the mail has a link of its own.
func (o Outbox) ComposeFreshLink(ctx context.Context, e outbox.Event, p subscribers.Purpose, at time.Time) (string, error) {
	token := subscribers.NewToken()
	hash := token.Hash()
	err := o.db.inTx(ctx, func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `
			INSERT INTO fresh_links (token_sha256, subscriber_id, purpose, address, expires_at)
			SELECT ?, subscriber_id, ?, recipient, ? FROM outbox WHERE id = ? AND state = ?`,
			hash[:], p, toMillis(at.Add(subscribers.FreshFor)), e.ID, eventWaiting))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: the link was withdrawn", subscribers.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose link: %w", err)
	}
	return token.String(), nil
}

// FreshLink finds a link and changes nothing.
func (list Subscribers) FreshLink(ctx context.Context, hash [32]byte) (subscribers.FreshLink, error) {
	return freshLink(ctx, list.db.r, hash)
}

func freshLink(ctx context.Context, from querier, hash [32]byte) (subscribers.FreshLink, error) {
	var l subscribers.FreshLink
	var expires, used int64
	row := from.QueryRowContext(ctx, "SELECT "+subscriberColumns+`, l.purpose, l.address, l.expires_at, l.used_at
		FROM fresh_links l JOIN subscribers s ON s.id = l.subscriber_id
		WHERE l.token_sha256 = ? AND `+onList, hash[:])
	var err error
	l.Subscriber, err = scanSubscriber(row.Scan, &l.Purpose, &l.Address, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return subscribers.FreshLink{}, subscribers.ErrNotFound
	}
	if err != nil {
		return subscribers.FreshLink{}, fmt.Errorf("read link: %w", err)
	}
	l.ExpiresAt, l.UsedAt = fromMillis(expires), fromMillis(used)
	return l, nil
}

// byLink uses a link in the transaction of what it is for, and forgets old ones.
func (list Subscribers) byLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time, act func(*sql.Tx, subscribers.FreshLink) error) error {
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		l, err := freshLink(ctx, tx, hash)
		if err != nil {
			return err
		}
		if err := l.Check(p, at); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE fresh_links SET used_at = ? WHERE token_sha256 = ?", toMillis(at), hash[:]); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM fresh_links WHERE expires_at < ?", toMillis(at.Add(-subscribers.FreshEvery))); err != nil {
			return err
		}
		return act(tx, l)
	})
	if err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	return nil
}

// UseFreshLink uses a link.
func (list Subscribers) UseFreshLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.byLink(ctx, hash, p, at, func(_ *sql.Tx, l subscribers.FreshLink) error { s = l.Subscriber; return nil })
	return s, err
}

// ChangeByLink changes the name, and has a link mailed to a new address.
func (list Subscribers) ChangeByLink(ctx context.Context, hash [32]byte, name string, to *subscribers.Address, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.byLink(ctx, hash, subscribers.PurposeAddress, at, func(tx *sql.Tx, l subscribers.FreshLink) error {
		s = l.Subscriber
		s.Name = name
		if err := saveSubscriber(ctx, tx, s); err != nil || to == nil || to.Email == s.Email {
			return err
		}
		return tellFreshLink(ctx, tx, s, subscribers.PurposeNewAddress, to.Email, at)
	})
	return s, err
}

// MoveByLink changes the address.
func (list Subscribers) MoveByLink(ctx context.Context, hash [32]byte, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.byLink(ctx, hash, subscribers.PurposeNewAddress, at, func(tx *sql.Tx, l subscribers.FreshLink) error {
		old := l.Subscriber
		to, err := subscribers.ParseAddress(l.Address)
		if err != nil {
			return err
		}
		if err := makeRoom(ctx, tx, to, old.ID, at); err != nil {
			return err
		}
		if err := voidConfirmations(ctx, tx, old.ID, at); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE subscribers SET email = ?, email_key = ?, address_hash = ? WHERE id = ?", to.Email, to.Key, to.Hash, old.ID); err != nil {
			return err
		}
		if err := recordEvent(ctx, tx, old.ID, subscribers.EventMove, "from "+old.Email, at); err != nil {
			return err
		}
		if err := tellReader(ctx, tx, outbox.AddressChanged{}, old, at); err != nil {
			return err
		}
		s, err = subscriberByID(ctx, tx, old.ID)
		return err
	})
	return s, err
}

// makeRoom takes away who is at an address that a reader moves to, and an erasure
// of it, which ends by their confirming from it.
func makeRoom(ctx context.Context, tx *sql.Tx, to subscribers.Address, mover int64, at time.Time) error {
	k, err := known(ctx, tx, to)
	if err != nil || k.Found && k.Subscriber.ID == mover { // another spelling of the same address
		return err
	}
	if err := k.MayMoveHere(); err != nil {
		return err
	}
	if err := deleteSuppression(ctx, tx, to); err != nil || !k.Found {
		return err
	}
	return eraseSubscriber(ctx, tx, k.Subscriber, at)
}

// EraseByLink erases the link's reader.
func (list Subscribers) EraseByLink(ctx context.Context, hash [32]byte, at time.Time) error {
	err := list.byLink(ctx, hash, subscribers.PurposeErase, at, func(tx *sql.Tx, l subscribers.FreshLink) error {
		a, err := subscribers.ParseAddress(l.Subscriber.Email)
		if err != nil {
			return err
		}
		_, err = erase(ctx, tx, a, at)
		return err
	})
	return errors.Join(err, list.checkpointErased(ctx, err))
}
