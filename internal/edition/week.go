package edition

import (
	"fmt"
	"time"
)

// A Week is an ISO 8601 week, the key of an edition. The zero Week is invalid.
type Week struct {
	Year   int // ISO week-numbering year, which may differ from the calendar year
	Number int // 1 to 53
	// Correction: the key is not that of the week's edition, but of the correction
	// that followed it; see Edition.Correction.
	Correction bool
}

// WeekOf is the ISO week that t falls into, in t's own time zone.
func WeekOf(t time.Time) Week {
	y, n := t.ISOWeek()
	return Week{Year: y, Number: n}
}

// ParseWeek reads "2026-W47", and "2026-C47" for that week's correction.
func ParseWeek(s string) (Week, error) {
	var w Week
	var kind rune
	_, err := fmt.Sscanf(s, "%4d-%c%2d", &w.Year, &kind, &w.Number)
	if w.Correction = kind == 'C'; err != nil || w.String() != s {
		return Week{}, fmt.Errorf("%q is not an ISO week; write it as 2026-W47", s)
	}
	if w.Number < 1 || WeekOf(w.Monday(time.UTC)) != w.Corrected() {
		return Week{}, fmt.Errorf("%d has no week %d", w.Year, w.Number)
	}
	return w, nil
}

// String gives "2026-W47", which sorts in time order, or "2026-C47" for a correction.
func (w Week) String() string {
	kind := 'W'
	if w.Correction {
		kind = 'C'
	}
	return fmt.Sprintf("%04d-%c%02d", w.Year, kind, w.Number)
}

// Corrected is the week whose edition a correction corrects; any other week itself.
func (w Week) Corrected() Week {
	w.Correction = false
	return w
}

// InCorrection is the key of the correction of w's edition.
func (w Week) InCorrection() Week {
	w.Correction = true
	return w
}

// IsZero reports whether w is no week.
func (w Week) IsZero() bool { return w == Week{} }

// Monday is the first instant of the week in loc (ISO 8601: the week that
// holds 4 January is week 1).
func (w Week) Monday(loc *time.Location) time.Time {
	jan4 := time.Date(w.Year, time.January, 4, 0, 0, 0, 0, loc)
	sinceMonday := (int(jan4.Weekday()) + 6) % 7
	return jan4.AddDate(0, 0, (w.Number-1)*7-sinceMonday)
}

// Before reports whether w comes before v.
func (w Week) Before(v Week) bool {
	return w.Year < v.Year || w.Year == v.Year && w.Number < v.Number
}

// Add gives the week n weeks later, or earlier when n is negative.
func (w Week) Add(n int) Week { return WeekOf(w.Monday(time.UTC).AddDate(0, 0, 7*n)) }

// MarshalText gives "2026-W47", so that JSON and flags show weeks as people
// write them.
func (w Week) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what ParseWeek reads.
func (w *Week) UnmarshalText(b []byte) error {
	var err error
	*w, err = ParseWeek(string(b))
	return err
}
