package plainsql

import (
	"context"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// An Import is one import's transaction: what both stores do alike in it.
type Import struct {
	Ctx     context.Context
	Tx      Tx
	Options subscribers.StoreImport
	Report  subscribers.ImportReport
	Number  int64 // 0 for a dry run
}

// A Merger looks rows up in its own database, each kind of thing that may be known of
// all rows at once, and does what subscribers.Merge decides.
type Merger interface {
	LookUpSubscribers(rows []subscribers.ImportRow, known []subscribers.Known) error
	LookUpSuppressions(rows []subscribers.ImportRow, known []subscribers.Known) error
	// LookUpTokens comes after LookUpSubscribers.
	LookUpTokens(rows []subscribers.ImportRow, known []subscribers.Known) error
	Apply(rows []subscribers.ImportRow, known []subscribers.Known) error
}

// MergeRows merges rows in their order, at a time those whose addresses are different:
// none of them depends on another.
func MergeRows(m Merger, rows []subscribers.ImportRow) error {
	for len(rows) > 0 {
		n := subscribers.DistinctRows(rows)
		known := make([]subscribers.Known, n)
		if err := m.LookUpSubscribers(rows[:n], known); err != nil {
			return err
		}
		if err := m.LookUpSuppressions(rows[:n], known); err != nil {
			return err
		}
		if err := m.LookUpTokens(rows[:n], known); err != nil {
			return err
		}
		if err := m.Apply(rows[:n], known); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Begin numbers the import, which adds subscribers above base, and forgets what
// earlier ones kept that a send has made final.
func (im *Import) Begin(base int64) error {
	if im.Options.Dry {
		return nil
	}
	if err := forgetFinalImports(im.Ctx, im.Tx); err != nil {
		return err
	}
	err := im.Tx.QueryRow(im.Ctx, "INSERT INTO import_batches (source, at, first_id, last_id) VALUES ($1, $2, $3, $4) RETURNING id",
		im.Options.Source, column.Millis(im.Options.At), base+1, base).Scan(&im.Number)
	return wrap("number the import", err)
}

// End notes whom the import added: up to last.
func (im *Import) End(last int64) error {
	if im.Options.Dry {
		return nil
	}
	im.Report.Batch = im.Number
	_, err := im.Tx.Exec(im.Ctx, "UPDATE import_batches SET last_id = $1 WHERE id = $2", last, im.Number)
	return err
}

// KeepSubscribers keeps subscribers as they are before the import changes them.
func (im *Import) KeepSubscribers(ids ...int64) error {
	if im.Options.Dry {
		return nil
	}
	list, err := im.Tx.Dialect().List(ids)
	if err == nil {
		_, err = im.Tx.Exec(im.Ctx, `INSERT INTO import_changed_subscribers
			SELECT $1, id, name, status, suppressed, categories, source, confirmed_at, left_at FROM subscribers
			WHERE `+im.Tx.Dialect().Among("id", "$2")+`
			ON CONFLICT DO NOTHING`, im.Number, list)
	}
	return wrap("keep what is changed", err)
}

// KeepSuppression keeps an address's suppression, or that it has none.
func (im *Import) KeepSuppression(a subscribers.Address) error {
	if im.Options.Dry {
		return nil
	}
	s, err := SuppressionOf(im.Ctx, im.Tx, a)
	if err != nil {
		return err
	}
	_, err = im.Tx.Exec(im.Ctx, `INSERT INTO import_changed_suppressions (batch_id, address_sha256, reason, detail, at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		im.Number, a.SHA256[:], int(s.Reason), s.Detail, column.Millis(s.At))
	return wrap("keep what is changed", err)
}

// RecordSuppression suppresses the address of a reader whom the import adds.
func (im *Import) RecordSuppression(r subscribers.ImportRow) error {
	if err := im.KeepSuppression(r.Address); err != nil {
		return err
	}
	_, err := RecordSuppression(im.Ctx, im.Tx, r.Address, im.Options.Suppression(r.Suppressed, im.Options.At))
	return err
}

// TakeOff writes that a reader is not to be mailed any more.
func (im *Import) TakeOff(old, s subscribers.Subscriber, r subscribers.ImportRow) error {
	if err := voidConfirmations(im.Ctx, im.Tx, s.ID, im.Options.At); err != nil {
		return err
	}
	if s.Status == subscribers.Unsubscribed && old.Status != subscribers.Unsubscribed {
		if err := recordEvent(im.Ctx, im.Tx, s.ID, subscribers.EventLeave, im.Options.Source, im.Options.At); err != nil {
			return err
		}
	}
	reason := s.Suppressed
	s.Suppressed = old.Suppressed
	if err := SaveSubscriber(im.Ctx, im.Tx, s); err != nil || reason == old.Suppressed {
		return err
	}
	if err := im.KeepSuppression(r.Address); err != nil {
		return err
	}
	return SuppressAddress(im.Ctx, im.Tx, r.Address, im.Options.Suppression(reason, im.Options.At))
}

// MergeListed merges a suppression without an address whose reader is on the list.
func (im *Import) MergeListed(r subscribers.ImportRow, a subscribers.Address) error {
	r.Address = a
	if write, err := im.mergeHashed(true, r); err != nil || !write {
		return err
	}
	old, err := HeldByKey(im.Ctx, im.Tx, a.Key)
	if err != nil {
		return err
	}
	if err := im.KeepSubscribers(old.ID); err != nil {
		return err
	}
	return SuppressAddress(im.Ctx, im.Tx, a, im.Options.Suppression(r.Suppressed, r.Created))
}

// MergeUnlisted merges one whose reader is not.
func (im *Import) MergeUnlisted(r subscribers.ImportRow) error {
	if write, err := im.mergeHashed(false, r); err != nil || !write {
		return err
	}
	_, err := RecordSuppression(im.Ctx, im.Tx, r.Address, im.Options.Suppression(r.Suppressed, r.Created))
	return err
}

// mergeHashed counts what subscribers.MergeHashed decides, and reports whether it
// is to be written.
func (im *Import) mergeHashed(listed bool, r subscribers.ImportRow) (bool, error) {
	standing, err := SuppressionOf(im.Ctx, im.Tx, r.Address)
	if err != nil {
		return false, err
	}
	change, reason := subscribers.MergeHashed(standing, listed, r)
	if write, err := im.Report.Count(change, r, reason); err != nil || !write {
		return false, err
	}
	return true, im.KeepSuppression(r.Address)
}
