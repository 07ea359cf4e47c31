package postgres

import (
	"fmt"
	"strings"
)

// keepSuppressions is KeepSuppression for many.
func (im *importer) keepSuppressions(rows [][]any) error {
	if im.Options.Dry {
		return nil
	}
	return im.write("import_changed_suppressions", []string{"batch_id", "address_sha256", "reason", "detail", "at"}, rows, "ON CONFLICT DO NOTHING")
}

// write inserts rows in one statement.
func (im *importer) write(table string, columns []string, rows [][]any, conflict string) error {
	const most = 10_000 // values in a statement; the protocol takes 65,535
	for len(rows) > 0 {
		n := min(len(rows), most/len(columns))
		var values strings.Builder
		args := make([]any, 0, n*len(columns))
		for i, row := range rows[:n] {
			for j := range row {
				sep := ", "
				if j == 0 {
					sep = "), ("
				}
				if i+j == 0 {
					sep = "("
				}
				args = append(args, row[j])
				fmt.Fprintf(&values, "%s$%d", sep, len(args))
			}
		}
		_, err := im.tx.Exec(im.Ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+values.String()+") "+conflict, args...)
		if err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}
