package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/spelling"
)

// Outlook shows what a send would do, at now, of these comparisons.
func Outlook(w io.Writer, o api.Outlook, items []edition.Item, now time.Time) {
	s := sheet{w}
	s.line("edition  %s, %s, slot %s (%s)", o.Week, o.State, o.Slot.Format("Monday 2 January 15:04 MST"), Distance(o.Slot.Sub(now)))
	s.line("subject  %s", o.Subject)
	for i, it := range items {
		s.line("%4d     %s vs %s", i+1, it.Tools[0], it.Tools[1])
	}
	s.line("readers  %d\nfrom     %s\nthrough  %s\nsize     %d bytes of HTML", o.Readers, o.From, o.Relay, o.HTMLBytes)
	s.audience(o.Topics)
	for _, f := range o.Failures {
		s.line("fail     %s", f)
	}
	for _, warning := range o.Warnings {
		s.line("warning  %s", warning)
	}
}

// shownGroups is how many groups of readers are listed.
const shownGroups = 12

// audience says who gets which comparisons.
func (s sheet) audience(topics []api.Audience) {
	for i, g := range topics {
		switch {
		case len(g.Slugs) == 0 && g.Readers > 0:
			s.line("topics   %s: nothing of their topics, no mail", spelling.Count(g.Readers, "reader"))
		case len(g.Slugs) == 0:
		case i == shownGroups:
			s.line("topics   and %d more groups", len(topics)-1-i)
		case i < shownGroups:
			s.line("topics   %s: %s", spelling.Count(g.Readers, "reader"), strings.Join(g.Slugs, ", "))
		}
	}
}

// Status shows where a send stands.
func Status(w io.Writer, r api.Status) error {
	s := sheet{w}
	s.line("%s  %s  %s", r.Week, r.State, r.Subject)
	if r.Paused != "" {
		s.line("paused: %s\n        'digest resume %s' goes on", r.Paused, r.Week)
	}
	if c := r.Canary; c != nil && c.Until == nil {
		s.line("a first part of %s gets it before the others", spelling.Count(int64(c.Readers), "reader"))
	} else if c != nil {
		s.line("a first part of %s has it; the others' turn comes at %s, or with 'digest send --week %s --now'",
			spelling.Count(int64(c.Readers), "reader"), c.Until.Format(time.RFC3339), r.Week)
	}
	surge(s, r.Surge)
	for _, file := range r.Unread {
		s.line("%s could not be read and is not in it; corrected, it is a candidate of the next edition", file)
	}
	if r.Total == 0 {
		return nil
	}
	c, tw := r.Counts, tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, row := range []struct {
		name string
		n    int64
	}{
		{"accepted", c.Accepted}, {"failed", c.Failed}, {"unknown", c.Unknown}, {"suppressed", c.Suppressed},
		{"deferred", c.Deferred}, {"sending", c.Sending}, {"queued", c.Queued}, {"total", r.Total},
	} {
		fmt.Fprintf(tw, "%s\t%8d\n", row.name, row.n)
	}
	if len(r.Domains) > 0 {
		fmt.Fprintln(tw, "\nDOMAIN\tREADERS\tACCEPTED\tFAILED\tDEFERRED\tUNKNOWN")
	}
	for _, d := range r.Domains {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\n", d.Domain, d.Total, d.Counts.Accepted, d.Counts.Failed, d.Counts.Deferred, d.Counts.Unknown)
	}
	relays(tw, r.Relays)
	if err := tw.Flush(); err != nil {
		return err
	}
	refusals(s, r.Refusals)
	return nil
}

