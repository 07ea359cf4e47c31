package delivery

import (
	"fmt"
	"math"
)

// The circuit breaker pauses an edition when the first breakerFirst readers were
// all refused for good, or when, of at least breakerLeast, more than
// breakerShare were, with 95 % confidence.
const (
	breakerFirst = 20
	breakerLeast = 100
	breakerShare = 0.05
	confidence   = 1.645 // standard deviations, one-sided
)

// A breaker counts readers with a final verdict since the start or resumption.
type breaker struct{ readers, refused int }

// note counts a reader, with the server's reply if it refused, and gives the
// reason to pause, "" for none.
func (b *breaker) note(refused bool, reply string) string {
	b.readers++
	if refused {
		b.refused++
	}
	what := "the last: " + reply
	switch {
	case b.readers == breakerFirst && b.refused == breakerFirst:
		return fmt.Sprintf("the first %d readers were all refused for good; %s", b.refused, what)
	case b.readers >= breakerLeast && atLeast(b.refused, b.readers) > breakerShare:
		return fmt.Sprintf("%d of %d readers were refused for good (the limit is %.0f %%); %s", b.refused, b.readers, 100*breakerShare, what)
	default:
		return ""
	}
}

// atLeast is the share of a population of which k in a sample of n are, with 95 %
// confidence: the lower end of Wilson's interval.
func atLeast(k, n int) float64 {
	p, z2 := float64(k)/float64(n), confidence*confidence
	mid := p + z2/float64(2*n)
	spread := confidence * math.Sqrt((p*(1-p)+z2/float64(4*n))/float64(n))
	return (mid - spread) / (1 + z2/float64(n))
}
