package subscribers

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"time"
)

// exportHeader are the columns of an export; Import reads every one.
var exportHeader = []string{"email", "name", "status", "categories", "created_at", "token", "confirmed_at", "unsubscribed_at"}

// Export writes the subscribers that the filter picks as CSV. Imported into the
// same list again, the file changes nothing; into an empty one, it gives the
// same list with the same unsubscribe links. A value that a spreadsheet would
// take for a formula gets an apostrophe in front, which Import takes off again.
func (s *Service) Export(ctx context.Context, w io.Writer, f Filter) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(exportHeader); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	for sub, err := range s.list.List(ctx, f) {
		if err != nil {
			return err
		}
		record := []string{
			guard(sub.Email), guard(sub.Name), statusWord(sub), guard(JoinCategories(sub.Categories)),
			exportTime(sub.CreatedAt), sub.Token.String(), exportTime(sub.ConfirmedAt), exportTime(sub.UnsubscribedAt),
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
