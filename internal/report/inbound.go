package report

import (
	"io"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/inbound"
)

// Taken says what became of a mail that came back. It names no address: mail
// servers log it.
func Taken(t inbound.Taken) string {
	of := string(t.Report.Kind) + " of " + t.Week + ": "
	switch t.Outcome {
	case inbound.OutcomeForeign:
		return "none of ours; nothing was done"
	case inbound.OutcomeLeft:
		return "unsubscribe: the reader is off the list"
	case inbound.OutcomeKept:
		return string(t.Report.Kind) + ": " + t.Why + "; it is kept ('digest inbound list')"
	case inbound.OutcomeAgain:
		return of + "it came before"
	case inbound.OutcomeExpired:
		return of + "the confirmation that was sent cannot be used any more"
	case inbound.OutcomeSuppressed:
		return of + "the reader gets no more mail: " + t.Effect.Suppressed.String()
	}
	switch {
	case t.Report.Kind == inbound.KindDMARC:
		return "dmarc: recorded"
	case t.Effect.Settled:
		return of + "recorded; the delivery's outcome was unknown and is accepted now"
	default:
		return of + "recorded"
	}
}

// Returned shows what came back lately, and what is kept.
func Returned(w io.Writer, r api.Returned) {
	s := sheet{w}
	for _, c := range r.Counts {
		s.line("%7d  %-11s %s", c.Mails, c.Kind, c.Outcome)
	}
	for _, k := range r.Kept {
		s.line("kept %s  %s  %s, %d bytes: %s", k.ID, k.At.Format("2006-01-02 15:04"), k.Kind, k.Size, k.Why)
	}
	for _, d := range r.DMARC {
		s.line("dmarc  %s on %s (p=%s): of %d mails, %d failed", d.Org, d.Domain, d.Policy, d.Messages, d.Failed)
	}
}

// Inbound shows what is in a mail that came back.
func Inbound(w io.Writer, r inbound.Report) {
	s := sheet{w}
	s.line("%s", r.Kind)
	for _, x := range r.Recipients {
		s.line("  %s  %s", x.Email, meaning(x))
		if x.Reply != "" {
			s.line("      %s", x.Reply)
		}
	}
	if d := r.DMARC; d != nil {
		s.line("  %s reports on %s (p=%s), %s to %s: of %d mails, %d failed", d.Org, d.Domain, d.Policy,
			d.Begin.Format(time.DateOnly), d.End.Format(time.DateOnly), d.Messages, d.Failed)
		for _, x := range d.Sources {
			s.line("      %s  %d failed (DKIM %s, SPF %s)", x.IP, x.Failed, x.DKIM, x.SPF)
		}
	}
}

// meaning is a recipient's class and why, as in "hard 5.1.1: no such mailbox".
func meaning(x inbound.Recipient) string {
	s := string(x.Class)
	if x.Status != "" {
		s += " " + x.Status
	}
	if s == "" {
		return x.Reason
	}
	return s + ": " + x.Reason
}
