package subscribers

import "testing"

// A word twice is chosen twice as often, and one of two kinds would make a question
// with two right answers.
func TestQuestionsWordsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, k := range wordKinds {
		for _, word := range k.words {
			if of, twice := seen[word]; twice || word == "" {
				t.Errorf("%s: got %q of %s again", k.name, word, of)
			}
			seen[word] = k.name
		}
	}
}
