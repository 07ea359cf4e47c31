package subscribers_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// rule is as the settings have it.
var rule = subscribers.SurgeRule{Floor: 60, Times: 8}

// sim keeps what a store keeps, in virtual time.
type sim struct {
	t        *testing.T
	now      time.Time
	counts   map[string]map[int64]*subscribers.SignUpCount
	surges   []subscribers.Surge
	held     []subscribers.QueuedSignUp
	refused  map[string]int
	mailed   map[string]time.Time // by address
	confirms []confirmation
	episodes map[time.Time]bool
}

type confirmation struct {
	at     time.Time
	domain string
}

func newSim(t *testing.T) *sim {
	return &sim{t: t, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), counts: map[string]map[int64]*subscribers.SignUpCount{},
		refused: map[string]int{}, mailed: map[string]time.Time{}, episodes: map[time.Time]bool{}}
}

func (s *sim) add(c subscribers.SignUpCount) {
	if s.counts[c.Domain] == nil {
		s.counts[c.Domain] = map[int64]*subscribers.SignUpCount{}
	}
	k := s.counts[c.Domain][c.Bucket]
	if k == nil {
		k = &subscribers.SignUpCount{Domain: c.Domain, Bucket: c.Bucket}
		s.counts[c.Domain][c.Bucket] = k
	}
	k.Asked += c.Asked
	k.Mailed += c.Mailed
	k.Answered += c.Answered
	k.Confirmed += c.Confirmed
	k.Surge = k.Surge || c.Surge
}

func (s *sim) traffic() subscribers.Traffic {
	t := subscribers.Traffic{At: s.now, Usual: map[string]float64{}, Surges: s.surges, Held: len(s.held)}
	from, week := subscribers.HourBefore(s.now), subscribers.BucketOf(s.now.Add(-subscribers.CountedFor))
	for domain, buckets := range s.counts {
		for b, c := range buckets {
			switch {
			case b >= from:
				t.Hour = append(t.Hour, *c)
			case b >= week && !c.Surge:
				t.Usual[domain] += float64(c.Asked-c.Confirmed) / subscribers.CountedFor.Hours()
			}
		}
	}
	return t
}

// visitor is one who signs up; answers: the question, when asked; confirms: within
// minutes of the mail.
type visitor struct {
	email, ip         string
	answers, confirms bool
}

// decide has a batch of visitors come now.
func (s *sim) decide(visitors ...visitor) {
	g := rule.Gate(s.traffic(), s.refused)
	s.refused = map[string]int{}
	for _, v := range visitors {
		a, err := subscribers.ParseAddress(v.email)
		if err != nil {
			s.t.Fatal(err)
		}
		q := subscribers.QueuedSignUp{Address: a, IP: netip.MustParseAddr(v.ip), At: s.now, Wish: subscribers.WishJoin}
		if s.surging(subscribers.CountedDomain(a.Domain)) {
			s.refused[subscribers.CountedDomain(a.Domain)]++
			if q.Answered = v.answers; !v.answers {
				continue // the form asks, and they go
			}
		}
		switch g.Admit(subscribers.Case{SignUp: q}) {
		case subscribers.Mail:
			s.mail(v)
		case subscribers.Hold:
			s.held = append(s.held, q)
		case subscribers.Ignore:
			s.t.Fatalf("%s: got ignored", v.email)
		}
	}
	s.release(g)
	for _, c := range g.Counts() {
		s.add(c)
	}
	s.surges = g.Surges()
	for _, u := range s.surges {
		s.episodes[u.Episode] = true
	}
}

func (s *sim) surging(domain string) bool {
	for _, u := range s.surges {
		if u.Domain == "" || u.Domain == domain {
			return true
		}
	}
	return false
}

func (s *sim) mail(v visitor) {
	s.mailed[v.email] = s.now
	if v.confirms {
		a, _ := subscribers.ParseAddress(v.email)
		s.confirms = append(s.confirms, confirmation{s.now.Add(time.Duration(1+rand.IntN(8)) * time.Minute), subscribers.CountedDomain(a.Domain)})
	}
}

func (s *sim) release(g *subscribers.Gate) {
	if !g.MayRelease() {
		return
	}
	var held []subscribers.HeldSignUp
	for i, q := range s.held {
		held = append(held, subscribers.HeldSignUp{ID: int64(i), Domain: q.Address.Domain, IP: q.IP, Answered: q.Answered})
	}
	gone := map[int]bool{}
	for _, id := range g.Release(held) {
		gone[int(id)] = true
		s.mail(visitor{email: s.held[id].Address.Email, confirms: s.held[id].Answered})
	}
	var rest []subscribers.QueuedSignUp
	for i, q := range s.held {
		if !gone[i] {
			rest = append(rest, q)
		}
	}
	s.held = rest
}

