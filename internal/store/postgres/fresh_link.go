package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// AskFreshLink has a link mailed to a reader.
func (list Subscribers) AskFreshLink(ctx context.Context, id int64, p subscribers.Purpose, at time.Time) error {
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		s, err := heldSubscriber(ctx, tx, id)
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

func tellFreshLink(ctx context.Context, tx pgx.Tx, s subscribers.Subscriber, p subscribers.Purpose, recipient string, at time.Time) error {
	var lately int
	err := tx.QueryRow(ctx, "SELECT count(*) FROM outbox WHERE subscriber_id = $1 AND kind = $2 AND created_at > $3",
		s.ID, string(outbox.KindFreshLink), column.Millis(at.Add(-subscribers.FreshEvery))).Scan(&lately)
	if err != nil {
		return err
	}
	if err := subscribers.MayMailLink(lately); err != nil {
		return err
	}
	return tell(ctx, tx, outbox.FreshLink{Purpose: p}, &s.ID, recipient, outbox.FreshLinkKey(p, s.ID), at)
}

// ComposeFreshLink makes the link of an event that waits, and gives its token.
// Each attempt at the mail has a link of its own.
func (o Outbox) ComposeFreshLink(ctx context.Context, e outbox.Event, p subscribers.Purpose, at time.Time) (string, error) {
	token := subscribers.NewToken()
	hash := token.Hash()
	err := o.db.inTx(ctx, func(tx pgx.Tx) error {
		n, err := run(ctx, tx, `
			INSERT INTO fresh_links (token_sha256, subscriber_id, purpose, address, expires_at)
			SELECT $1, subscriber_id, $2, recipient, $3 FROM outbox WHERE id = $4 AND state = $5`,
			hash[:], string(p), column.Millis(at.Add(subscribers.FreshFor)), e.ID, eventWaiting)
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
	l, err := freshLink(ctx, list.db.pool, hash, "")
	return l, list.db.fault(err)
}

func freshLink(ctx context.Context, from querier, hash [32]byte, lock string) (subscribers.FreshLink, error) {
	var l subscribers.FreshLink
	var purpose string
	var expires, used int64
	row := from.QueryRow(ctx, "SELECT "+subscriberColumns+`, l.purpose, l.address, l.expires_at, l.used_at
		FROM fresh_links l JOIN subscribers s ON s.id = l.subscriber_id
		WHERE l.token_sha256 = $1 AND `+onList+lock, hash[:])
	var err error
	l.Subscriber, err = column.Subscriber(row.Scan, &purpose, &l.Address, &expires, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return subscribers.FreshLink{}, subscribers.ErrNotFound
	}
	if err != nil {
		return subscribers.FreshLink{}, fmt.Errorf("read link: %w", err)
	}
	l.Purpose, l.ExpiresAt, l.UsedAt = subscribers.Purpose(purpose), column.Time(expires), column.Time(used)
	return l, nil
}

// byLink uses a link in the transaction of what it is for, and forgets old ones.
// The addresses that the act decides on are held first, as everywhere.
func (list Subscribers) byLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time, act func(pgx.Tx, subscribers.FreshLink) error) error {
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		l, err := freshLink(ctx, tx, hash, "")
		if err != nil {
			return err
		}
		if err := holdLink(ctx, tx, l); err != nil {
			return err
		}
		if l, err = freshLink(ctx, tx, hash, " FOR UPDATE OF s, l"); err != nil {
			return err
		}
		if err := l.Check(p, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE fresh_links SET used_at = $1 WHERE token_sha256 = $2", column.Millis(at), hash[:]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM fresh_links WHERE expires_at < $1", column.Millis(at.Add(-subscribers.FreshEvery))); err != nil {
			return err
		}
		return act(tx, l)
	})
	if err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	return nil
}

// holdLink holds the addresses of a link's reader, those that it may move from
// and to.
func holdLink(ctx context.Context, tx pgx.Tx, l subscribers.FreshLink) error {
	var list []subscribers.Address
	for _, email := range []string{l.Subscriber.Email, l.Address} {
		if a, err := subscribers.ParseAddress(email); err == nil { // else the act says so
			list = append(list, a)
		}
	}
	return holdAddresses(ctx, tx, list...)
}

// UseFreshLink uses a link.
func (list Subscribers) UseFreshLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.byLink(ctx, hash, p, at, func(_ pgx.Tx, l subscribers.FreshLink) error { s = l.Subscriber; return nil })
	return s, err
}

// ChangeByLink changes the name, and has a link mailed to a new address.
func (list Subscribers) ChangeByLink(ctx context.Context, hash [32]byte, name string, to *subscribers.Address, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.byLink(ctx, hash, subscribers.PurposeAddress, at, func(tx pgx.Tx, l subscribers.FreshLink) error {
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
	err := list.byLink(ctx, hash, subscribers.PurposeNewAddress, at, func(tx pgx.Tx, l subscribers.FreshLink) error {
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
		if _, err := tx.Exec(ctx, "UPDATE subscribers SET email = $1, email_key = $2, address_hash = $3 WHERE id = $4", to.Email, to.Key, to.Hash, old.ID); err != nil {
			return err
		}
		if err := recordEvent(ctx, tx, old.ID, subscribers.EventMove, "from "+old.Email, at); err != nil {
			return err
		}
		if err := tellReader(ctx, tx, outbox.AddressChanged{}, old, at); err != nil {
			return err
		}
		s, err = heldSubscriber(ctx, tx, old.ID)
		return err
	})
	return s, err
}

// makeRoom takes away who is at an address that a reader moves to, and an erasure
// of it, which ends by their confirming from it.
func makeRoom(ctx context.Context, tx pgx.Tx, to subscribers.Address, mover int64, at time.Time) error {
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
	return list.byLink(ctx, hash, subscribers.PurposeErase, at, func(tx pgx.Tx, l subscribers.FreshLink) error {
		a, err := subscribers.ParseAddress(l.Subscriber.Email)
		if err != nil {
			return err
		}
		_, err = erase(ctx, tx, a, at)
		return err
	})
}
