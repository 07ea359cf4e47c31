package report

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// Edition shows a recorded edition, with times in the list's zone.
func Edition(w io.Writer, e edition.Edition, zone *time.Location) {
	s, row := sheet{w}, api.NewEdition(e)
	stamp := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04 MST") }
	s.line("week      %s\nstate     %s", row.Week, row.State)
	if row.Paused != "" {
		s.line("paused    %s", row.Paused)
	}
	s.line("slot      %s", stamp(e.Slot))
	if e.Adopted() {
		s.line("content   known by the mails alone: it was recorded from the journals")
	} else {
		s.line("content   after %s, up to %s", stamp(e.Since), stamp(e.Cutoff))
	}
	if row.Subject != "" {
		approved := ""
		if row.Approved && e.State != edition.Held {
			approved = " (approved by " + e.ApprovedBy + ")"
		}
		s.line("subject   %s\nhash      %.16s%s", row.Subject, row.Hash, approved)
	}
	for i, slug := range row.Featured {
		s.line("%2d        %s", i+1, slug)
	}
	for _, it := range e.Carried {
		if it.Unread.File != "" {
			s.line("carried   %s (%s could not be read)", it.Slug, it.Unread.File)
			continue
		}
		s.line("carried   %s", it.Slug)
	}
}

// History says who approves an edition that waits for more, and who did what to
// it, the newest first.
func History(w io.Writer, e edition.Edition, approvals []string, acts []edition.Act, zone *time.Location) {
	s := sheet{w}
	if len(approvals) > 0 && e.ApprovedHash == "" {
		s.line("approved by %s so far", Approvals(approvals))
	}
	for _, x := range acts {
		detail := ""
		if x.Detail != "" {
			detail = ": " + x.Detail
		}
		s.line("history   %s  %s %s%s", x.At.In(zone).Format("2006-01-02 15:04 MST"), x.By, x.What, detail)
	}
}

// Approvals names who approves.
func Approvals(by []string) string { return strings.Join(by, ", ") }

// Others says how many more editors have to do something.
func Others(n int) string {
	if n == 1 {
		return "another editor has"
	}
	return strconv.Itoa(n) + " more editors have"
}

// Edits shows what an editor has decided, a line each; none for nothing.
func Edits(w io.Writer, e edition.Edits) {
	s := sheet{w}
	for _, row := range []struct{ name, value string }{
		{"order", strings.Join(e.Order, ", ")}, {"pinned", strings.Join(e.Pinned, ", ")}, {"left out", strings.Join(e.LeftOut, ", ")},
		{"subject", e.Subject}, {"preheader", e.Preheader}, {"note", e.Note}, {"by", e.By},
	} {
		if row.value != "" {
			s.line("%-10s %s", row.name, row.value)
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(e.Quotes)) {
		for i, words := range e.Quotes[slug] {
			if words != "" {
				s.line("quote      %s:%d=%s", slug, i+1, words)
			}
		}
	}
}

// Explanation says of every comparison why it is in or out, and what is wrong
// with those that can't be read.
func Explanation(w io.Writer, decisions []edition.Decision, problems []comparison.Problem, topics []api.Audience) {
	s := sheet{w}
	defer s.audience(topics)
	for _, d := range decisions {
		where := "out"
		if d.In {
			where = "in"
		}
		s.line("%-3s  %s\n       %s", where, d.Slug, d.Reason)
	}
	file := ""
	for _, p := range problems {
		if p.File != file {
			file = p.File
			s.line("out  %s\n       cannot be read:", file)
		}
		s.line("       %s", strings.TrimPrefix(p.String(), file+":"))
	}
}
