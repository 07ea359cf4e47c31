package edition

import (
	"cmp"
	"slices"

	"verdicts.example/digest/internal/comparison"
)

// Order is how featured comparisons are sorted, and who gets the seats when
// there are more than edition.max.
type Order string

// The orders. Equals are sorted newest first, then by slug.
const (
	NewsFirst Order = "news"     // what readers would not expect first, unanimous ships last; see Weight
	Newest    Order = "newest"   // latest publication first
	Divided   Order = "divided"  // panels nearest to 50/50 first, unknown last
	Decisive  Order = "decisive" // largest margins first, unknown last
)

// rank sorts comparisons by the pick's order.
func (p *pick) rank(list []comparison.Comparison) {
	slices.SortStableFunc(list, p.newestFirst)
	switch o := p.c.Options.Order; o {
	case NewsFirst, "":
		slices.SortStableFunc(list, func(a, b comparison.Comparison) int { return cmp.Compare(News(b), News(a)) })
	case Divided, Decisive:
		slices.SortStableFunc(list, func(a, b comparison.Comparison) int { return byMargin(a, b, o) })
	}
}

func byMargin(a, b comparison.Comparison, o Order) int {
	ma, oka := margin(a)
	mb, okb := margin(b)
	switch {
	case oka != okb && oka:
		return -1
	case oka != okb:
		return 1
	case o == Decisive:
		return cmp.Compare(mb, ma)
	}
	return cmp.Compare(ma, mb)
}

// margin is how far a comparison's panels are from 50/50, in per cent points:
// the mean over the tools whose panel is known; ok is false when none is.
func margin(c comparison.Comparison) (mean float64, ok bool) {
	var sum, n float64
	for _, t := range c.Tools {
		if pc, ok := t.Panel.Share(); ok {
			sum += max(pc-50, 50-pc)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / n, true
}
