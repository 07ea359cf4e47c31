package comparison

import "strings"

// didYouMean is `; did you mean "x"?` for the candidate nearest to a mistyped
// word, "" when none is near.
func didYouMean(word string, candidates []string) string {
	best, least := "", 3 // two slips at most
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c), least); d < least && d < len(c) {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is the Levenshtein distance in bytes, or limit when it is not
// below limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, diagonal+1, row[j]+1)
		}
	}
	return min(row[len(b)], limit)
}
