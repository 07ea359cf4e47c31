// Package schedule decides when an edition is drafted and sent: once a week,
// whatever the clocks, the zones and the processes do.
//
// The package promises that the ISO week of the send's slot in the list's zone
// is the key, and that a slot is settled once, because a ledger with a unique
// key says so; that a local time which does not exist means the first valid
// instant after it and a repeated one the first of the two; that what was
// missed while down is done once within the catch-up time and else reported as
// missed; that several missed weeks send at most the last; and that nothing is
// done while the clock is earlier than it has been.
//
// robfig/cron parses the expressions, and does nothing else: its own clockwork
// skips nonexistent times, fires twice in repeated hours and forgets.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"verdicts.example/digest/internal/edition"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrCron      = errors.New("not a usable cron expression")
	ErrClockBack = errors.New("the clock is earlier than it has been")
)

// star is the bit by which robfig/cron marks a field that is not restricted.
const star = 1 << 63

// A Cron is a parsed expression of five fields: minute, hour, day of month,
// month, day of week. The zero Cron never fires.
type Cron struct {
	spec            string
	dom, month, dow uint64
	times           []time.Duration // of the day, in order
}

// ParseCron reads an expression such as "0 9 * * MON". It fails with ErrCron,
// saying which part is wrong and what to write. Seconds, "@weekly", "TZ=" and
// restricting both day of month and day of week (cron means "or" by it, people
// mean "and") are refused, as are dates that never come.
func ParseCron(spec string) (Cron, error) {
	fields := strings.Fields(spec)
	if why := refuse(spec, fields); why != "" {
		return Cron{}, cronError(spec, why)
	}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	parsed, err := parser.Parse(strings.Join(fields, " "))
	if err != nil {
		return Cron{}, cronError(spec, err.Error())
	}
	s, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Cron{}, cronError(spec, "it has no fixed times")
	}
	c := Cron{spec: strings.Join(fields, " "), dom: s.Dom, month: s.Month, dow: s.Dow, times: times(s.Hour, s.Minute)}
	switch {
	case c.dom&star == 0 && c.dow&star == 0:
		return Cron{}, cronError(spec, "it restricts both the day of month and the day of week; cron fires on either, so write * for one")
	case !c.fires():
		return Cron{}, cronError(spec, "there is no such date")
	}
	return c, nil
}

// refuse finds what robfig/cron would take and nobody means, or panic at.
func refuse(spec string, fields []string) string {
	switch {
	case len(fields) == 0:
		return "it is empty"
	case strings.Contains(spec, "="):
		return "a time zone does not belong in it; set schedule.timezone"
	case strings.HasPrefix(fields[0], "@"):
		return "write the five fields instead of " + fields[0]
	case len(fields) == 6:
		return "it has six fields; seconds are not used"
	case len(fields) != 5:
		return fmt.Sprintf("it has %d fields, not five", len(fields))
	case fields[4] == "7":
		return "day of week 7 is written 0 or SUN"
	}
	for _, f := range fields {
		for part := range strings.SplitSeq(f, ",") {
			if part == "" || strings.ContainsAny(part[:1], "*?") && len(part) > 1 && part[1] != '/' {
				return fmt.Sprintf("%q is not a valid field", f)
			}
		}
	}
	return ""
}

func cronError(spec, why string) error {
	return fmt.Errorf("%q is %w: %s (minute hour day-of-month month day-of-week, such as %q)", spec, ErrCron, why, "0 9 * * MON")
}

// String gives the expression.
func (c Cron) String() string { return c.spec }

// fires reports whether there is any day in a leap year on which c fires. The
// day of week need not be asked: with it, the day of month is not restricted.
func (c Cron) fires() bool {
	for d := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2000; d = d.AddDate(0, 0, 1) {
		if c.onDate(d) {
			return true
		}
	}
	return false
}

func (c Cron) onDate(d time.Time) bool {
	return has(c.month, int(d.Month())) && has(c.dom, d.Day())
}

// times lists the times of day of an hour and a minute field.
func times(hour, minute uint64) []time.Duration {
	var list []time.Duration
	for h := range 24 {
		for m := range 60 {
			if has(hour, h) && has(minute, m) {
				list = append(list, time.Duration(h)*time.Hour+time.Duration(m)*time.Minute)
			}
		}
	}
	return list
}

func has(bits uint64, n int) bool { return bits&(1<<n) != 0 }

// in gives the instants at which c fires in a week in loc, in order, until
// yield returns false. A local time that does not exist is the first valid
// instant after it, which others may share; a repeated one is its first.
func (c Cron) in(w edition.Week, loc *time.Location, yield func(time.Time) bool) {
	monday := w.Monday(time.UTC) // civil days: no zone has its say on them
	for i := range 7 {
		day := monday.AddDate(0, 0, i)
		if !c.onDate(day) || !has(c.dow, int(day.Weekday())) {
			continue
		}
		for _, clock := range c.times {
			if !yield(instant(day.Add(clock), loc)) {
				return
			}
		}
	}
}

// Next gives the first instant after the given one at which c fires in loc.
func (c Cron) Next(after time.Time, loc *time.Location) (next time.Time) {
	w := edition.WeekOf(after.In(loc))
	for range 53 * 9 { // a 29 February may be eight years away
		c.in(w, loc, func(t time.Time) bool {
			if t.After(after) {
				next = t
			}
			return next.IsZero()
		})
		if !next.IsZero() {
			return next
		}
		w = w.Add(1)
	}
	return next
}

// first gives the first instant of a week at which c fires.
func (c Cron) first(w edition.Week, loc *time.Location) (at time.Time, ok bool) {
	c.in(w, loc, func(t time.Time) bool {
		at, ok = t, true
		return false
	})
	return at, ok
}

// often reports whether c fires more than once in some week of a year that
// begins on a Monday and has a 29 February.
func (c Cron) often() bool {
	for n := 1; n <= 52; n++ {
		count := 0
		c.in(edition.Week{Year: 2024, Number: n}, time.UTC, func(time.Time) bool {
			count++
			return count < 2
		})
		if count > 1 {
			return true
		}
	}
	return false
}
