package subscribers

import (
	"time"

	"golang.org/x/net/publicsuffix"
)

// A surge is more sign-ups than are confirmed, by far: list bombing, in which
// somebody types others' addresses into forms by the thousand, or a mention on a
// popular site in its first minutes. While it lasts, confirmation mails wait and
// the form asks a Question.

// Sign-ups are counted by the mail domain of their addresses in buckets of
// CountedBy; the last hour is the last countedHour of them.
const (
	CountedBy   = 10 * time.Minute
	CountedFor  = 7 * 24 * time.Hour
	countedHour = int64(time.Hour / CountedBy)
)

const (
	// SurgeLeast is below how many sign-ups an hour a domain has no surge of its own.
	SurgeLeast = 10
	// MostDomains are counted in a bucket; the sign-ups of others count in all.
	MostDomains = 500
	// MostHeld is how many held sign-ups wait at most, and HeldFor how long.
	MostHeld = 10_000
	HeldFor  = 24 * time.Hour

	// Each confirmation speaks for this many sign-ups: where a quarter confirms,
	// visitors come by their own will.
	vouches = 4
	// A surge lasts at least this long, so that it does not come and go.
	surgeLeastTime = 10 * time.Minute
)

// A SurgeRule says when a surge begins: when the last hour's sign-ups that nobody
// confirmed exceed Floor and Times their usual number, the hourly mean of a week.
// For one domain it is half the floor, and the domain's own usual number. The zero
// rule never begins one.
type SurgeRule struct {
	Floor int
	Times float64
}

// A SignUpCount is what became of sign-ups in one bucket.
type SignUpCount struct {
	Bucket    int64  // see BucketOf
	Domain    string // see CountedDomain; "": of all domains
	Asked     int    // for a confirmation mail, or asked the question in its place
	Mailed    int    // without an answer to the question
	Answered  int    // mailed after one
	Confirmed int
	Surge     bool // in a surge: no usual number
}

func (c *SignUpCount) add(o SignUpCount) {
	c.Asked += o.Asked
	c.Mailed += o.Mailed
	c.Answered += o.Answered
	c.Confirmed += o.Confirmed
}

// A Surge is one that is going on.
type Surge struct {
	Domain  string    // "": of all domains
	Since   time.Time // it began
	Episode time.Time // the first one began that it overlaps with; operators are told once
}

// Traffic is what a store knows of the sign-ups around a moment.
type Traffic struct {
	At   time.Time
	Hour []SignUpCount // of the buckets since HourBefore
	// Usual is how many sign-ups an hour stayed unconfirmed in the last week, outside
	// of surges: of all (""), and of domains with at least SurgeLeast in the hour.
	Usual  map[string]float64
	Surges []Surge
	Held   int // sign-ups
}

// UsualPerHour is the usual number of a scope of which so many sign-ups stayed
// unconfirmed in CountedFor.
func UsualPerHour(unconfirmed int64) float64 {
	return float64(max(unconfirmed, 0)) / CountedFor.Hours()
}

// BucketOf is the number of the bucket in which a time is.
func BucketOf(at time.Time) int64 { return at.UnixMilli() / CountedBy.Milliseconds() }

// HourBefore is the first bucket of the hour that ends with a time's.
func HourBefore(at time.Time) int64 { return BucketOf(at) - countedHour + 1 }

// CountedDomain is the name under which a mail domain's sign-ups are counted: the
// one that was registered (Public Suffix List), since its owner has all below it.
func CountedDomain(domain string) string {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// A scope is all sign-ups, or those of one domain.
type scope struct {
	floor     float64
	hour, now SignUpCount
	usual     float64
	since     time.Time // of its surge; zero: none
	episode   time.Time
}

// quiet is how many sign-ups an hour begin no surge, as far as no confirmation
// speaks for more.
func (s *scope) quiet(r SurgeRule) float64 { return max(s.floor, r.Times*s.usual) }

// most is how many sign-ups of the hour begin no surge.
func (s *scope) most(r SurgeRule) float64 { return s.quiet(r) + vouches*float64(s.hour.Confirmed) }

func (s *scope) surging() bool { return !s.since.IsZero() }

func (s *scope) begins(r SurgeRule) bool {
	return r.Floor > 0 && !s.surging() && float64(s.hour.Asked) > s.most(r)
}

func (s *scope) ends(r SurgeRule, at time.Time) bool {
	calm := s.quiet(r)/2 + vouches*float64(s.hour.Confirmed)
	return s.surging() && (r.Floor <= 0 || at.Sub(s.since) >= surgeLeastTime && float64(s.hour.Asked) <= calm)
}

// answeredRoom reports whether one more who answered is mailed in a surge.
func (s *scope) answeredRoom(r SurgeRule) bool { return float64(s.hour.Answered) < s.most(r) }

// heldRoom reports whether one more who was held is mailed: as many an hour as
// begin no surge, spread over it.
func (s *scope) heldRoom(r SurgeRule) bool {
	return float64(s.now.Mailed) < max(1, s.most(r)/float64(countedHour))
}
