package inbound

import (
	"fmt"
	"strings"
	"testing"

	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/refusal/refusaltest"
	"verdicts.example/digest/subscribers"
)

// Each row of package refusal's table that speaks of the sender suppresses nobody
// when it comes back as a bounce, and what only the operator can correct raises the
// alarm.
func TestEachRefusalThatComesBack(t *testing.T) {
	t.Parallel()
	for _, reply := range refusaltest.Replies() {
		row, ok := refusal.ExplainLine(reply.Text)
		if !ok {
			continue
		}
		r := Read(statusMail("failed", reply))
		if len(r.Recipients) != 1 {
			t.Errorf("%s: got %s, want one recipient", reply.Text, summary(r))
			continue
		}
		x := r.Recipients[0]
		if x.Class == subscribers.BounceHard || x.Class == subscribers.BounceSoft && row.Fault != refusal.Server && row.Fault != refusal.Reader {
			t.Errorf("%s: got %s, want it to be no reader's", reply.Text, summary(r))
		}
		relays := strings.Contains(reply.Text, "elay access denied") || strings.Contains(reply.Text, "relay not permitted") // a wrong MX of the reader's domain
		if alarms := alarming(findingOf(r)); alarms != (row.Fault.Operators() && !relays) {
			t.Errorf("%s: got %s, an alarm %t, want it by %s", reply.Text, summary(r), alarms, row.Fault)
		}
	}
}

// statusMail is a notification (RFC 3464) about a reply.
func statusMail(action string, reply refusaltest.Reply) []byte {
	code, status, _ := reply.Parts()
	if status == "" {
		status = fmt.Sprintf("%d.0.0", code/100)
	}
	return []byte("Return-Path: <>\nFrom: MAILER-DAEMON@relay.example\nTo: bounce@example.org\nSubject: Undelivered Mail Returned to Sender\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; ada@reader.example\nAction: " + action + "\nStatus: " + status +
		"\nDiagnostic-Code: smtp; " + reply.Text + "\n\n--b--\n")
}
