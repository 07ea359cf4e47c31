package render

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// A Quote is the beginning of a take, or what an editor chose of it, in whole
// sentences. No mark says that the take goes on: the link below it does.
type Quote struct {
	Text string // without quotation marks; those inside it are single ones
	By   string // who says it, of which tool, with score and verdict where they are known
}

// A voice is a review that could be quoted.
type voice struct {
	side   int
	review comparison.Review
	stance float64 // 0 (skip) to 100 (ship); -1 when not known
	text   string
}

// quote picks what a comparison quotes. An item in full has the two voices that
// disagree most; a brief one has the voice that dissents from its panel most.
// What the editor chose goes first.
func (v *viewer) quote(c comparison.Comparison, brief bool) []Quote {
	chosen, taken := v.chosen(c)
	voices := v.voices(c, brief)
	wanted := 2
	if brief {
		wanted = 1
	}
	var picked []voice
	switch {
	case len(chosen) > 0:
		picked = slices.DeleteFunc(perTool(voices), func(o voice) bool { return taken[o.side] })
	case brief:
		picked = dissent(c, voices)
	default:
		picked = disagreement(voices)
	}
	for _, o := range picked {
		if len(chosen) < wanted {
			chosen = append(chosen, Quote{Text: nestQuotes(o.text), By: wording.Attribution(o.review, c.Tools[o.side])})
		}
	}
	if len(chosen) == 0 && len(c.Tools[0].Reviews)+len(c.Tools[1].Reviews) > 0 {
		v.note("%s: no take has a first sentence short enough to quote", c.Slug)
	}
	return chosen[:min(len(chosen), wanted)]
}

// chosen are the editor's quotes, which must stand in a take word for word.
func (v *viewer) chosen(c comparison.Comparison) (quotes []Quote, taken [2]bool) {
	for side, words := range v.quotes[c.Slug] {
		words = clean(words)
		if words == "" {
			continue
		}
		t := c.Tools[side]
		i := slices.IndexFunc(t.Reviews, func(r comparison.Review) bool { return strings.Contains(clean(r.Take), words) })
		if i < 0 {
			v.note("%s: the quote chosen for %s is no longer in any of its takes; another quote takes its place", c.Slug, t.Name)
			continue
		}
		taken[side] = true
		quotes = append(quotes, Quote{Text: nestQuotes(words), By: wording.Attribution(t.Reviews[i], t)})
	}
	return quotes, taken
}

// voices lists the reviews with a beginning that is short enough to quote, in
// the source's order.
func (v *viewer) voices(c comparison.Comparison, brief bool) []voice {
	limit := v.limit
	if brief {
		limit = min(limit, briefQuoteLimit)
	}
	var out []voice
	for side, t := range c.Tools {
		for _, r := range t.Reviews {
			if text, ok := firstSentences(clean(r.Take), limit); ok {
				out = append(out, voice{side, r, stance(r), text})
			}
		}
	}
	return out
}

// stance is how far a review is for shipping: its score, or its verdict where it
// has none.
func stance(r comparison.Review) float64 {
	switch {
	case r.Score != nil && r.Verdict == comparison.Skip:
		return min(float64(*r.Score), 49)
	case r.Score != nil:
		return float64(*r.Score)
	case r.Verdict == comparison.Ship:
		return 75
	case r.Verdict == comparison.Skip:
		return 25
	}
	return -1
}

// disagreement finds the two voices on one tool that are furthest apart, the
// one for it first; where no tool has two with a stance, one voice for each.
func disagreement(voices []voice) []voice {
	var best []voice
	widest := -1.0
	for i, a := range voices {
		for _, b := range voices[i+1:] {
			if a.side != b.side || a.stance < 0 || b.stance < 0 {
				continue
			}
			high, low := a, b
			if low.stance > high.stance {
				high, low = low, high
			}
			if apart := high.stance - low.stance; apart > widest {
				best, widest = []voice{high, low}, apart
			}
		}
	}
	if best == nil {
		return perTool(voices)
	}
	return best
}

// dissent finds the voice that stands furthest from its panel, of those whose
// verdict is another one where there are any.
func dissent(c comparison.Comparison, voices []voice) []voice {
	distance := func(o voice) float64 {
		p := c.Tools[o.side].Panel
		share, known := p.Share()
		if !known || o.stance < 0 {
			return 0
		}
		apart := max(share-o.stance, o.stance-share)
		if o.review.Verdict != comparison.VerdictUnknown && string(o.review.Verdict) != string(p.Outcome()) {
			apart += 100
		}
		return apart
	}
	if len(voices) == 0 {
		return nil
	}
	return []voice{slices.MaxFunc(voices, func(a, b voice) int { return cmp.Compare(distance(a), distance(b)) })}
}

// perTool gives each tool's first voice.
func perTool(voices []voice) []voice {
	var out []voice
	for side := range 2 {
		if i := slices.IndexFunc(voices, func(o voice) bool { return o.side == side }); i >= 0 {
			out = append(out, voices[i])
		}
	}
	return out
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
	return strings.TrimSpace(s[:end]), true
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
