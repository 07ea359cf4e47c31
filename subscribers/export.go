package subscribers

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"time"
)

// exportHeader are the columns of an export; Import reads every one. A row with
// email_sha256 is a suppression of an address that is not on the list.
var exportHeader = []string{"email", "name", "status", "categories", "created_at", "token", "confirmed_at", "unsubscribed_at", "email_sha256"}

// suppressedHeader are the columns of a list of hashed suppressions.
var suppressedHeader = []string{"email_sha256", "status", "created_at"}

// A SuppressedAddress is one that is never mailed. It is known by the hash of
// the address in lower case, and by the address while that is on the list.
type SuppressedAddress struct {
	SHA256 [32]byte
	Email  string // "" when it is not on the list
	Suppression
}

// Word is the reason in the word that exports use.
func (a SuppressedAddress) Word() string { return a.Reason.word() }

// Export writes the subscribers that the filter picks as CSV, with the hashes of
// addresses that are suppressed or erased and not on the list. Imported into the
// same list again, the file changes nothing; into an empty one, it gives the
// same list with the same unsubscribe links, and keeps off it who was kept off.
// A value that a spreadsheet would take for a formula gets an apostrophe in
// front, which Import takes off again.
func (s *Service) Export(ctx context.Context, w io.Writer, f Filter) error {
	return writeCSV(w, exportHeader, func(yield func([]string, error) bool) {
		for sub, err := range s.list.List(ctx, f) {
			record := []string{
				guard(sub.Email), guard(sub.Name), statusWord(sub), guard(JoinCategories(sub.Categories)),
				exportTime(sub.CreatedAt), sub.Token.String(), exportTime(sub.ConfirmedAt), exportTime(sub.UnsubscribedAt), "",
			}
			if !yield(record, err) {
				return
			}
		}
		if f.Search != "" || f.Limit > 0 || f.Standing != "" && f.Standing != StandsSuppressed {
			return
		}
		for a, err := range s.list.Suppressions(ctx) {
			if a.Email != "" && err == nil {
				continue // it had its row
			}
			if !yield([]string{"", "", a.Word(), "", exportTime(a.At), "", "", "", hex.EncodeToString(a.SHA256[:])}, err) {
				return
			}
		}
	})
}

// ExportSuppressed writes every suppression by its hash alone, for another list
// that must keep the same people off.
func (s *Service) ExportSuppressed(ctx context.Context, w io.Writer) error {
	return writeCSV(w, suppressedHeader, func(yield func([]string, error) bool) {
		for a, err := range s.list.Suppressions(ctx) {
			if !yield([]string{hex.EncodeToString(a.SHA256[:]), a.Word(), exportTime(a.At)}, err) {
				return
			}
		}
	})
}

// Suppressions streams who is kept off: first who is on the list, then the
// others by their hashes. It ends at the first error.
func (s *Service) Suppressions(ctx context.Context) iter.Seq2[SuppressedAddress, error] {
	return s.list.Suppressions(ctx)
}

func writeCSV(w io.Writer, header []string, records iter.Seq2[[]string, error]) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(header); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	for record, err := range records {
		if err != nil {
			return err
		}
		if err := cw.Write(record); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	if cw.Flush(); cw.Error() != nil {
		return fmt.Errorf("write export: %w", cw.Error())
	}
	return nil
}

func exportTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
