package delivery

import (
	"fmt"
	"math"
)

// The circuit breaker pauses an edition when the first breakerFirst readers were
// all rejected, or when more than breakerShare of at least breakerLeast were,
// with 95 % confidence.
const (
	breakerFirst = 20
	breakerLeast = 100
	breakerShare = 0.05
	confidence   = 1.645 // standard deviations, one-sided
)

// A breaker counts the readers with a final verdict since the send was started
// or resumed.
type breaker struct{ readers, refused int }

// note counts a reader, with the server's reply if it refused, and returns the
// reason to pause, "" for none.
func (b *breaker) note(refused bool, reply string) string {
	b.readers++
	if refused {
		b.refused++
	}
	switch {
	case b.readers == breakerFirst && b.refused == breakerFirst:
		return fmt.Sprintf("the first %d readers were all permanently rejected; the last reply: %s", b.refused, reply)
	case b.readers >= breakerLeast && float64(b.refused) > breakerShare*float64(b.readers) && atLeast(b.refused, b.readers) > breakerShare:
		return fmt.Sprintf("%d of %d readers were permanently rejected (the limit is %.0f%%); the last reply: %s", b.refused, b.readers, 100*breakerShare, reply)
	default:
		return ""
	}
}

// atLeast is the lower bound of the Wilson score interval: with 95 % confidence,
// the share in the population is no smaller when k in a sample of n are.
func atLeast(k, n int) float64 {
	p, z2 := float64(k)/float64(n), confidence*confidence
	mid := p + z2/float64(2*n)
	spread := confidence * math.Sqrt((p*(1-p)+z2/float64(4*n))/float64(n))
	return (mid - spread) / (1 + z2/float64(n))
}
