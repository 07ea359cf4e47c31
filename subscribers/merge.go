package subscribers

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// An ImportRow is one row of an imported file, parsed.
type ImportRow struct {
	Line       int // in the file, from 1
	Address    Address
	Name       string
	Status     Status
	Suppressed Reason
	Categories []string
	Given      Given
	Created    time.Time
	Confirmed  time.Time // zero: not known
	Left       time.Time // zero: not known
	Token      Token     // a fresh one unless Given.Token
}

// Given says which optional values a row has of its own.
type Given struct{ Categories, Token bool }

// Leaves reports whether the row says that its reader must not be mailed any
// more.
func (r ImportRow) Leaves() bool { return r.Status == Unsubscribed || r.Suppressed != NotSuppressed }

// Subscriber is the row as a new subscriber.
func (r ImportRow) Subscriber(source string) Subscriber {
	return Subscriber{
		Email: r.Address.Email, Name: r.Name, Status: r.Status, Suppressed: r.Suppressed, Token: r.Token, Categories: r.Categories,
		Source: source, CreatedAt: r.Created, ConfirmedAt: r.Confirmed, UnsubscribedAt: r.Left,
	}
}

// A Change is what an imported row does to the list.
type Change int

// The changes.
const (
	Unchanged Change = iota
	Added
	Updated
	Rejected
)

// Known is what the list knows of a row's address.
type Known struct {
	Found      bool
	Subscriber Subscriber // zero unless Found
	Suppressed Reason     // by the address's hash
	Line       int        // the earlier line of the same file with this address; 0: none
	TokenTaken bool       // the row's token belongs to another address
}

// Hashed reports whether the row is a suppression without an address.
func (r ImportRow) Hashed() bool { return r.Address.Email == "" }

// MergeHashed decides on a row without an address: the suppression that stands
// of its hash, and whether its address is on the list.
func MergeHashed(standing Suppression, found bool, row ImportRow) (Change, string) {
	switch next := (Suppression{Reason: row.Suppressed}).After(Suppression{Reason: standing.Reason}); {
	case next.Reason == standing.Reason:
		return Unchanged, ""
	case found && row.Suppressed == Erased:
		return Rejected, "its reader is on the list, and an import erases nobody: erase them by their address"
	case standing.Reason == NotSuppressed && !found:
		return Added, ""
	}
	return Updated, ""
}

// Merge decides on one row. It gives the change, the subscriber as Updated
// makes it, and the reason of a rejection, or what an added row had to do without.
//
// A row may only take somebody off the list, fill in what is not known, or vouch
// for a pending address; it never brings back who left, bounced, complained or
// was erased. Where it says so against the record, it is rejected; where it
// agrees, nothing changes. Of an address's rows in one file the first counts,
// unless a later one takes the reader off the list.
func Merge(k Known, row ImportRow) (Change, Subscriber, string) {
	suppressed := k.Suppressed
	if k.Found && (suppressed == NotSuppressed || suppressed == Erased && row.Leaves()) { // who was erased has signed up anew
		suppressed = k.Subscriber.Suppressed
	}
	switch {
	case k.Line != 0 && !row.Leaves():
		return Rejected, Subscriber{}, fmt.Sprintf("the same address as line %d", k.Line)
	case suppressed != NotSuppressed && row.Leaves():
		if next := (Suppression{Reason: row.Suppressed}).After(Suppression{Reason: suppressed}); k.Found && next.Reason != suppressed {
			return mergeKnown(k.Subscriber, row)
		}
		return Unchanged, Subscriber{}, ""
	case suppressed != NotSuppressed:
		return Rejected, Subscriber{}, "suppressed: " + suppressed.String()
	case !k.Found && k.TokenTaken:
		return Added, Subscriber{}, "token: it belongs to another subscriber; a new one is made"
	case !k.Found:
		return Added, Subscriber{}, ""
	case k.Subscriber.Status == Unsubscribed && !row.Leaves():
		return Rejected, Subscriber{}, "unsubscribed on " + k.Subscriber.UnsubscribedAt.UTC().Format(time.DateOnly)
	}
	return mergeKnown(k.Subscriber, row)
}

// mergeKnown merges a row into a subscriber who is not suppressed, and not
// unsubscribed either unless the row leaves.
func mergeKnown(old Subscriber, row ImportRow) (Change, Subscriber, string) {
	s, changed := old, false
	switch {
	case row.Leaves():
		if s.Suppressed = row.Suppressed; s.Suppressed != NotSuppressed {
			changed = true
		}
		if s.Status != Unsubscribed {
			s.Status, s.UnsubscribedAt, changed = Unsubscribed, row.Left, true
		}
	case row.Status == Active && s.Status == Pending:
		s.Status, s.ConfirmedAt, changed = Active, row.Confirmed, true
	}
	if !row.Leaves() {
		if row.Name != "" && row.Name != s.Name {
			s.Name, changed = row.Name, true
		}
		if row.Given.Categories && JoinCategories(row.Categories) != JoinCategories(s.Categories) {
			s.Categories, changed = row.Categories, true
		}
	}
	if !changed {
		return Unchanged, Subscriber{}, ""
	}
	return Updated, s, ""
}

// DistinctRows is how many rows from the start have different addresses and tokens,
// so that none of them depends on another.
func DistinctRows(rows []ImportRow) int {
	keys := make(map[string]struct{}, len(rows))
	tokens := map[Token]struct{}{}
	for i, r := range rows {
		if _, seen := keys[r.Address.Key]; seen {
			return i
		}
		keys[r.Address.Key] = struct{}{}
		if !r.Given.Token {
			continue
		}
		if _, seen := tokens[r.Token]; seen {
			return i
		}
		tokens[r.Token] = struct{}{}
	}
	return len(rows)
}

// Importer keeps imports.
type Importer interface {
	// Import merges the batches in one transaction, which it rolls back
	// when an error comes out of them or when dry is set. The batches are its
	// own. Progress is called with the number of rows after each batch.
	Import(ctx context.Context, batches iter.Seq2[[]ImportRow, error], o StoreImport) (ImportReport, error)
}

// StoreImport is how a Store imports.
type StoreImport struct {
	Source   string
	At       time.Time
	Dry      bool
	Size     int64          // of the file in bytes, 0 when not known: a hint for how to go about it
	Progress func(rows int) // may be nil
}

// Suppression is one that the import brings. Its detail names the import's file, by
// which an undo knows it: see ImportBatch.Brought.
func (o StoreImport) Suppression(reason Reason, at time.Time) Suppression {
	return Suppression{Reason: reason, Detail: o.Source, At: at}
}
