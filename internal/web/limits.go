package web

import (
	"container/list"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Limit is a token bucket: Burst at once, then one each Every.
type Limit struct {
	Burst int
	Every time.Duration
}

// Limits holds visitors back. The zero value means DefaultLimits.
type Limits struct {
	SignUp   Limit // sign-ups from one network (an IPv4 address, an IPv6 /64)
	SignUps  Limit // sign-ups from everywhere
	Guess    Limit // unknown tokens from one network
	Networks int   // how many networks are remembered; the one unseen longest goes first
}

// DefaultLimits lets a family or an office sign up, and a front page of a news
// site send its readers, but no script.
func DefaultLimits() Limits {
	return Limits{
		SignUp:   Limit{Burst: 10, Every: time.Minute},
		SignUps:  Limit{Burst: 500, Every: 100 * time.Millisecond},
		Guess:    Limit{Burst: 20, Every: 6 * time.Second},
		Networks: 20_000,
	}
}

type limiter struct {
	now     func() time.Time
	signUps *rate.Limiter
	signUp  *buckets
	guess   *buckets
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	if l == (Limits{}) {
		l = DefaultLimits()
	}
	return &limiter{
		now:     now,
		signUps: l.SignUps.bucket(),
		signUp:  newBuckets(l.SignUp, l.Networks),
		guess:   newBuckets(l.Guess, l.Networks),
	}
}

func (l Limit) bucket() *rate.Limiter { return rate.NewLimiter(rate.Every(l.Every), l.Burst) }

// allowSignUp takes a place, or says with a 429 when there will be one.
func (l *limiter) allowSignUp(ip netip.Addr) error {
	now := l.now()
	for _, b := range []*rate.Limiter{l.signUp.of(network(ip)), l.signUps} {
		if wait := take(b, now); wait > 0 {
			return statusError{status: http.StatusTooManyRequests, retryAfter: wait}
		}
	}
	return nil
}

// take takes one from the bucket; when it is empty it takes nothing and gives
// the time until there is one.
func take(b *rate.Limiter, now time.Time) time.Duration {
	res := b.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait > 0 {
		res.CancelAt(now)
	}
	return wait
}

// token guards the routes whose path holds a token: nobody keeps the answer,
// and who has named too many unknown tokens gets 429 for every one, so that
// the answers stop telling anything.
func (s *server) token(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		b, now := s.limits.guess.of(network(clientIP(r, s.TrustedProxies))), s.Now()
		if b.TokensAt(now) < 1 {
			return statusError{status: http.StatusTooManyRequests, retryAfter: s.limits.guess.limit.Every}
		}
		err := next(w, r)
		if statusOf(err) == http.StatusNotFound {
			b.AllowN(now, 1)
		}
		return err
	}
}

// buckets keeps a bucket for each network, up to a number of them.
type buckets struct {
	limit Limit
	max   int

	mu     sync.Mutex
	recent *list.List // of *bucket, the latest seen in front
	byNet  map[netip.Prefix]*list.Element
}

type bucket struct {
	net netip.Prefix
	*rate.Limiter
}

func newBuckets(l Limit, max int) *buckets {
	return &buckets{limit: l, max: max, recent: list.New(), byNet: make(map[netip.Prefix]*list.Element)}
}

// of gives the network's bucket, a full one at first.
func (b *buckets) of(net netip.Prefix) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.byNet[net]; ok {
		b.recent.MoveToFront(e)
		return e.Value.(*bucket).Limiter
	}
	if b.recent.Len() >= b.max {
		oldest := b.recent.Remove(b.recent.Back()).(*bucket)
		delete(b.byNet, oldest.net)
	}
	nb := &bucket{net: net, Limiter: b.limit.bucket()}
	b.byNet[net] = b.recent.PushFront(nb)
	return nb.Limiter
}
