package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// An Inbox keeps what came back after a send.
type Inbox struct {
	plainsql.Shelf
	db *DB
}

var (
	_ inbound.Store   = Inbox{}
	_ inbound.Shelf   = Inbox{}
	_ inbound.Settler = Inbox{}
)

// Inbox is the database's inbox.
func (db *DB) Inbox() Inbox { return Inbox{plainsql.Shelf{DB: db.plain()}, db} }

// Record records a finding; see inbound.Store.
func (s Inbox) Record(ctx context.Context, f inbound.Finding) (e inbound.Effect, err error) {
	err = s.db.inTx(ctx, func(tx *sql.Tx) error {
		if f.Notice {
			e, err = recordNotice(ctx, tx, f)
		} else {
			e, err = record(ctx, tx, f)
		}
		return err
	})
	if err != nil {
		return inbound.Effect{}, fmt.Errorf("record what came back: %w", err)
	}
	return e, nil
}

func record(ctx context.Context, tx *sql.Tx, f inbound.Finding) (e inbound.Effect, err error) {
	var id int64
	err = tx.QueryRowContext(ctx, `
		SELECT e.id
		FROM editions e JOIN sends s ON s.edition_id = e.id
		WHERE e.week = ? AND EXISTS (SELECT 1 FROM subscribers WHERE id = ?)`, f.Week, f.Subscriber).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Known = true
	if f.Class == subscribers.BounceHard {
		ok, err := believedAlone(ctx, tx, id, f.Subscriber)
		if err != nil {
			return e, err
		}
		if !ok {
			f.Class = subscribers.BounceSoft
		}
	}
	reply := delivery.WithoutAddresses(f.Reply)
	n, err := changed(tx.ExecContext(ctx, `
		INSERT INTO returned (edition_id, subscriber_id, mail, kind, class, status, reply, reason, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, f.Subscriber, f.Mail[:], f.Kind, f.Class, f.Status, reply, f.Reason, toMillis(f.At)))
	if err != nil {
		return e, err
	}
	if n == 0 {
		e.Again = true
		return e, countInbound(ctx, tx, f.Kind, inbound.OutcomeAgain, f.At)
	}
	if e.Settled, err = settleReturned(ctx, tx, id, f); err != nil {
		return e, err
	}
	if e.Suppressed, err = suppressReturned(ctx, tx, f, reply); err != nil {
		return e, err
	}
	if err := alarm(ctx, tx, f, reply); err != nil {
		return e, err
	}
	outcome := inbound.OutcomeRecorded
	if e.Suppressed != subscribers.NotSuppressed {
		outcome = inbound.OutcomeSuppressed
	}
	return e, countInbound(ctx, tx, f.Kind, outcome, f.At)
}

// settleReturned makes an unknown delivery accepted: what came back shows that a
// server had taken it.
func settleReturned(ctx context.Context, tx *sql.Tx, id int64, f inbound.Finding) (bool, error) {
	n, err := changed(tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateAccepted+`, fault = 0, at = ?, reply = ?
		WHERE edition_id = ? AND subscriber_id = ? AND state = `+stateUnknown,
		toMillis(f.At), padReply(delivery.ReplyReturned(string(f.Kind))), id, f.Subscriber))
	return n > 0, err
}

// suppressReturned suppresses a reader whose records say so, and gives why.
func suppressReturned(ctx context.Context, tx *sql.Tx, f inbound.Finding, reply string) (subscribers.Reason, error) {
	switch f.Class {
	case subscribers.BounceHard, subscribers.BounceSoft, subscribers.BounceComplaint:
	default:
		return subscribers.NotSuppressed, nil
	}
	records, err := bounceRecords(ctx, tx, f.Subscriber)
	if err != nil {
		return subscribers.NotSuppressed, err
	}
	reason := subscribers.SuppressionFor(records)
	if reason == subscribers.NotSuppressed {
		return reason, nil
	}
	return reason, suppressBounced(ctx, tx, f.Subscriber, reason, reply, f.At)
}

// alarm tells the editors, once an edition.
func alarm(ctx context.Context, tx *sql.Tx, f inbound.Finding, reply string) error {
	if len(f.Alarm) == 0 {
		return nil
	}
	week, err := edition.ParseWeek(f.Week)
	if err != nil {
		return err
	}
	p := outbox.Returned{Week: week, Reply: reply, At: f.At}
	for _, to := range f.Alarm {
		if err := tell(ctx, tx, p, sql.NullInt64{}, to, outbox.NoticeKey(p.Kind(), f.Week, to), f.At); err != nil {
			return err
		}
	}
	return nil
}

// believedAlone reports whether a hard bounce that came back speaks of the
// mailbox; see delivery.Believed.
func believedAlone(ctx context.Context, tx *sql.Tx, id, subscriber int64) (bool, error) {
	var stopped bool
	var domain string
	err := tx.QueryRowContext(ctx, `
		SELECT (SELECT stopped FROM sends WHERE edition_id = ?), `+claimDomain+`
		FROM subscribers s WHERE s.id = ?`, id, subscriber).Scan(&stopped, &domain)
	if err != nil {
		return false, err
	}
	took, gone, err := tookBefore(ctx, tx, id, domain)
	return delivery.Believed(stopped, took, gone+1), err
}

// Keep keeps a mail; see inbound.Store.
func (s Inbox) Keep(ctx context.Context, k inbound.Kept) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO inbound_kept (mail, kind, why, at, size, raw) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			k.Mail[:], k.Kind, k.Why, toMillis(k.At), k.Size, k.Raw)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM inbound_kept
			WHERE mail NOT IN (SELECT mail FROM inbound_kept ORDER BY at DESC, mail LIMIT ?)`, inbound.KeptMails)
		if err != nil {
			return err
		}
		return countInbound(ctx, tx, k.Kind, inbound.OutcomeKept, k.At)
	})
	if err != nil {
		return fmt.Errorf("keep what came back: %w", err)
	}
	return nil
}

