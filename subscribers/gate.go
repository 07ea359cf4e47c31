package subscribers

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// An Answer is what a Gate decides on a request.
type Answer int

// The answers.
const (
	Ignore Answer = iota // no mail is due
	Mail                 // a mail is due, now
	Hold                 // a confirmation is due, and waits
)

// A Gate decides on the requests of one batch, as a surge lets it. It belongs to
// one transaction: what it counted is added to what the store has.
type Gate struct {
	rule    SurgeRule
	at      time.Time
	all     *scope
	domains map[string]*scope
	held    int
	added   map[string]*SignUpCount
	known   map[string]bool

	Mails, Holds int // what it let go, and what it has wait
}

// Gate makes the gate of a batch. Refused are the sign-ups by domain that were
// asked the question since the last one.
func (r SurgeRule) Gate(t Traffic, refused map[string]int) *Gate {
	g := &Gate{rule: r, at: t.At, held: t.Held, domains: map[string]*scope{}, added: map[string]*SignUpCount{}, known: map[string]bool{}}
	g.all = &scope{floor: float64(r.Floor), usual: t.Usual[""]}
	bucket := BucketOf(t.At)
	for _, c := range t.Hour {
		s := g.scope(c.Domain, t.Usual)
		s.hour.add(c)
		if c.Bucket == bucket {
			s.now.add(c)
			g.known[c.Domain] = true
		}
	}
	for _, u := range t.Surges {
		s := g.scope(u.Domain, t.Usual)
		s.since, s.episode = u.Since, u.Episode
	}
	for _, domain := range slices.Sorted(maps.Keys(refused)) {
		g.count(domain, SignUpCount{Asked: refused[domain]})
	}
	for _, s := range g.scopes() {
		if s.ends(r, t.At) {
			s.since, s.episode = time.Time{}, time.Time{}
		}
	}
	return g
}

// scope gives a domain's scope, which may be new.
func (g *Gate) scope(domain string, usual map[string]float64) *scope {
	if domain == "" {
		return g.all
	}
	s := g.domains[domain]
	if s == nil {
		s = &scope{floor: float64(max(SurgeLeast, g.rule.Floor/2)), usual: usual[domain]}
		g.domains[domain] = s
	}
	return s
}

// scopes are all that there are, those of domains in their names' order.
func (g *Gate) scopes() []*scope {
	out := []*scope{g.all}
	for _, domain := range slices.Sorted(maps.Keys(g.domains)) {
		out = append(out, g.domains[domain])
	}
	return out
}

// count counts in all and in the domain, and has a surge begin where it must.
func (g *Gate) count(domain string, c SignUpCount) {
	scopes := []string{"", domain}
	if domain == "" {
		scopes = scopes[:1]
	}
	for _, d := range scopes {
		s := g.scope(d, nil)
		s.hour.add(c)
		s.now.add(c)
		if s.begins(g.rule) {
			s.since, s.episode = g.at, g.episode()
		}
		if !g.known[d] && d != "" && len(g.known) > MostDomains {
			continue
		}
		g.known[d] = true
		if g.added[d] == nil {
			g.added[d] = &SignUpCount{Bucket: BucketOf(g.at), Domain: d}
		}
		g.added[d].add(c)
	}
}

// episode is when the surges began that go on; now, when there is none.
func (g *Gate) episode() time.Time {
	for _, s := range g.scopes() {
		if s.surging() {
			return s.episode
		}
	}
	return g.at
}

// Admit decides on a request; see Decide for which mails are due.
func (g *Gate) Admit(c Case) Answer {
	switch {
	case !Decide(c, g.at):
		return Ignore
	case c.SignUp.Wish != WishJoin:
		g.Mails++
		return Mail // to who is on the list, or has its link
	}
	domain := CountedDomain(c.SignUp.Address.Domain)
	if !c.SignUp.Answered { // who answered was counted when asked
		g.count(domain, SignUpCount{Asked: 1})
	}
	if !g.Surging(domain) || c.SignUp.Answered && g.answeredRoom(domain) {
		g.mailed(domain, c.SignUp.Answered)
		return Mail
	}
	if !c.SignUp.Answered && g.held >= MostHeld {
		return Ignore
	}
	if !c.Held {
		g.held++
	}
	g.Holds++
	return Hold
}

