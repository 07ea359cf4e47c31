package delivery

import (
	"math/rand/v2"
	"time"
)

// Retries of one delivery: RFC 5321 §4.5.4.1 asks for at least 30 minutes after
// the first hour; greylisting answers sooner.
const (
	firstRetry  = 5 * time.Minute
	longestWait = 4 * time.Hour
	// RetryFor is how long a delivery is tried after its first temporary
	// refusal.
	RetryFor = 48 * time.Hour
)

// retryAt is when a delivery is retried after that many attempts (at least one);
// zero when it has been tried for RetryFor since the first refusal. A jitter of
// 20 % keeps a batch from coming back all at once.
func retryAt(now, since time.Time, attempts int) time.Time {
	wait := doubled(firstRetry, longestWait, attempts-1)
	next := now.Add(jitter(wait))
	if !since.IsZero() && next.Sub(since) > RetryFor {
		return time.Time{}
	}
	return next
}

// doubled is base doubled n times, at most longest.
func doubled(base, longest time.Duration, n int) time.Duration {
	for range n {
		if base >= longest {
			break
		}
		base *= 2
	}
	return min(base, longest)
}

// jitter is between 80 and 120 % of d.
func jitter(d time.Duration) time.Duration {
	return d*4/5 + rand.N(d*2/5+1)
}
