package comparison

import "verdicts.example/digest/internal/spelling"

// didYouMean is `; did you mean "x"?` for the candidate nearest to a mistyped
// word, "" when none is near.
func didYouMean(word string, candidates []string) string {
	if meant, ok := spelling.Meant(word, candidates); ok {
		return "; did you mean " + meant + "?"
	}
	return ""
}
