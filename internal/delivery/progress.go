package delivery

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// progressDomains bounds how many domains are counted apart.
const progressDomains = 1000

// A Progress follows a running send from memory. Its zero value is ready; it is
// safe for concurrent use.
type Progress struct {
	mu      sync.Mutex
	counts  Counts
	domains map[string]*Counts
	started time.Time
	begun   int64 // attempts ended in this run
	at      time.Time
	last    int64
	rate    float64
	weight  float64 // of what rate has seen, up to 1: without it a send would seem to start slowly
}

// A Snapshot is how far a send is.
type Snapshot struct {
	Counts  Counts
	Domains []DomainCounts // what ended, over the whole send, the busiest first
	Rate    float64        // messages a second, over the last seconds
	Left    time.Duration  // at that rate; 0 when it is not known
}

// begin sets the counts that the database has. Of the domains what is final
// counts: what is deferred ends again.
func (p *Progress) begin(c Counts, domains []DomainCounts, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts, p.started, p.at = c, at, at
	p.domains = map[string]*Counts{}
	for _, d := range domains {
		ended := Counts{}
		for _, s := range []State{Accepted, Failed, Unknown, Suppressed} {
			ended[s] = d.Counts[s]
		}
		if ended.Total() > 0 {
			p.domains[d.Domain] = &ended
		}
	}
	p.begun, p.last, p.rate, p.weight = 0, 0, 0, 0
}

// move counts a delivery's way from one state to another.
func (p *Progress) move(from, to State, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[from] -= n
	p.counts[to] += n
}

// end counts the end of an attempt.
func (p *Progress) end(domain string, to State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[Claimed]--
	p.counts[to]++
	if to == Queued {
		return
	}
	p.begun++
	d := p.domains[domain]
	if d == nil {
		if len(p.domains) >= progressDomains {
			return
		}
		d = &Counts{}
		p.domains[domain] = d
	}
	d[to]++
}

// Snapshot gives the counts and the top domains; call it a few times a second
// at most, the rate is smoothed over the calls.
func (p *Progress) Snapshot(now time.Time, top int) Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := now.Sub(p.at).Seconds(); d > 0 && !p.at.IsZero() {
		const smooth = 3.0 // seconds
		share := min(d/smooth, 1)
		p.rate += share * (float64(p.begun-p.last)/d - p.rate)
		p.weight += share * (1 - p.weight)
		p.at, p.last = now, p.begun
	}
	s := Snapshot{Counts: p.counts}
	if p.rate > 0 {
		s.Rate = p.rate / p.weight
		s.Left = time.Duration(float64(p.counts[Queued]+p.counts[Claimed]) / s.Rate * float64(time.Second))
	}
	names := slices.SortedFunc(maps.Keys(p.domains), func(a, b string) int {
		return cmp.Or(cmp.Compare(p.domains[b].Total(), p.domains[a].Total()), cmp.Compare(a, b))
	})
	for _, name := range names[:min(top, len(names))] {
		s.Domains = append(s.Domains, DomainCounts{Domain: name, Counts: *p.domains[name]})
	}
	return s
}
