package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/journal"
)

// A Gap is what the journals of a week know and the database does not: it was
// restored from a backup of before.
type Gap struct {
	Week    string
	Readers int64 // whose message left after the database's last record
	Unknown bool  // the database knows nothing of the send

	other *Adoption // by another database: no journal knows of it
}

// String says it in words.
func (g Gap) String() string {
	if g.other != nil {
		return fmt.Sprintf("%s was sent to %d readers by the database that is there, and neither the backup nor a journal knows of it", g.Week, g.Readers)
	}
	if g.Unknown {
		return fmt.Sprintf("%s was sent to %d readers, but the database does not know of that send", g.Week, g.Readers)
	}
	return fmt.Sprintf("%s went to %d readers whose delivery the database does not know of", g.Week, g.Readers)
}

// WithSends adds the sends that another database of the list knows, the backup does not,
// and no journal tells of: it was lost.
func WithSends(gaps []Gap, sends []Adoption) []Gap {
	for _, a := range sends {
		if !slices.ContainsFunc(gaps, func(g Gap) bool { return g.Week == a.Week }) {
			gaps = append(gaps, Gap{Week: a.Week, Readers: int64(len(a.Readers)), Unknown: true, other: &a})
		}
	}
	return gaps
}

// Gaps compares all journals with the database, by week. It fails with the
// journal's error for a damaged journal and one of another database.
func (l Ledger) Gaps(ctx context.Context) ([]Gap, error) {
	names, err := l.Journals.List()
	if err != nil {
		return nil, err
	}
	known, err := l.Store.Sends(ctx)
	if err != nil {
		return nil, err
	}
	database, err := l.Store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	var gaps []Gap
	var errs []error
	for _, name := range names {
		info, sent := SendInfo{Week: name.Week, Database: database}, false
		if id, ok := known[name.Week]; ok {
			sent = true
			if info, err = l.Store.Info(ctx, id); err != nil {
				return nil, err
			}
		}
		n, err := l.beyond(ctx, info, name.Node)
		if err != nil {
			errs = append(errs, err)
		}
		if n == 0 {
			continue
		}
		if last := len(gaps) - 1; last >= 0 && gaps[last].Week == name.Week {
			gaps[last].Readers += n
			continue
		}
		gaps = append(gaps, Gap{Week: name.Week, Readers: n, Unknown: !sent})
	}
	return gaps, errors.Join(errs...)
}

// beyond counts the readers whose message left by node's journal, after what the
// database knows of it. The journal of a send that has ended is one record of all,
// so those whom the database has as dotted are taken out.
func (l Ledger) beyond(ctx context.Context, info SendInfo, node string) (n int64, err error) {
	var left journal.Set
	known := info.Seq(node)
	_, err = l.Journals.Read(info.header(node), func(r journal.Record) error {
		if r.Seq <= known || !r.MayHaveLeft() || r.Unsettled && r.Seq == known+1 { // the next sender settles it
			return nil
		}
		for _, id := range r.IDs() {
			if left.Add(id) {
				n++
			}
		}
		return nil
	})
	if err != nil || n == 0 || info.Edition == 0 {
		return n, err
	}
	err = l.Store.VisitDotted(ctx, info.Edition, func(id int64, _ State, _ int) error {
		if left.Remove(id) {
			n--
		}
		return nil
	})
	return n, err
}

// Close records what the journals know and the database does not: whose message
// had left becomes unknown, never to be sent again by itself, and a send of which
// the database knows nothing is recorded as sent.
func (l Ledger) Close(ctx context.Context, gaps []Gap, at time.Time) error {
	known, err := l.Store.Sends(ctx)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		if g.other != nil {
			_, err = l.Store.Adopt(ctx, *g.other)
		} else if id, ok := known[g.Week]; ok {
			_, err = l.Reconcile(ctx, id, at)
		} else {
			_, err = l.Adopt(ctx, g.Week, at)
		}
		if err != nil {
			return fmt.Errorf("edition %s: %w", g.Week, err)
		}
	}
	return nil
}

// Root is SHA-256 over the ids of the readers whose message left by a send's
// journals, ascending, 8 bytes each: compaction does not change it.
func (l Ledger) Root(ctx context.Context, id int64) (root [sha256.Size]byte, err error) {
	info, err := l.Store.Info(ctx, id)
	if err != nil {
		return root, err
	}
	nodes, err := info.nodes(l.Journals)
	if err != nil {
		return root, err
	}
	var left journal.Set
	for _, node := range nodes {
		_, err := l.Journals.Read(info.header(node), func(r journal.Record) error {
			if !r.MayHaveLeft() {
				return nil
			}
			for _, id := range r.IDs() {
				left.Add(id)
			}
			return nil
		})
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return root, err
		}
	}
	sum := sha256.New()
	left.Each(func(id int64) { sum.Write(binary.BigEndian.AppendUint64(nil, uint64(id))) })
	return [sha256.Size]byte(sum.Sum(nil)), nil
}
