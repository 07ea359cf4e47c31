package web

import (
	"container/list"
	"crypto/sha256"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/time/rate"
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

// DefaultLimits let a family or an office sign up, and a front page of a news
// site send its readers, but no script.
func DefaultLimits() Limits {
	return Limits{Address: 60, Network: 240, Domain: 1800, All: 6000, Guesses: 120}
}

// tokenUses is how often a minute one link may be used.
const tokenUses = 60

// maxBuckets is how many networks, domains or links a limit remembers; the one
// unseen longest goes first.
const maxBuckets = 20_000

// noLimit is a bucket that is never empty.
func noLimit() *rate.Limiter { return rate.NewLimiter(rate.Inf, 1) }

func hourly(n int) func() *rate.Limiter {
	if n <= 0 {
		return noLimit
	}
	return func() *rate.Limiter { return rate.NewLimiter(rate.Limit(n)/3600, max(1, n/6)) }
}

type limiter struct {
	now     func() time.Time
	signUps networks
	domains *buckets[string]
	all     *rate.Limiter
	guesses networks
	tokens  *buckets[[sha256.Size]byte]
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	return &limiter{
		now:     now,
		signUps: newNetworks(l.Address, l.Network, 4*l.Network),
		domains: newBuckets[string](hourly(l.Domain), maxBuckets),
		all:     hourly(l.All)(),
		guesses: newNetworks(l.Guesses, 4*l.Guesses, 16*l.Guesses),
		tokens: newBuckets[[sha256.Size]byte](func() *rate.Limiter {
			return rate.NewLimiter(rate.Every(time.Minute/tokenUses), tokenUses)
		}, maxBuckets),
	}
}

// networks count an address with the networks around it, because one visitor
// can have many addresses.
type networks struct {
	address *buckets[netip.Prefix] // an IPv4 address, an IPv6 /64
	network *buckets[netip.Prefix] // an IPv4 /24, an IPv6 /56
	site    *buckets[netip.Prefix] // an IPv6 /48
}

func newNetworks(address, network, site int) networks {
	return networks{
		newBuckets[netip.Prefix](hourly(address), maxBuckets),
		newBuckets[netip.Prefix](hourly(network), maxBuckets),
		newBuckets[netip.Prefix](hourly(site), maxBuckets),
	}
}

// of gives the buckets that an address draws from.
func (n networks) of(ip netip.Addr) []*rate.Limiter {
	draw := []*rate.Limiter{n.address.of(network(ip, 32, 64)), n.network.of(network(ip, 24, 56))}
	if ip.Is6() {
		draw = append(draw, n.site.of(network(ip, 0, 48)))
	}
	return draw
}

// signUp takes a place for a sign-up, or says with a 429 when there will be one.
func (l *limiter) signUp(ip netip.Addr, domain string) error {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		domain = registered
	}
	return take(l.now(), append(l.signUps.of(ip), l.domains.of(domain), l.all)...)
}

// guess notes an unknown link.
func (l *limiter) guess(ip netip.Addr) error { return take(l.now(), l.guesses.of(ip)...) }

// token notes a use of a link.
func (l *limiter) token(token string) error {
	return take(l.now(), l.tokens.of(sha256.Sum256([]byte(token))))
}

// take takes one from each bucket; when one is empty it takes nothing and says
// when there will be one.
func take(now time.Time, from ...*rate.Limiter) error {
	var taken []*rate.Reservation
	for _, b := range from {
		r := b.ReserveN(now, 1)
		taken = append(taken, r)
		if wait := r.DelayFrom(now); wait > 0 {
			for _, r := range taken {
				r.CancelAt(now)
			}
			return statusError{status: http.StatusTooManyRequests, retryAfter: wait}
		}
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

// buckets keeps a bucket for each key, up to a number of them.
type buckets[K comparable] struct {
	fill func() *rate.Limiter
	max  int

	mu     sync.Mutex
	recent *list.List // of *bucket[K], the latest seen in front
	byKey  map[K]*list.Element
}

type bucket[K comparable] struct {
	key K
	*rate.Limiter
}

func newBuckets[K comparable](fill func() *rate.Limiter, max int) *buckets[K] {
	return &buckets[K]{fill: fill, max: max, recent: list.New(), byKey: make(map[K]*list.Element)}
}

// of gives the key's bucket, a full one at first.
func (b *buckets[K]) of(key K) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.byKey[key]; ok {
		b.recent.MoveToFront(e)
		return e.Value.(*bucket[K]).Limiter
	}
	if b.recent.Len() >= b.max {
		oldest := b.recent.Remove(b.recent.Back()).(*bucket[K])
		delete(b.byKey, oldest.key)
	}
	nb := &bucket[K]{key: key, Limiter: b.fill()}
	b.byKey[key] = b.recent.PushFront(nb)
	return nb.Limiter
}
