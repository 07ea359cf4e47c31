package render

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
)

// omission marks that a take goes on after the quote. It stands after a whole
// sentence; a quote is never cut inside one.
const omission = " […]"

// nestQuotes turns the quotation marks inside a quote into single ones.
var nestQuotes = strings.NewReplacer("“", "‘", "”", "’")

// A Quote is the beginning of a take, in whole sentences.
type Quote struct {
	Text string // without quotation marks; ends in omission when sentences follow
	By   string // who says it, with score and verdict where they are known
}

// quote picks the telling take of a tool: of the reviewers who agree with the
// panel the most decided one, for no reviewer speaks better for a verdict. A
// take whose first sentence alone is longer than twice the limit gives way to
// the next. ok is false when no take fits.
func quote(t comparison.Tool, verdict comparison.Verdict, limit int) (q Quote, ok bool) {
	for _, r := range byTelling(t.Reviews, verdict) {
		if text, ok := firstSentences(clean(r.Take), limit); ok {
			return Quote{Text: nestQuotes.Replace(text), By: attribution(r)}, true
		}
	}
	return Quote{}, false
}

// byTelling orders reviews: those who agree with the panel, then the others;
// the more decided first; then as the site lists them.
func byTelling(reviews []comparison.Review, verdict comparison.Verdict) []comparison.Review {
	rank := func(r comparison.Review) int {
		if verdict != comparison.VerdictUnknown && r.Verdict == verdict {
			return 0
		}
		return 1
	}
	decided := func(r comparison.Review) int {
		switch {
		case r.Score == nil:
			return -1
		case r.Verdict == comparison.Skip:
			return 100 - *r.Score
		default:
			return *r.Score
		}
	}
	sorted := slices.Clone(reviews)
	slices.SortStableFunc(sorted, func(a, b comparison.Review) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(decided(b), decided(a)))
	})
	return sorted
}

// firstSentences gives as many whole sentences of s as fit into limit
// characters, but at least the first, unless that is longer than twice the
// limit.
func firstSentences(s string, limit int) (string, bool) {
	if s == "" {
		return "", false
	}
	end, n := 0, 0
	for _, stop := range sentenceEnds(s) {
		length := n + utf8.RuneCountInString(s[end:stop])
		if end > 0 && length > limit {
			break
		}
		end, n = stop, length
	}
	if n > 2*limit {
		return "", false
	}
	if rest := strings.TrimSpace(s[end:]); rest != "" {
		return strings.TrimSpace(s[:end]) + omission, true
	}
	return strings.TrimSpace(s), true
}

// sentenceEnds are the byte offsets after each sentence, the last being
// len(s). A sentence ends at a full stop and its like with their closing
// quotes, before white space and something that can begin a sentence; in CJK
// text no space is needed.
func sentenceEnds(s string) []int {
	var ends []int
	runes := []rune(s)
	offset := make([]int, len(runes)+1)
	for i, r := range runes {
		offset[i+1] = offset[i] + utf8.RuneLen(r)
	}
	for i := 0; i < len(runes); i++ {
		if !strings.ContainsRune(".!?…。！？｡؟۔।", runes[i]) {
			continue
		}
		j := i + 1
		for j < len(runes) && strings.ContainsRune(`.!?…。！？"'”’»)]」』）`, runes[j]) {
			j++
		}
		wide := strings.ContainsRune("。！？｡", runes[i])
		switch {
		case j == len(runes):
		case wide:
		case !unicode.IsSpace(runes[j]) || !beginsSentence(runes[j+1:]):
			i = j - 1
			continue
		case runes[i] == '.' && j == i+1 && abbreviated(runes[:i], runes[j+1:]):
			i = j - 1
			continue
		}
		ends = append(ends, offset[j])
		i = j - 1
	}
	if len(ends) == 0 || ends[len(ends)-1] != len(s) {
		ends = append(ends, len(s))
	}
	return ends
}

// beginsSentence reports whether what follows the space can begin a sentence:
// anything but a lower-case letter.
func beginsSentence(rest []rune) bool {
	for _, r := range rest {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return !unicode.IsLower(r)
		}
		if !unicode.IsSpace(r) && !strings.ContainsRune("\"'“‘«([—–-`", r) {
			return true
		}
	}
	return true
}

// abbreviated reports whether a full stop between before and after belongs to
// an abbreviation: one letter, or one of the usual ones.
func abbreviated(before, after []rune) bool {
	start := len(before)
	for start > 0 && (unicode.IsLetter(before[start-1]) || before[start-1] == '.') {
		start--
	}
	word := string(before[start:])
	if utf8.RuneCountInString(word) == 1 && word != "I" {
		return true
	}
	switch strings.ToLower(word) {
	case "no":
		return len(after) > 0 && unicode.IsDigit(after[0])
	case "e.g", "i.e", "vs", "etc", "approx", "mr", "mrs", "ms", "dr", "prof", "st", "inc", "cf", "fig", "u.s", "u.k", "a.i":
		return true
	}
	return false
}