// relays shows what each relay took, where there are several or their connections are
// told of.
func relays(tw io.Writer, list []api.Relay) {
	if len(list) == 0 || len(list) == 1 && len(list[0].Now) == 0 {
		return
	}
	fmt.Fprintln(tw, "\nRELAY\tACCEPTED\tFAILED\tDEFERRED\tUNKNOWN\tCONNECTIONS NOW")
	for _, r := range list {
		var now []string
		for _, s := range r.Now {
			now = append(now, relayNow(s))
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%s\n", relayName(r.Name), r.Accepted, r.Failed, r.Deferred, r.Unknown, strings.Join(now, "; "))
	}
}

// relayNow is how a relay stands with one node, in words.
func relayNow(s api.RelayStand) string {
	what := fmt.Sprintf("%d of %d", s.Connections, s.Bears)
	if s.Bears < s.Most {
		what += fmt.Sprintf(" (at most %d)", s.Most)
	}
	if s.RestsUntil != nil {
		what = fmt.Sprintf("asked again at %s: %s", s.RestsUntil.Format(time.TimeOnly), cmp.Or(s.Reason, "it takes nothing"))
	}
	if s.Node != "" {
		return s.Node + " " + what
	}
	return what
}

// surge shows a surge of sign-ups.
func surge(s sheet, u *api.Surge) {
	if u == nil {
		return
	}
	state := "is over"
	if u.Since != nil {
		state = "since " + u.Since.Format(time.RFC3339)
	}
	of := ""
	if len(u.Domains) > 0 {
		of = " of " + strings.Join(u.Domains, ", ")
	}
	s.line("sign-ups: a surge%s %s: %d asked and %d confirmed in the last hour; %s waiting for a confirmation mail",
		of, state, u.Asked, u.Confirmed, spelling.Count(int64(u.Held), "sign-up"))
}

// refusalsShown is how many kinds of refusals are shown; JSON has all.
const refusalsShown = 5

// refusals shows what servers said, and what that means.
func refusals(s sheet, list []api.Refusal) {
	for _, r := range list[:min(len(list), refusalsShown)] {
		if r.Reply == "" && r.State != delivery.Unknown.String() {
			continue // nothing was said
		}
		what := fmt.Sprintf("%d %s", r.Readers, r.State)
		if r.Fault != delivery.NoFault.String() {
			what += " (" + r.Fault + ")"
		}
		s.line("\n%s: %s", what, cmp.Or(r.Reply, "no answer came"))
		if r.Meaning != "" {
			s.line("        %s: %s\n        %s", r.Provider, r.Meaning, r.Action)
		}
		if len(r.Checks) > 0 {
			s.line("        'digest doctor' checks: %s", strings.Join(r.Checks, ", "))
		}
	}
}

// Summary says what came of one run of a send.
func Summary(w io.Writer, week string, sum delivery.Summary) {
	s, c := sheet{w}, sum.Counts
	if r := sum.Recovered; r.Requeued+r.Unknown > 0 {
		s.line("taken over from a sender that was cut short: %d queued again, %d unknown", r.Requeued, r.Unknown)
	}
	s.line("%s: %d of %d accepted, %d failed, %d deferred, %d unknown, %d suppressed in %s",
		week, c[delivery.Accepted], c.Total(), c[delivery.Failed], c[delivery.Deferred], c[delivery.Unknown], c[delivery.Suppressed], sum.Took.Round(time.Millisecond))
	if c[delivery.Unknown] > 0 {
		s.line("the server's answer to %s was lost: 'digest status --week %s --unknown' lists them, 'digest settle FILE' settles those that the relay's log knows, 'digest resolve' the rest", spelling.Count(c[delivery.Unknown], "message"), week)
	}
}

// Next says when there is more to do: now when a limit ended the send, else when
// a retry is due; nothing when there is not.
func Next(w io.Writer, week string, sum delivery.Summary) {
	s := sheet{w}
	switch queued := sum.Counts[delivery.Queued]; {
	case sum.WaitOver:
		s.line("the wait after the first part is over: the sender at work goes on with the others; 'digest status --week %s --watch' follows it", week)
	case queued > 0:
		s.line("%s still to be mailed: 'digest send --week %s' goes on", spelling.Count(queued, "reader"), week)
	case !sum.ResumeAt.IsZero():
		s.line("more to do from %s on: 'digest send --week %s' goes on, or let 'digest serve' do it", sum.ResumeAt.Format(time.RFC3339), week)
	}
}
