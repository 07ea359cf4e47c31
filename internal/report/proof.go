package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/delivery"
)

// Proof shows what the records prove of a send.
func Proof(w io.Writer, p delivery.Proof, versions []attest.Version) {
	s, row := sheet{w}, api.NewProof(p, versions)
	c, open := row.Counts, ""
	if n := c.Queued + c.Sending; n > 0 {
		open = fmt.Sprintf(" + %d still to send", n)
	}
	s.line("%d recipients = %d accepted + %d failed + %d deferred + %d unknown + %d suppressed%s",
		row.Recipients, c.Accepted, c.Failed, c.Deferred, c.Unknown, c.Suppressed, open)
	if len(versions) > 1 {
		for _, v := range versions {
			s.version(v)
		}
	}
	s.relays(row.Relays)
	s.line("%d accepted twice", row.Twice)
	for _, d := range p.Unknown {
		s.line("unknown: %s since %s%s%s", d.Email, d.At.Format(time.RFC3339), ofNode(d.Node), through(d.Relay, row.Relays))
	}
	if more := c.Unknown - int64(len(p.Unknown)); more > 0 {
		s.line("and %d more: 'digest status --week %s --unknown' lists them", more, row.Week)
	}
	for _, j := range p.Info.Journals {
		if j.Node != "" {
			s.line("journal of node %s: %d records", j.Node, j.Seq)
		}
	}
	for _, problem := range row.Problems {
		s.line("does not hold: %s", problem)
	}
	if row.Holds {
		s.line("the proof holds")
	}
}

// relays says what each took, where there are several.
func (s sheet) relays(list []attest.Relay) {
	if len(list) < 2 {
		return
	}
	for _, r := range list {
		s.line("through %s: %d accepted + %d failed + %d deferred + %d unknown", relayName(r.Name), r.Accepted, r.Failed, r.Deferred, r.Unknown)
	}
}

// relayName is a relay's name, for those of before it was recorded too.
func relayName(name string) string { return cmp.Or(name, "a relay that was not recorded") }

// through names the relay of a delivery, where there are several.
func through(relay string, list []attest.Relay) string {
	if relay == "" || len(list) < 2 {
		return ""
	}
	return ", through " + relay
}

// version is one form of the mail and what became of it.
func (s sheet) version(v attest.Version) {
	s.line("version %d: %d accepted + %d failed + %d deferred + %d unknown + %d suppressed + %d still to send",
		v.Number, v.Accepted, v.Failed, v.Deferred, v.Unknown, v.Suppressed, v.Open)
	if len(v.Compares) > 0 {
		s.line("  for the readers of some topics: %s", strings.Join(v.Compares, ", "))
	}
}

// ofNode names the node that had a delivery, where nodes have names.
func ofNode(node string) string {
	if node == "" {
		return ""
	}
	return ", by node " + node
}

// Attested shows an exported proof and who signed it.
func Attested(w io.Writer, a attest.Statement, signer string) {
	s := sheet{w}
	s.line("%s of %s, %s on %s by %s", a.Week, a.List, a.State, a.At.Format(time.RFC3339), a.Program)
	for _, v := range a.Versions {
		s.version(v)
		if v.SHA256 != "" {
			s.line("  SHA-256 of its bytes %s", v.SHA256)
		}
	}
	s.relays(a.Relays)
	s.line("%d recipients, %d accepted twice\njournal %s", a.Recipients, a.Twice, a.Journal)
	for _, problem := range a.Problems {
		s.line("does not hold: %s", problem)
	}
	s.line("signed by %s: compare it with the list's own key", signer)
}
