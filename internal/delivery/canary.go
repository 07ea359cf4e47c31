package delivery

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/subscribers"
)

// A Canary is a first part of a list: it gets the edition first, and the others only
// when nothing speaks against it for a while. The zero value is none.
type Canary struct {
	Readers int           // how many
	Wait    time.Duration // after the last of them is settled
	Editors []string      // addresses: those of them who are readers come first
}

// CanaryStand is how far a send's canary is.
type CanaryStand struct {
	IDs   []int64   // the readers of the first part; none: there is none
	Until time.Time // when the others' turn comes; zero while the first part is sent
}

// Pending reports whether the others still wait.
func (c CanaryStand) Pending(now time.Time) bool {
	return len(c.IDs) > 0 && (c.Until.IsZero() || now.Before(c.Until))
}

// Canaries keeps the first parts of sends.
type Canaries interface {
	// Candidates calls fn for each reader of a send to whom nothing was sent yet, in
	// the order of subscribers.
	Candidates(ctx context.Context, edition int64, fn func(id int64, email string) error) error
	// BeginCanary sets the first part, unless there is one.
	BeginCanary(ctx context.Context, edition int64, ids []int64) error
	// EndCanary sets when the others' turn comes; with only set, unless it is set.
	EndCanary(ctx context.Context, edition int64, until time.Time, only bool) error
	// CanaryRecord tells what became of those readers so far.
	CanaryRecord(ctx context.Context, edition int64, ids []int64) (CanaryRecord, error)
}

// A CanaryRecord is what became of a first part.
type CanaryRecord struct {
	Counts   Counts
	Refused  string // the reply of one that failed, without addresses
	Returned []ReturnedMail
}

// A ReturnedMail is a bounce or a complaint that came back after the acceptance.
type ReturnedMail struct {
	Reader int64
	Class  subscribers.BounceClass
	Reply  string // without addresses
}

// canaryComplaints stop a send: one may be a slip of a finger.
const canaryComplaints = 2

// Objection gives the reason not to mail the others: a reply that only the operator
// can do something about came back, readers complained, or more mail was refused or
// came back than the circuit breaker allows, with 95 % confidence. "" is none.
func (r CanaryRecord) Objection() string {
	complained, lost := map[int64]bool{}, map[int64]bool{}
	last := r.Refused
	for _, m := range r.Returned {
		row, ok := refusal.ExplainLine(m.Reply)
		switch {
		case ok && row.Then == refusal.Pause || m.Class == subscribers.BounceSender:
			return withMeaning("mail of the first part came back for a reason that waiting will not change: " + m.Reply)
		case m.Class == subscribers.BounceComplaint:
			complained[m.Reader] = true
		case m.Class == subscribers.BounceHard || m.Class == subscribers.BounceSoft || m.Class == subscribers.BouncePolicy:
			lost[m.Reader] = true
			last = cmp.Or(m.Reply, last)
		}
	}
	n := int(r.Counts.Total())
	bad := int(r.Counts[Failed]) + len(lost)
	switch {
	case len(complained) >= canaryComplaints:
		return fmt.Sprintf("%d of the %d readers of the first part called it spam", len(complained), n)
	case bad > 1 && n > 0 && atLeast(min(bad, n), n) > breakerShare:
		return withMeaning(fmt.Sprintf("of the %d readers of the first part %d did not get it (the limit is %.0f%%); the last reply: %s", n, bad, 100*breakerShare, last))
	default:
		return ""
	}
}

// String says what became of a first part: "8 readers: 6 accepted, 2 failed; 1 bounce".
func (r CanaryRecord) String() string {
	c := r.Counts
	s := fmt.Sprintf("%s: %d accepted", spelling.Count(c.Total(), "reader"), c[Accepted])
	for _, state := range []State{Deferred, Failed, Unknown, Suppressed} {
		if c[state] > 0 {
			s += fmt.Sprintf(", %d %s", c[state], state)
		}
	}
	complaints, bounces := 0, 0
	for _, m := range r.Returned {
		if m.Class == subscribers.BounceComplaint {
			complaints++
		} else {
			bounces++
		}
	}
	if len(r.Returned) == 0 {
		return s + "; nothing came back"
	}
	return s + "; " + spelling.Count(bounces, "bounce") + ", " + spelling.Count(complaints, "complaint")
}

// A CanaryPicker picks a first part: editors who are readers, then one reader of
// each large provider, then others, all by a hash, so that it is neither the oldest
// readers nor the same ones each week. It holds some readers a provider.
type CanaryPicker struct {
	n       int
	week    string
	editors []string
	first   []int64 // editors
	best    map[string][]candidate
}

type candidate struct {
	hash uint64
	id   int64
}

// NewCanaryPicker picks c.Readers for a week.
func NewCanaryPicker(c Canary, week string) *CanaryPicker {
	p := &CanaryPicker{n: c.Readers, week: week, best: map[string][]candidate{}}
	for _, e := range c.Editors {
		p.editors = append(p.editors, strings.ToLower(e))
	}
	return p
}

// Offer offers a reader.
func (p *CanaryPicker) Offer(id int64, email string) {
	if slices.Contains(p.editors, strings.ToLower(email)) {
		p.first = append(p.first, id)
		return
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", p.week, email)
	provider := providerOf(email)
	list := append(p.best[provider], candidate{h.Sum64(), id})
	slices.SortFunc(list, byHash)
	p.best[provider] = list[:min(len(list), p.n)]
}

func byHash(a, b candidate) int { return cmp.Compare(a.hash, b.hash) }

// Pick gives the readers, ascending.
func (p *CanaryPicker) Pick() []int64 {
	ids := slices.Clone(p.first)
	var rest []candidate
	for _, provider := range append(largeProviders(), "") {
		list := p.best[provider]
		if provider != "" && len(list) > 0 {
			ids, list = append(ids, list[0].id), list[1:]
		}
		rest = append(rest, list...)
	}
	slices.SortFunc(rest, byHash)
	for _, c := range rest {
		ids = append(ids, c.id)
	}
	ids = ids[:min(len(ids), p.n)]
	slices.Sort(ids)
	return ids
}

// largeProviders are those of which a first part has a reader each.
func largeProviders() []string { return []string{"gmail", "microsoft", "yahoo", "apple"} }

// providerOf is the large provider that takes an address' mail, "" for others.
func providerOf(email string) string {
	domain := email[strings.LastIndexByte(email, '@')+1:]
	name, _, _ := strings.Cut(domain, ".")
	switch name {
	case "gmail", "googlemail":
		return "gmail"
	case "outlook", "hotmail", "live", "msn":
		return "microsoft"
	case "yahoo", "aol", "ymail", "rocketmail":
		return "yahoo"
	case "icloud", "me", "mac":
		return "apple"
	}
	return ""
}
