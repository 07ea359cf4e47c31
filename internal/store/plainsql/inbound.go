package plainsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// An Inbox keeps what came back after a send.
type Inbox struct{ Shelf }

var (
	_ inbound.Store   = Inbox{}
	_ inbound.Shelf   = Inbox{}
	_ inbound.Settler = Inbox{}
)

// Inbox is the database's inbox.
func (db DB) Inbox() Inbox { return Inbox{Shelf{db}} }

// Record records a finding; see inbound.Store.
func (s Inbox) Record(ctx context.Context, f inbound.Finding) (e inbound.Effect, err error) {
	err = s.Write(ctx, func(tx Tx) error {
		record := recordReturned
		if f.Notice {
			record = recordNotice
		}
		if e, err = record(ctx, tx, f); err != nil || !e.Known {
			return err
		}
		return countInbound(ctx, tx, f.Kind, e.Outcome(), f.At)
	})
	if err != nil {
		return inbound.Effect{}, fmt.Errorf("record what came back: %w", err)
	}
	return e, nil
}

// recordReturned records what came back of an edition's mail.
func recordReturned(ctx context.Context, tx Tx, f inbound.Finding) (e inbound.Effect, err error) {
	var id int64
	err = tx.QueryRow(ctx, `
		SELECT e.id
		FROM editions e JOIN sends s ON s.edition_id = e.id
		WHERE e.week = $1`, f.Week).Scan(&id)
	if err != nil {
		return e, unlessNone(err)
	}
	if e.Known, err = holdReaderAddress(ctx, tx, f.Subscriber); err != nil || !e.Known {
		return e, err
	}
	if f.Class == subscribers.BounceHard {
		believed, err := believedAlone(ctx, tx, id, f.Subscriber)
		if err != nil {
			return e, err
		}
		f.Class = f.Class.Weighed(believed)
	}
	reply := delivery.WithoutAddresses(f.Reply)
	n, err := tx.Exec(ctx, `
		INSERT INTO returned (edition_id, subscriber_id, mail, kind, class, status, reply, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		id, f.Subscriber, f.Mail[:], string(f.Kind), string(f.Class), f.Status, reply, f.Reason, column.Millis(f.At))
	if e.Again = n == 0; err != nil || e.Again {
		return e, err
	}
	if e.Settled, err = SettleAccepted(ctx, tx, id, f.Subscriber, delivery.ReplyReturned(string(f.Kind)), f.At); err != nil {
		return e, err
	}
	if f.Class.OfReader() {
		if e.Suppressed, err = suppressBounced(ctx, tx, f.Subscriber, reply, f.At); err != nil {
			return e, err
		}
	}
	return e, alarm(ctx, tx, f, reply)
}

// recordNotice records what came back of a mail that is no digest.
func recordNotice(ctx context.Context, tx Tx, f inbound.Finding) (e inbound.Effect, err error) {
	if found, err := holdReaderAddress(ctx, tx, f.Subscriber); err != nil || !found {
		return e, err
	}
	reader, err := heldSubscriber(ctx, tx, f.Subscriber)
	if errors.Is(err, subscribers.ErrNotFound) { // erased
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Known = true
	reply := delivery.WithoutAddresses(f.Reply)
	n, err := tx.Exec(ctx, `
		INSERT INTO returned_notices (subscriber_id, mail, week, kind, class, status, reply, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		f.Subscriber, f.Mail[:], f.Week, string(f.Kind), string(f.Class), f.Status, reply, f.Reason, column.Millis(f.At))
	if e.Again = n == 0; err != nil || e.Again {
		return e, err
	}
	e.Suppressed, e.Expired = subscribers.AfterNotice(reader, f.Class)
	if e.Suppressed != subscribers.NotSuppressed {
		if err := suppressReader(ctx, tx, f.Subscriber, subscribers.Suppression{Reason: e.Suppressed, Detail: reply, At: f.At}); err != nil {
			return e, err
		}
	}
	if e.Expired {
		if err := voidConfirmations(ctx, tx, f.Subscriber, f.At); err != nil {
			return e, err
		}
	}
	return e, alarm(ctx, tx, f, reply)
}

// alarm tells the editors, once an edition.
func alarm(ctx context.Context, tx Tx, f inbound.Finding, reply string) error {
	if len(f.Alarm) == 0 {
		return nil
	}
	week, err := edition.ParseWeek(f.Week)
	if err != nil {
		return err
	}
	return tellEach(ctx, tx, f.Alarm, outbox.Returned{Week: week, Reply: reply, At: f.At}, f.Week, f.At)
}

// Keep keeps a mail; see inbound.Store.
func (s Inbox) Keep(ctx context.Context, k inbound.Kept) error {
	return s.keep(ctx, "keep what came back", k.Kind, inbound.OutcomeKept, k.At, func(tx Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO inbound_kept (mail, kind, why, at, size, raw) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			k.Mail[:], string(k.Kind), k.Why, column.Millis(k.At), k.Size, k.Raw)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			DELETE FROM inbound_kept
			WHERE mail NOT IN (SELECT mail FROM inbound_kept ORDER BY at DESC, mail LIMIT $1)`, inbound.KeptMails)
		return err
	})
}

// Count counts a mail; see inbound.Store.
func (s Inbox) Count(ctx context.Context, kind inbound.Kind, o inbound.Outcome, at time.Time) error {
	return s.keep(ctx, "count what came back", kind, o, at, func(Tx) error { return nil })
}

// keep counts a mail in the transaction of what is done with it.
func (s Inbox) keep(ctx context.Context, what string, kind inbound.Kind, o inbound.Outcome, at time.Time, do func(Tx) error) error {
	return wrap(what, s.Write(ctx, func(tx Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return countInbound(ctx, tx, kind, o, at)
	}))
}

func countInbound(ctx context.Context, tx Tx, kind inbound.Kind, o inbound.Outcome, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO inbound_counts AS c (day, kind, outcome, mails) VALUES ($1, $2, $3, 1)
		ON CONFLICT (day, kind, outcome) DO UPDATE SET mails = c.mails + 1`, column.Millis(at)/dayMillis, string(kind), string(o))
	return err
}

// RecordDMARC keeps a report; see inbound.Store.
func (s Inbox) RecordDMARC(ctx context.Context, d inbound.DMARC, at time.Time) error {
	sources, err := json.Marshal(d.Sources)
	if err != nil {
		return err
	}
	return s.keep(ctx, "record a DMARC report", inbound.KindDMARC, inbound.OutcomeRecorded, at, func(tx Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO dmarc_reports (org, report_id, domain, policy, begin_at, end_at, messages, failed, sources, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (org, report_id) DO UPDATE
			SET domain = excluded.domain, policy = excluded.policy, begin_at = excluded.begin_at, end_at = excluded.end_at,
				messages = excluded.messages, failed = excluded.failed, sources = excluded.sources, at = excluded.at`,
			d.Org, d.ReportID, d.Domain, d.Policy, column.Millis(d.Begin), column.Millis(d.End),
			d.Messages, d.Failed, string(sources), column.Millis(at))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			DELETE FROM dmarc_reports
			WHERE (org, report_id) NOT IN (SELECT org, report_id FROM dmarc_reports ORDER BY at DESC LIMIT $1)`, inbound.KeptReports)
		return err
	})
}
