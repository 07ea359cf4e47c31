package comparison

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/spelling"
)

// Published is a publication time: a calendar date, which means midnight in
// the list's time zone, or an exact instant (RFC 3339).
type Published struct {
	t        time.Time
	dateOnly bool
}

// ParsePublished reads "2026-11-18" or an RFC 3339 time.
func ParsePublished(s string) (Published, error) {
	p := Published{dateOnly: true}
	var err error
	if p.t, err = time.Parse(time.DateOnly, s); err != nil {
		p.dateOnly = false
		p.t, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		return Published{}, fmt.Errorf("%s is neither a date (2026-11-18) nor an RFC 3339 time (2026-11-18T09:00:00Z)", spelling.Clip(s))
	}
	if p.t.Year() < 1970 {
		return Published{}, fmt.Errorf("%s is before 1970; is the year right?", s)
	}
	return p, nil
}

// PublishedOn is a publication at a calendar date.
func PublishedOn(year int, month time.Month, day int) Published {
	return Published{t: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), dateOnly: true}
}

// IsZero reports whether no publication time is known.
func (p Published) IsZero() bool { return p.t.IsZero() }

// In is the instant of publication for a list in loc.
func (p Published) In(loc *time.Location) time.Time {
	if !p.dateOnly {
		return p.t.In(loc)
	}
	y, m, d := p.t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}

// Before reports whether p is earlier than q: by the day where one of them is a
// date only, so that the same day is not before itself.
func (p Published) Before(q Published) bool {
	if !p.dateOnly && !q.dateOnly {
		return p.t.Before(q.t)
	}
	return p.t.Format(time.DateOnly) < q.t.Format(time.DateOnly)
}

// String gives the form that ParsePublished reads.
func (p Published) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.dateOnly:
		return p.t.Format(time.DateOnly)
	default:
		return p.t.Format(time.RFC3339Nano)
	}
}
