package wording

import "verdicts.example/digest/internal/comparison"

// Scorecard gives the results of the whole panel: a row for every seat, also for one
// that took neither tool, then the rows that nobody signed. It is empty where no row
// has a name, a score or a verdict.
func Scorecard(rows []ReviewRow) []ReviewRow {
	if !Scored(rows) {
		return nil
	}
	bySeat := map[string]ReviewRow{}
	var unsigned []ReviewRow
	for _, r := range rows {
		if r.Signed {
			bySeat[r.Seat] = r
		} else {
			unsigned = append(unsigned, r)
		}
	}
	if len(bySeat) == 0 {
		return unsigned
	}
	var out []ReviewRow
	for _, seat := range comparison.Reviewers() {
		r, ok := bySeat[string(seat)]
		if !ok {
			r = ReviewRow{Seat: string(seat), Signed: true, Takes: noTakes()}
		}
		out = append(out, r)
	}
	return append(out, unsigned...)
}
