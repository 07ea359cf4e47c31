package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// AskFreshLink has a link mailed to a reader.
func (s Subscribers) AskFreshLink(ctx context.Context, id int64, p subscribers.Purpose, at time.Time) error {
	err := s.db.Write(ctx, func(tx Tx) error {
		reader, err := heldSubscriber(ctx, tx, id)
		if err != nil {
			return err
		}
		return tellFreshLink(ctx, tx, reader, p, reader.Email, at)
	})
	if err != nil {
		return fmt.Errorf("ask for a link: %w", err)
	}
	return nil
}

func tellFreshLink(ctx context.Context, tx Tx, s subscribers.Subscriber, p subscribers.Purpose, recipient string, at time.Time) error {
	var lately int
	err := tx.QueryRow(ctx, "SELECT count(*) FROM outbox WHERE subscriber_id = $1 AND kind = $2 AND created_at > $3 AND recipient = $4",
		s.ID, string(outbox.KindFreshLink), column.Millis(at.Add(-subscribers.FreshEvery)), recipient).Scan(&lately)
	if err != nil {
		return err
	}
	if err := subscribers.MayMailLink(lately); err != nil {
		return err
	}
	return tell(ctx, tx, outbox.FreshLink{Purpose: p}, &s.ID, recipient, outbox.FreshLinkKey(p, s.ID, recipient), at)
}

// FreshLink finds a link and changes nothing.
func (s Subscribers) FreshLink(ctx context.Context, hash [32]byte) (l subscribers.FreshLink, err error) {
	err = s.db.Look(ctx, func(tx Tx) (err error) {
		l, err = freshLink(ctx, tx, hash, "")
		return err
	})
	return l, err
}

func freshLink(ctx context.Context, tx Tx, hash [32]byte, lock string) (l subscribers.FreshLink, err error) {
	var purpose string
	var expires, used int64
	row := tx.QueryRow(ctx, "SELECT "+SubscriberColumns+`, l.purpose, l.address, l.expires_at, l.used_at
		FROM fresh_links l JOIN subscribers s ON s.id = l.subscriber_id
		WHERE l.token_sha256 = $1 AND `+OnList+lock, hash[:])
	l.Subscriber, err = column.Subscriber(row.Scan, &purpose, &l.Address, &expires, &used)
	if noRows(err) {
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
func (s Subscribers) byLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time, act func(Tx, subscribers.FreshLink) error) error {
	err := s.db.Write(ctx, func(tx Tx) error {
		l, err := freshLink(ctx, tx, hash, "")
		if err != nil {
			return err
		}
		if err := holdLink(ctx, tx, l); err != nil {
			return err
		}
		if l, err = freshLink(ctx, tx, hash, tx.Dialect().HoldLink); err != nil {
			return err
		}
		if err := l.Check(p, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE fresh_links SET used_at = $1 WHERE token_sha256 = $2", column.Millis(at), hash[:]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM fresh_links WHERE expires_at < $1", column.Millis(at.Add(-subscribers.FreshKept))); err != nil {
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
func holdLink(ctx context.Context, tx Tx, l subscribers.FreshLink) error {
	var list []subscribers.Address
	for _, email := range []string{l.Subscriber.Email, l.Address} {
		if a, err := subscribers.ParseAddress(email); err == nil { // else the act says so
			list = append(list, a)
		}
	}
	return tx.Dialect().HoldAddress(ctx, tx, list...)
}

// UseFreshLink uses a link.
func (s Subscribers) UseFreshLink(ctx context.Context, hash [32]byte, p subscribers.Purpose, at time.Time) (reader subscribers.Subscriber, err error) {
	err = s.byLink(ctx, hash, p, at, func(_ Tx, l subscribers.FreshLink) error { reader = l.Subscriber; return nil })
	return reader, err
}

// ChangeByLink changes the name, and has a link mailed to a new address.
func (s Subscribers) ChangeByLink(ctx context.Context, hash [32]byte, name string, to *subscribers.Address, at time.Time) (reader subscribers.Subscriber, err error) {
	err = s.byLink(ctx, hash, subscribers.PurposeAddress, at, func(tx Tx, l subscribers.FreshLink) error {
		reader = l.Subscriber
		reader.Name = name
		if err := SaveSubscriber(ctx, tx, reader); err != nil || to == nil || to.Email == reader.Email {
			return err
		}
		if k, err := known(ctx, tx, *to); err != nil || k.Reason().OutlivesConfirmation() {
			return err // it is never mailed, and the answer does not tell
		}
		return tellFreshLink(ctx, tx, reader, subscribers.PurposeNewAddress, to.Email, at)
	})
	return reader, err
}

// MoveByLink changes the address.
func (s Subscribers) MoveByLink(ctx context.Context, hash [32]byte, at time.Time) (moved subscribers.Subscriber, err error) {
	err = s.byLink(ctx, hash, subscribers.PurposeNewAddress, at, func(tx Tx, l subscribers.FreshLink) error {
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
		moved, err = heldSubscriber(ctx, tx, old.ID)
		return err
	})
	return moved, err
}

// makeRoom takes away who is at an address that a reader moves to, and an erasure
// of it, which ends by their confirming from it.
func makeRoom(ctx context.Context, tx Tx, to subscribers.Address, mover int64, at time.Time) error {
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
func (s Subscribers) EraseByLink(ctx context.Context, hash [32]byte, at time.Time) error {
	return s.byLink(ctx, hash, subscribers.PurposeErase, at, func(tx Tx, l subscribers.FreshLink) error {
		a, err := subscribers.ParseAddress(l.Subscriber.Email)
		if err != nil {
			return err
		}
		_, err = erase(ctx, tx, a, at)
		return err
	})
}