// pass lets time pass, with confirmations.
func (s *sim) pass(d time.Duration) {
	s.now = s.now.Add(d)
	var later []confirmation
	for _, c := range s.confirms {
		if c.at.After(s.now) {
			later = append(later, c)
			continue
		}
		for _, domain := range []string{"", c.domain} {
			s.add(subscribers.SignUpCount{Bucket: subscribers.BucketOf(c.at), Domain: domain, Confirmed: 1})
		}
	}
	s.confirms = later
}

// usualWeek is a week of six sign-ups an hour, of which two in three confirm.
func (s *sim) usualWeek(t *testing.T) {
	for i := range 6 * 24 * 6 { // what the last day is like, for six days
		for _, domain := range []string{"", provider(i)} {
			confirmed := min(i%3, 1)
			s.add(subscribers.SignUpCount{Bucket: subscribers.BucketOf(s.now), Domain: domain, Asked: 1, Mailed: 1, Confirmed: confirmed})
		}
		s.now = s.now.Add(10 * time.Minute)
	}
	for i := range 24 * 6 {
		s.decide(visitor{fmt.Sprintf("w%d@%s", i, provider(i)), address(i), true, i%3 != 0})
		s.pass(10 * time.Minute)
	}
	if len(s.surges) > 0 || len(s.episodes) > 0 {
		t.Fatalf("got a surge in a usual week: %+v", s.surges)
	}
}

func provider(i int) string {
	return []string{"gmail.com", "outlook.com", "yahoo.com", "example.org", "uni.example.net"}[i%5]
}

func address(i int) string { return fmt.Sprintf("198.%d.%d.7", 18+i/250%2, i%250) }

// Ten thousand victims in an hour get next to nothing, whoever comes by their own
// will gets a confirmation within the hour, and it is one episode.
func TestSurgeOfAnAttack(t *testing.T) {
	t.Parallel()
	s := newSim(t)
	s.usualWeek(t)
	victims, ordinary := 0, map[string]time.Time{}
	for step := range 180 { // 20 s each
		var now []visitor
		for range 10_000 / 180 {
			now = append(now, visitor{email: fmt.Sprintf("victim%d@%s", victims, provider(victims)), ip: fmt.Sprintf("203.0.%d.%d", victims/200%256, victims%200)})
			victims++
		}
		if step%6 == 0 { // 30 an hour; the very first come before the surge is seen
			email := fmt.Sprintf("reader%d@%s", step, provider(step))
			now = append(now, visitor{email, address(step), true, true})
			ordinary[email] = s.now
		}
		s.decide(now...)
		s.pass(20 * time.Second)
	}
	mails := len(s.mailed)
	got := 0
	for email := range s.mailed {
		if email[0] == 'v' {
			got++
		}
	}
	t.Logf("%d victims: %d mailed within the hour, %d held; %d mails in all", victims, got, len(s.held), mails)
	if got > 150 {
		t.Errorf("got %d of %d victims mailed in the hour, want at most 150", got, victims)
	}
	for email, at := range ordinary {
		if sent, ok := s.mailed[email]; !ok || sent.Sub(at) > time.Hour {
			t.Errorf("%s came at %s: got the confirmation at %v, want it within the hour", email, at.Format(time.TimeOnly), sent)
		}
	}
	if len(s.episodes) != 1 {
		t.Errorf("got %d episodes, want 1", len(s.episodes))
	}
	s.quiet(t)
}

// quiet waits for the end of the surge.
func (s *sim) quiet(t *testing.T) {
	for range 120 {
		s.decide()
		if len(s.surges) == 0 {
			return
		}
		s.pass(time.Minute)
	}
	t.Errorf("got the surge going on two hours after the last sign-up, want its end: %+v", s.surges)
}

// A mention on a popular site: twenty times as many as usual, who confirm.
func TestHonestPeakIsNoSurge(t *testing.T) {
	t.Parallel()
	s := newSim(t)
	s.usualWeek(t)
	for i := range 120 { // one every half minute: 120 an hour
		s.decide(visitor{fmt.Sprintf("p%d@%s", i, provider(i)), address(i), true, i%3 != 0})
		s.pass(30 * time.Second)
	}
	if len(s.episodes) != 0 || len(s.mailed) != 24*6+120 {
		t.Errorf("got %d surges and %d mails, want none, and a mail for everybody", len(s.episodes), len(s.mailed)-24*6)
	}
}