// Count counts a mail; see inbound.Store.
func (s Inbox) Count(ctx context.Context, kind inbound.Kind, o inbound.Outcome, at time.Time) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error { return countInbound(ctx, tx, kind, o, at) })
	if err != nil {
		return fmt.Errorf("count what came back: %w", err)
	}
	return nil
}

const dayMillis = 24 * 60 * 60 * 1000

func countInbound(ctx context.Context, tx *sql.Tx, kind inbound.Kind, o inbound.Outcome, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO inbound_counts (day, kind, outcome, mails) VALUES (?, ?, ?, 1)
		ON CONFLICT (day, kind, outcome) DO UPDATE SET mails = mails + 1`, toMillis(at)/dayMillis, kind, o)
	return err
}

// RecordDMARC keeps a report; see inbound.Store.
func (s Inbox) RecordDMARC(ctx context.Context, d inbound.DMARC, at time.Time) error {
	sources, err := json.Marshal(d.Sources)
	if err != nil {
		return err
	}
	err = s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT OR REPLACE INTO dmarc_reports (org, report_id, domain, policy, begin_at, end_at, messages, failed, sources, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			d.Org, d.ReportID, d.Domain, d.Policy, toMillis(d.Begin), toMillis(d.End), d.Messages, d.Failed, string(sources), toMillis(at))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM dmarc_reports
			WHERE (org, report_id) NOT IN (SELECT org, report_id FROM dmarc_reports ORDER BY at DESC LIMIT ?)`, inbound.KeptReports)
		if err != nil {
			return err
		}
		return countInbound(ctx, tx, inbound.KindDMARC, inbound.OutcomeRecorded, at)
	})
	if err != nil {
		return fmt.Errorf("record a DMARC report: %w", err)
	}
	return nil
}
