// Package report says in lines of text what package api says in rows: an edition,
// a send, its proof, what the checks found, what came back, what an import did.
//
// The package promises that a text is a pure function of what it is about; that
// it names the command that goes on where there is one; and that nobody parses
// it: scripts read package api's rows.
package report

import (
	"fmt"
	"io"
	"time"

	"verdicts.example/digest/internal/spelling"
)

// A sheet is what is written on; a write that fails is the writer's to tell.
type sheet struct{ io.Writer }

func (s sheet) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

// Deliveries is "1 delivery" or "2 deliveries".
func Deliveries(n int64) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}

// Distance says how far an instant is away: "in 2 days", "5 minutes ago".
func Distance(d time.Duration) string {
	text := "less than a minute"
	switch abs := d.Abs(); {
	case abs >= 48*time.Hour:
		text = spelling.Count(int64(abs/(24*time.Hour)), "day")
	case abs >= time.Hour:
		text = spelling.Count(int64(abs/time.Hour), "hour")
	case abs >= time.Minute:
		text = spelling.Count(int64(abs/time.Minute), "minute")
	}
	if d > 0 {
		return "in " + text
	}
	return text + " ago"
}