// Surging reports whether confirmations to a counted domain wait.
func (g *Gate) Surging(domain string) bool {
	return g.all.surging() || g.domains[domain] != nil && g.domains[domain].surging()
}

func (g *Gate) answeredRoom(domain string) bool {
	return g.all.answeredRoom(g.rule) && g.scope(domain, nil).answeredRoom(g.rule)
}

func (g *Gate) mailed(domain string, answered bool) {
	g.Mails++
	if answered {
		g.count(domain, SignUpCount{Answered: 1})
	} else {
		g.count(domain, SignUpCount{Mailed: 1})
	}
}

// A HeldSignUp is a sign-up whose confirmation waits.
type HeldSignUp struct {
	ID       int64 // the larger, the later
	Domain   string
	IP       netip.Addr // zero: unknown
	Answered bool
}

// A heldTurn is the place of one who is held: who answered comes first; then the
// first of each network, then their second; among them the first to each domain,
// so that a flood from one network or to one domain keeps nobody else waiting;
// then who waits longest.
type heldTurn struct {
	HeldSignUp
	late, ofNetwork, ofDomain int
}

// Release names those held whose confirmation is mailed now, in order.
func (g *Gate) Release(held []HeldSignUp) []int64 {
	var out []int64
	for _, h := range inTurn(held) {
		domain := CountedDomain(h.Domain)
		if h.Answered && !g.answeredRoom(domain) || !h.Answered && !g.heldRoom(domain) {
			continue
		}
		g.mailed(domain, h.Answered)
		out = append(out, h.ID)
	}
	g.held -= len(out)
	return out
}

// Overfull reports whether more than MostHeld may wait.
func (g *Gate) Overfull() bool { return g.held > MostHeld }

// Surplus names those held beyond the first MostHeld, which would be mailed last: they
// wait no longer.
func Surplus(held []HeldSignUp) []int64 { return surplus(held, MostHeld) }

func surplus(held []HeldSignUp, most int) (out []int64) {
	if len(held) <= most {
		return nil
	}
	for _, h := range inTurn(held)[most:] {
		out = append(out, h.ID)
	}
	return out
}

func (g *Gate) heldRoom(domain string) bool {
	return g.all.heldRoom(g.rule) && g.scope(domain, nil).heldRoom(g.rule)
}

// MayRelease reports whether there may be room for any who is held.
func (g *Gate) MayRelease() bool {
	return g.held > 0 && (g.all.heldRoom(g.rule) || g.all.answeredRoom(g.rule))
}

func inTurn(held []HeldSignUp) []heldTurn {
	networks, domains := map[netip.Prefix]int{}, map[string]int{}
	var out []heldTurn
	for _, h := range slices.SortedFunc(slices.Values(held), func(a, b HeldSignUp) int { return cmp.Compare(a.ID, b.ID) }) {
		network, domain := heldNetwork(h.IP), CountedDomain(h.Domain)
		t := heldTurn{HeldSignUp: h, ofNetwork: networks[network], ofDomain: domains[domain]}
		if !h.Answered {
			t.late = 1
		}
		networks[network]++
		domains[domain]++
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b heldTurn) int {
		return cmp.Or(cmp.Compare(a.late, b.late), cmp.Compare(a.ofNetwork, b.ofNetwork), cmp.Compare(a.ofDomain, b.ofDomain))
	})
	return out
}

// heldNetwork is an IPv4 /24 or an IPv6 /48; unknown addresses are one network.
func heldNetwork(ip netip.Addr) netip.Prefix {
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	p, _ := ip.Prefix(bits) // the zero Prefix for an unknown address
	return p
}

// Counts are what the batch adds, all first and then the domains in order.
func (g *Gate) Counts() []SignUpCount {
	var out []SignUpCount
	for _, d := range slices.Sorted(maps.Keys(g.added)) {
		c := *g.added[d]
		c.Surge = g.Surging(d)
		out = append(out, c)
	}
	return out
}

// Surges are those that go on after the batch, of all first.
func (g *Gate) Surges() []Surge {
	var out []Surge
	if g.all.surging() {
		out = append(out, Surge{"", g.all.since, g.all.episode})
	}
	for _, d := range slices.Sorted(maps.Keys(g.domains)) {
		if s := g.domains[d]; s.surging() {
			out = append(out, Surge{d, s.since, s.episode})
		}
	}
	return out
}
