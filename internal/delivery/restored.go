package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/journal"
)

// A Restorer lists the sends that the database knows, and adopts one that only
// the journals know.
type Restorer interface {
	// Sends gives the frozen editions by week.
	Sends(ctx context.Context) (map[string]int64, error)
	// Identity tells databases apart; see journal.Header.
	Identity(ctx context.Context) ([8]byte, error)
	// Adopt records a week's edition as sent, with an unknown delivery for each
	// of those readers whom the list still has, and gives their number. It
	// changes nothing of an edition that is frozen.
	Adopt(ctx context.Context, a Adoption) (int64, error)
}

// An Adoption is what the journals of a week say.
type Adoption struct {
	Week     string
	SentAt   time.Time // when the first message left
	Journals []NodeJournal
	Readers  []int64
}

// CheckOthers is for a week that is about to be frozen: it fails with
// ErrSentBefore, or as Run does, when the journals of other weeks say that the
// database was restored from a backup. Frozen now, the week would have content
// that went out already.
func (l Ledger) CheckOthers(ctx context.Context, week string) error {
	database, err := l.Store.Identity(ctx)
	if err != nil {
		return err
	}
	return checkOthers(ctx, l.Store, l.Journals, SendInfo{Week: week, Database: database})
}

// knownSends are the sends that a database knows.
type knownSends interface {
	Sends(ctx context.Context) (map[string]int64, error)
	Info(ctx context.Context, edition int64) (SendInfo, error)
}

// checkOthers checks the journals of all weeks but info's: a database restored
// from a backup that is older than a send would send its content again.
func checkOthers(ctx context.Context, store knownSends, f *journal.Folder, info SendInfo) error {
	list, err := f.List()
	if err != nil {
		return err
	}
	known, err := store.Sends(ctx)
	if err != nil {
		return err
	}
	for _, name := range list {
		if name.Week == info.Week {
			continue
		}
		if err := checkOther(ctx, store, f, name, known, info.Database); err != nil {
			return err
		}
	}
	return nil
}

func checkOther(ctx context.Context, store knownSends, f *journal.Folder, name journal.Name, known map[string]int64, database [8]byte) error {
	id, ok := known[name.Week]
	if !ok {
		left := false
		_, err := f.Read(journal.Header{Name: name, Database: database}, func(r journal.Record) error {
			left = left || r.MayHaveLeft()
			return nil
		})
		if err == nil && left {
			err = fmt.Errorf("%w: edition %s, by %s; the database was restored from a backup older than that send", ErrSentBefore, name.Week, f.Path(name))
		}
		return err
	}
	other, err := store.Info(ctx, id)
	if err != nil || !other.FinishedAt.IsZero() {
		return err // of a send that has ended verify asks the journal
	}
	return checkJournal(f, other, name.Node)
}

// Adopt records a week as sent that only the journals know, so that its content
// does not come again. Its readers are unknown: they are settled as others are.
func (l Ledger) Adopt(ctx context.Context, week string, at time.Time) (int64, error) {
	known, err := l.Store.Sends(ctx)
	if err != nil {
		return 0, err
	}
	if _, ok := known[week]; ok {
		return 0, nil
	}
	list, err := l.Journals.List()
	if err != nil {
		return 0, err
	}
	database, err := l.Store.Identity(ctx)
	if err != nil {
		return 0, err
	}
	a := Adoption{Week: week, SentAt: at}
	var left journal.Set
	for _, name := range list {
		if name.Week != week {
			continue
		}
		last, err := l.Journals.Read(journal.Header{Name: name, Database: database}, func(r journal.Record) error {
			if !r.MayHaveLeft() {
				return nil
			}
			if first := time.Unix(r.At, 0); first.Before(a.SentAt) {
				a.SentAt = first
			}
			for _, id := range r.IDs() {
				left.Add(id)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		a.Journals = append(a.Journals, NodeJournal{Node: name.Node, Seq: last})
	}
	if len(a.Journals) == 0 {
		return 0, fmt.Errorf("edition %s: %w", week, errors.Join(ErrNotFound, journal.ErrNotFound))
	}
	left.Each(func(id int64) { a.Readers = append(a.Readers, id) })
	return l.Store.Adopt(ctx, a)
}
