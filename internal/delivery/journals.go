package delivery

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/journal"
)

func (s SendInfo) header() journal.Header {
	return journal.Header{Week: s.Week, Database: s.Database}
}

// openJournal opens an edition's journal and refuses when it and the database
// do not belong together.
func openJournal(f *journal.Folder, info SendInfo) (*journal.Log, error) {
	exists, err := f.Exists(info.Week)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if !exists && info.JournalSeq > 0 {
		return nil, fmt.Errorf("%w: %s is missing, and without it nobody can tell whether this database is a restored backup; "+
			"put the file back, or, if the database was not restored since the send began, 'digest resume --accept-journal-loss' begins a new one", ErrJournalLost, f.Path(info.Week))
	}
	log, err := f.Open(info.header())
	if err != nil {
		return nil, err
	}
	if log.Last() > info.JournalSeq {
		return nil, closeWith(log, fmt.Errorf("%w: %s reaches record %d, the database %d; the database was restored from a backup "+
			"after messages had left; 'digest resume --reconcile' marks those deliveries unknown and goes on with the rest",
			ErrJournalAhead, f.Path(info.Week), log.Last(), info.JournalSeq))
	}
	return log, nil
}

func closeWith(log *journal.Log, err error) error {
	if e := log.Close(); e != nil {
		return fmt.Errorf("%w (%w)", err, e)
	}
	return err
}

// reconcileBatch is how many deliveries one transaction takes over.
const reconcileBatch = 10_000

// Reconcile makes a restored database and the journal agree: every reader whom
// the journal notes after the database's last record, and whose delivery is not
// final, becomes unknown, never to be sent again by itself. It gives their
// number, and fails with ErrLocked while a sender works.
func Reconcile(ctx context.Context, store Store, f *journal.Folder, id int64, at time.Time) (n int64, err error) {
	err = exclusively(ctx, store, f, at, func() error {
		info, err := store.SendInfo(ctx, id)
		if err != nil {
			return err
		}
		n, err = reconcile(ctx, store, f, info, at)
		return err
	})
	return n, err
}

func reconcile(ctx context.Context, store Store, f *journal.Folder, info SendInfo, at time.Time) (n int64, err error) {
	var ids []int64
	take := func(seq uint64) error {
		m, err := store.ReconcileDeliveries(ctx, info.Edition, ids, seq, at)
		n += m
		ids = ids[:0]
		return err
	}
	last, err := f.Read(info.header(), func(r journal.Record) error {
		if r.Seq <= info.JournalSeq {
			return nil
		}
		ids = append(append(ids, r.First...), r.Again...)
		if len(ids) < reconcileBatch {
			return nil
		}
		return take(0) // the sequence is taken over when every id was
	})
	if err != nil {
		return n, err
	}
	return n, take(last)
}

// AcceptJournalLoss begins a new journal for an edition whose own is gone. Only
// an operator who knows that the database was not restored from a backup since
// the send began may say so.
func AcceptJournalLoss(ctx context.Context, store Store, f *journal.Folder, id int64, at time.Time) error {
	return exclusively(ctx, store, f, at, func() error {
		info, err := store.SendInfo(ctx, id)
		if err != nil {
			return err
		}
		log, err := f.Open(info.header())
		if err != nil {
			return err
		}
		return log.Close()
	})
}
