package render

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// ReportData tells the editors how a send went. Its counts sum up to Total
// once the send has ended.
type ReportData struct {
	Week       edition.Week
	Subject    string
	StartedAt  time.Time
	FinishedAt time.Time
	Total      int // recipients when the edition was frozen
	Accepted   int
	Deferred   int      // waiting for a later try
	Failed     int      // permanently rejected
	Unknown    int      // the server's answer was lost; never sent again without an editor's word
	Suppressed int      // left or bounced between freezing and sending
	Failures   []string // what servers said, with counts; no reader's address
	Unread     []string // files that could not be read and may be new
	ArchiveURL string   // "" where no archive is served
	DeskURL    string   // where the desk says how it went; "" where there is no desk
	FirstPart  string   // what became of the first part of the list; "": there was none
	Proof      string   // SHA-256 of the proof as it is exported; "": not said
}

// Took is how long the send lasted.
func (d ReportData) Took() time.Duration {
	return d.FinishedAt.Sub(d.StartedAt).Round(time.Millisecond)
}

// Done reports whether every recipient who was still to get it has it.
func (d ReportData) Done() bool { return d.Accepted > 0 && d.Accepted+d.Suppressed == d.Total }

// Summary says in a sentence how it went.
func (d ReportData) Summary() string {
	s := fmt.Sprintf("%s of %s accepted", count(d.Accepted, ""), count(d.Total, "recipient"))
	for _, part := range []struct {
		n    int
		word string
	}{{d.Deferred, "deferred"}, {d.Failed, "failed"}, {d.Unknown, "unknown"}, {d.Suppressed, "suppressed"}} {
		if part.n > 0 {
			s += fmt.Sprintf(", %s %s", count(part.n, ""), part.word)
		}
	}
	return s + "."
}

// A ReportRow is one count of a report.
type ReportRow struct {
	Label string
	N     int
	Means string // what the editor needs to know about it
	Class string // the class that colours it; "" for none
}

// Rows gives the counts, without those that are 0 and mean nothing then.
func (d ReportData) Rows() []ReportRow {
	rows := []ReportRow{
		{Label: "Recipients", N: d.Total},
		{Label: "Accepted", N: d.Accepted, Class: "ship"},
	}
	for _, r := range []ReportRow{
		{"Deferred", d.Deferred, "wait for a later try", "split"},
		{"Failed", d.Failed, "permanently rejected", "skip"},
		{"Unknown", d.Unknown, "the answer was lost; not sent again automatically", "skip"},
		{"Suppressed", d.Suppressed, "left or bounced before their turn", ""},
	} {
		if r.N > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// Shares gives the parts of the bar in the masthead.
func (d ReportData) Shares() []Share {
	return shares([]part{{"ship", d.Accepted}, {"split", d.Deferred}, {"skip", d.Failed + d.Unknown}, {"unknown", d.Suppressed}})
}
