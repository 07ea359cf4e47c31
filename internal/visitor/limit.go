package visitor

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// MaxBuckets is how many networks, domains or links a limit remembers; the one
// unseen longest goes first.
const MaxBuckets = 20_000

// noLimit is a bucket that is never empty.
func noLimit() *rate.Limiter { return rate.NewLimiter(rate.Inf, 1) }

// Hourly makes buckets of n an hour, of which a sixth may be taken at once; 0 is
// no limit.
func Hourly(n int) func() *rate.Limiter {
	if n <= 0 {
		return noLimit
	}
	return func() *rate.Limiter { return rate.NewLimiter(rate.Limit(n)/3600, max(1, n/6)) }
}

// Networks count an address with the networks around it, because one visitor
// can have many addresses.
type Networks struct {
	address *Buckets[netip.Prefix] // an IPv4 address, an IPv6 /64
	network *Buckets[netip.Prefix] // an IPv4 /24, an IPv6 /56
	site    *Buckets[netip.Prefix] // an IPv6 /48
}

// NewNetworks makes limits an hour for an address, its network, and an IPv6 site.
func NewNetworks(address, network, site int) Networks {
	return Networks{
		NewBuckets[netip.Prefix](Hourly(address), MaxBuckets),
		NewBuckets[netip.Prefix](Hourly(network), MaxBuckets),
		NewBuckets[netip.Prefix](Hourly(site), MaxBuckets),
	}
}

// Of gives the buckets that an address draws from.
func (n Networks) Of(ip netip.Addr) []*rate.Limiter {
	draw := []*rate.Limiter{n.address.Of(Network(ip, 32, 64)), n.network.Of(Network(ip, 24, 56))}
	if ip.Is6() {
		draw = append(draw, n.site.Of(Network(ip, 0, 48)))
	}
	return draw
}

// Take takes one from each bucket. When one is empty it takes nothing and gives
// how long until there is one.
func Take(now time.Time, from ...*rate.Limiter) (wait time.Duration) {
	var taken []*rate.Reservation
	for _, b := range from {
		r := b.ReserveN(now, 1)
		taken = append(taken, r)
		if wait := r.DelayFrom(now); wait > 0 {
			for _, r := range taken {
				r.CancelAt(now)
			}
			return wait
		}
	}
	return 0
}

// Buckets keep a bucket for each key, up to a number of them.
type Buckets[K comparable] struct {
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

// NewBuckets makes buckets that fill fills, at most most of them.
func NewBuckets[K comparable](fill func() *rate.Limiter, most int) *Buckets[K] {
	return &Buckets[K]{fill: fill, max: most, recent: list.New(), byKey: make(map[K]*list.Element)}
}

// Of gives the key's bucket, a full one at first.
func (b *Buckets[K]) Of(key K) *rate.Limiter {
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
