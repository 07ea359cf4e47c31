package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
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
	err = s.db.inTx(ctx, func(tx pgx.Tx) error {
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

func record(ctx context.Context, tx pgx.Tx, f inbound.Finding) (e inbound.Effect, err error) {
	var id int64
	err = tx.QueryRow(ctx, `
		SELECT e.id
		FROM editions e JOIN sends s ON s.edition_id = e.id
		WHERE e.week = $1 AND EXISTS (SELECT 1 FROM subscribers WHERE id = $2)`, f.Week, f.Subscriber).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Known = true
	if err := holdReader(ctx, tx, f.Subscriber); err != nil {
		return e, err
	}
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
	n, err := run(ctx, tx, `
		INSERT INTO returned (edition_id, subscriber_id, mail, kind, class, status, reply, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		id, f.Subscriber, f.Mail[:], string(f.Kind), string(f.Class), text(f.Status), text(reply), text(f.Reason), column.Millis(f.At))
	if err != nil {
		return e, err
	}
	if n == 0 {
		e.Again = true
		return e, countInbound(ctx, tx, f.Kind, inbound.OutcomeAgain, f.At)
	}
	return e, act(ctx, tx, id, f, reply, &e)
}

// act does what a finding that is new calls for.
func act(ctx context.Context, tx pgx.Tx, id int64, f inbound.Finding, reply string, e *inbound.Effect) (err error) {
	if e.Settled, err = settleReturned(ctx, tx, id, f); err != nil {
		return err
	}
	if e.Suppressed, err = suppressReturned(ctx, tx, f, reply); err != nil {
		return err
	}
	if err := alarm(ctx, tx, f, reply); err != nil {
		return err
	}
	outcome := inbound.OutcomeRecorded
	if e.Suppressed != subscribers.NotSuppressed {
		outcome = inbound.OutcomeSuppressed
	}
	return countInbound(ctx, tx, f.Kind, outcome, f.At)
}

// suppressReturned suppresses a reader whose records say so, and gives why.
func suppressReturned(ctx context.Context, tx pgx.Tx, f inbound.Finding, reply string) (subscribers.Reason, error) {
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
func alarm(ctx context.Context, tx pgx.Tx, f inbound.Finding, reply string) error {
	if len(f.Alarm) == 0 {
		return nil
	}
	week, err := edition.ParseWeek(f.Week)
	if err != nil {
		return err
	}
	p := outbox.Returned{Week: week, Reply: reply, At: f.At}
	for _, to := range f.Alarm {
		if err := tell(ctx, tx, p, nil, to, outbox.NoticeKey(p.Kind(), f.Week, to), f.At); err != nil {
			return err
		}
	}
	return nil
}

// Keep keeps a mail; see inbound.Store.
func (s Inbox) Keep(ctx context.Context, k inbound.Kept) error {
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO inbound_kept (mail, kind, why, at, size, raw) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			k.Mail[:], string(k.Kind), text(k.Why), column.Millis(k.At), k.Size, k.Raw)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			DELETE FROM inbound_kept
			WHERE mail IN (SELECT mail FROM inbound_kept ORDER BY at DESC, mail OFFSET $1)`, inbound.KeptMails)
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
	err := s.db.inTx(ctx, func(tx pgx.Tx) error { return countInbound(ctx, tx, kind, o, at) })
	if err != nil {
		return fmt.Errorf("count what came back: %w", err)
	}
	return nil
}

const dayMillis = 24 * 60 * 60 * 1000

func countInbound(ctx context.Context, tx pgx.Tx, kind inbound.Kind, o inbound.Outcome, at time.Time) error {
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
	err = s.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO dmarc_reports (org, report_id, domain, policy, begin_at, end_at, messages, failed, sources, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (org, report_id) DO UPDATE
			SET domain = excluded.domain, policy = excluded.policy, begin_at = excluded.begin_at, end_at = excluded.end_at,
				messages = excluded.messages, failed = excluded.failed, sources = excluded.sources, at = excluded.at`,
			text(d.Org), text(d.ReportID), text(d.Domain), text(d.Policy), column.Millis(d.Begin), column.Millis(d.End),
			d.Messages, d.Failed, text(string(sources)), column.Millis(at))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			DELETE FROM dmarc_reports
			WHERE (org, report_id) IN (SELECT org, report_id FROM dmarc_reports ORDER BY at DESC OFFSET $1)`, inbound.KeptReports)
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
