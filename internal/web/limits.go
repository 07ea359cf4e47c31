package web

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/time/rate"

	"verdicts.example/digest/internal/visitor"
)

// Limits hold visitors back, in numbers an hour; a sixth of it may come at once.
// 0 is no limit.
type Limits struct {
	Address int // sign-ups from one address (in IPv6, a /64)
	Network int // from one network (an IPv4 /24, an IPv6 /56); four times as many from an IPv6 /48
	Domain  int // to addresses of one mail domain
	All     int // from everywhere
	Guesses int // unknown links from one address; four times as many from its network, sixteen times from an IPv6 /48
}

// tokenUses is how often a minute one link may be used.
const tokenUses = 60

type limiter struct {
	now     func() time.Time
	signUps visitor.Networks
	domains *visitor.Buckets[string]
	all     *rate.Limiter
	guesses visitor.Networks
	tokens  *visitor.Buckets[[sha256.Size]byte]
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	return &limiter{
		now:     now,
		signUps: visitor.NewNetworks(l.Address, l.Network, 4*l.Network),
		domains: visitor.NewBuckets[string](visitor.Hourly(l.Domain), visitor.MaxBuckets),
		all:     visitor.Hourly(l.All)(),
		guesses: visitor.NewNetworks(l.Guesses, 4*l.Guesses, 16*l.Guesses),
		tokens: visitor.NewBuckets[[sha256.Size]byte](func() *rate.Limiter {
			return rate.NewLimiter(rate.Every(time.Minute/tokenUses), tokenUses)
		}, visitor.MaxBuckets),
	}
}

// signUp takes a place for a sign-up, or says with a 429 when there will be one.
func (l *limiter) signUp(ip netip.Addr, domain string) error {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		domain = registered
	}
	return take(l.now(), append(l.signUps.Of(ip), l.domains.Of(domain), l.all)...)
}

// guess notes an unknown link.
func (l *limiter) guess(ip netip.Addr) error { return take(l.now(), l.guesses.Of(ip)...) }

// token notes a use of a link.
func (l *limiter) token(token string) error {
	return take(l.now(), l.tokens.Of(sha256.Sum256([]byte(token))))
}

// take takes one from each bucket, or says with a 429 when there will be one.
func take(now time.Time, from ...*rate.Limiter) error {
	if wait := visitor.Take(now, from...); wait > 0 {
		return statusError{status: http.StatusTooManyRequests, retryAfter: wait}
	}
	return nil
}

// token guards the routes whose path holds a token: nobody keeps the answer. A
// known token is held back by its own use alone, never by what others did; who
// has named too many unknown ones gets 429 for the next.
func (s *server) token(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		if err := s.limits.token(r.PathValue("token")); err != nil {
			return err
		}
		err := next(w, r)
		if statusOf(err) == http.StatusNotFound {
			if tooMany := s.limits.guess(s.clientIP(r)); tooMany != nil {
				return tooMany
			}
		}
		return err
	}
}