// A thousand times as many as usual, who confirm: at first it looks like an attack.
// Nobody is lost, and everybody who goes on has the mail within the hour.
func TestHonestFloodEndsItsSurge(t *testing.T) {
	t.Parallel()
	s := newSim(t)
	s.usualWeek(t)
	came := map[string]time.Time{}
	for step := range 180 {
		var now []visitor
		for i := range 33 { // 6,000 in the hour
			n := step*33 + i
			v := visitor{fmt.Sprintf("f%d@%s", n, provider(n)), fmt.Sprintf("100.%d.%d.9", 64+n/250%60, n%250), true, n%3 != 0}
			now = append(now, v)
			came[v.email] = s.now
		}
		s.decide(now...)
		s.pass(20 * time.Second)
	}
	for range 60 {
		s.decide()
		s.pass(time.Minute)
	}
	late, never := 0, 0
	var longest time.Duration
	for email, at := range came {
		sent, ok := s.mailed[email]
		longest = max(longest, sent.Sub(at))
		switch {
		case !ok:
			never++
		case sent.Sub(at) > time.Hour:
			late++
		}
	}
	t.Logf("%d came: %d late, %d never, longest wait %s, %d episodes", len(came), late, never, longest, len(s.episodes))
	if late+never > 0 {
		t.Errorf("got %d late and %d never mailed, want none", late, never)
	}
}

// Forty an hour to addresses of one company stay below the floor of all; the
// domain's own is exceeded, and others' sign-ups go on.
func TestSlowAttackOnOneDomain(t *testing.T) {
	t.Parallel()
	s := newSim(t)
	s.usualWeek(t)
	for hour := range 12 {
		for i := range 40 {
			s.decide(visitor{email: fmt.Sprintf("staff%d@mail.company.example", hour*40+i), ip: address(i)})
			if i%8 == 0 {
				s.decide(visitor{fmt.Sprintf("o%d-%d@%s", hour, i, provider(i)), address(100 + i), false, true})
			}
			s.pass(90 * time.Second)
		}
	}
	staff, others := 0, 0
	for email := range s.mailed {
		switch email[0] {
		case 's':
			staff++
		case 'o':
			others++
		}
	}
	t.Logf("480 of the company: %d mailed; of 60 others, who were not asked: %d", staff, others)
	if staff > 100 {
		t.Errorf("got %d of 480 mailed, want at most 100", staff)
	}
	if others != 60 {
		t.Errorf("got %d of 60 others mailed, want all: the surge is not theirs", others)
	}
	if len(s.episodes) != 1 {
		t.Errorf("got %d episodes, want 1", len(s.episodes))
	}
}

// Without a floor there is no surge, however many come.
func TestNoSurgeWithoutAFloor(t *testing.T) {
	t.Parallel()
	g := subscribers.SurgeRule{Times: 8}.Gate(subscribers.Traffic{At: time.Now(), Surges: []subscribers.Surge{{Since: time.Now()}}}, map[string]int{"a.example": 1e6})
	if got := g.Surges(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

// Who is held goes by network and domain in turn, those who answered first.
func TestReleaseInTurn(t *testing.T) {
	t.Parallel()
	at := time.Now()
	g := rule.Gate(subscribers.Traffic{At: at, Held: 7, Surges: []subscribers.Surge{{Since: at, Episode: at}}}, nil)
	ip := netip.MustParseAddr
	held := []subscribers.HeldSignUp{
		{ID: 1, Domain: "a.example", IP: ip("203.0.113.1")},
		{ID: 2, Domain: "a.example", IP: ip("203.0.113.2")},
		{ID: 3, Domain: "b.example", IP: ip("203.0.113.3")},
		{ID: 4, Domain: "a.example", IP: ip("198.51.100.1")},
		{ID: 5, Domain: "c.example", IP: ip("2001:db8::1")},
		{ID: 6, Domain: "c.example", IP: ip("2001:db8:0:1::1"), Answered: true},
	}
	if got, want := fmt.Sprint(g.Release(held)), "[6 1 5 4 2 3]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Of too many who wait, those are dropped who would be mailed last: a flood from one
// network, not who answered and not who came alone.
func TestSurplus(t *testing.T) {
	t.Parallel()
	flood := netip.MustParseAddr("192.0.2.7")
	var held []subscribers.HeldSignUp
	for i := range subscribers.MostHeld {
		held = append(held, subscribers.HeldSignUp{ID: int64(i + 1), Domain: "flood.example", IP: flood})
	}
	if got := subscribers.Surplus(held); got != nil {
		t.Errorf("as many as may wait: got %v dropped, want none", got)
	}
	held = append(held,
		subscribers.HeldSignUp{ID: 20_001, Domain: "flood.example", IP: flood, Answered: true},
		subscribers.HeldSignUp{ID: 20_002, Domain: "alone.example", IP: netip.MustParseAddr("198.51.100.1")})
	if got, want := subscribers.Surplus(held), []int64{subscribers.MostHeld - 1, subscribers.MostHeld}; !slices.Equal(got, want) {
		t.Errorf("got %v dropped, want the last of the flood, %v", got, want)
	}
}
