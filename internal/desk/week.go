package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/edition"
)

// horizon is how many weeks ahead a slot is looked for: cron expressions that
// name a day of the year have one within it.
const horizon = 54

// A Choice is the week that is meant where none is named, and why.
type Choice struct {
	Week edition.Week
	Why  string // in words: "is a draft", "had its slot on Monday", "is next"
}

// DefaultWeek is the week that editors mean where they name none: the edition
// that is open (of several the one that is being sent, else the one whose slot
// is nearest); with none, the week of the latest slot while catchUp has not
// passed since; else the week of the next slot, or the current week where the
// calendar has no slot to come.
func DefaultWeek(now time.Time, cal edition.Calendar, catchUp time.Duration, history []edition.Edition) Choice {
	if e, ok := open(now, history); ok {
		return Choice{e.Week, "is " + stateWord(e)}
	}
	current := edition.WeekOf(now.In(cal.Zone))
	for w := current; w.Add(1).Monday(cal.Zone).After(now.Add(-catchUp)); w = w.Add(-1) {
		if slot, ok := cal.SlotIn(w); ok && !slot.After(now) && now.Sub(slot) <= catchUp {
			return Choice{w, "had its slot " + slot.In(cal.Zone).Format("on Monday 2 January at 15:04")}
		}
	}
	for w, n := current, 0; n < horizon; w, n = w.Add(1), n+1 {
		if slot, ok := cal.SlotIn(w); ok && slot.After(now) {
			return Choice{w, "has the next slot, " + slot.In(cal.Zone).Format("on Monday 2 January at 15:04")}
		}
	}
	return Choice{current, "is the current one"}
}

// stateWord is a state as an adjective.
func stateWord(e edition.Edition) string {
	switch {
	case e.State == edition.Draft:
		return "a draft"
	case e.State == edition.Sending && e.PauseReason != "":
		return "paused"
	case e.State == edition.Sending:
		return "being sent"
	}
	return string(e.State)
}

// open gives the edition that is open: the one that is being sent, else the one
// whose slot is nearest.
func open(now time.Time, history []edition.Edition) (best edition.Edition, found bool) {
	for _, e := range history {
		if e.State.Finished() || found && !nearer(e, best, now) {
			continue
		}
		best, found = e, true
	}
	return best, found
}

func nearer(e, best edition.Edition, now time.Time) bool {
	if sending := e.State == edition.Sending; sending != (best.State == edition.Sending) {
		return sending
	}
	return e.Slot.Sub(now).Abs() < best.Slot.Sub(now).Abs()
}

// LatestSend is the week that operators mean where they name none: the newest
// that was frozen; false when none was.
func LatestSend(history []edition.Edition) (Choice, bool) {
	var c Choice
	for _, e := range history {
		if e.Frozen() && c.Week.Before(e.Week) {
			c = Choice{e.Week, "is " + stateWord(e)}
		}
	}
	return c, !c.Week.IsZero()
}

// DraftWeek is the week of a verb that makes or looks at content.
func (d *Desk) DraftWeek(ctx context.Context) (Choice, error) {
	history, err := d.Editions(ctx)
	if err != nil {
		return Choice{}, err
	}
	return DefaultWeek(d.in.Now(), d.in.Calendar, d.in.CatchUp, history), nil
}

// SendWeek is the week of a verb about a send that has begun; where none has, it
// is DraftWeek's.
func (d *Desk) SendWeek(ctx context.Context) (Choice, error) {
	history, err := d.Editions(ctx)
	if err != nil {
		return Choice{}, err
	}
	if c, ok := LatestSend(history); ok {
		return c, nil
	}
	return DefaultWeek(d.in.Now(), d.in.Calendar, d.in.CatchUp, history), nil
}

// ParseWeek reads a week as people write it: 2026-W47, in the basic form of ISO
// 8601 too (2026W47); W47, the nearest of that number; last and next, the weeks
// around the one of now in zone; 2026-C47, a week's correction. Capitals don't
// matter.
func ParseWeek(s string, now time.Time, zone *time.Location) (edition.Week, error) {
	current := edition.WeekOf(now.In(zone))
	upper := strings.ToUpper(strings.TrimSpace(s))
	switch upper {
	case "LAST":
		return current.Add(-1), nil
	case "NEXT":
		return current.Add(1), nil
	}
	if number, ok := strings.CutPrefix(upper, "W"); ok {
		return nearestWeek(s, number, current)
	}
	if year, number, ok := strings.Cut(upper, "W"); ok && !strings.HasSuffix(year, "-") {
		upper = year + "-W" + number
	}
	w, err := edition.ParseWeek(upper)
	if err != nil && !strings.Contains(upper, "-W") {
		err = fmt.Errorf("%q is not a week; write it as 2026-W47, W47, last or next", s)
	}
	return w, err
}

func nearestWeek(s, number string, current edition.Week) (best edition.Week, err error) {
	monday := current.Monday(time.UTC)
	for year := current.Year - 1; year <= current.Year+1; year++ {
		w, perr := edition.ParseWeek(fmt.Sprintf("%04d-W%s", year, number))
		if perr != nil {
			continue
		}
		if best.IsZero() || w.Monday(time.UTC).Sub(monday).Abs() < best.Monday(time.UTC).Sub(monday).Abs() {
			best = w
		}
	}
	if best.IsZero() {
		err = fmt.Errorf("%q is not an ISO week; write it as W47 or 2026-W47", s)
	}
	return best, err
}
