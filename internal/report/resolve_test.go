package report_test

import (
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	w := edition.Week{Year: 2026, Number: 47}
	sent, sending := edition.Edition{Week: w, State: edition.Sent}, edition.Edition{Week: w, State: edition.Sending}
	for got, want := range map[string]string{
		report.NoneToResolve(w, delivery.ResolveSent):        "edition 2026-W47 has no delivery of unknown outcome",
		report.NoneToResolve(w, delivery.ResendFailed):       "edition 2026-W47 has no delivery that failed through no fault of the reader's",
		report.MayResolve(sending, delivery.ResolveRetry, 1): "have 1 delivery of 2026-W47 settled as retry?",
		report.MayResolve(sent, delivery.ResolveSent, 2):     "have 2 deliveries of 2026-W47 settled as sent?",
		report.MayResolve(sent, delivery.ResendFailed, 2):    "edition 2026-W47 is sent; this opens it again, to send 2 deliveries once more. Go on?",
		report.Resolved(delivery.ResendFailed, 1):            "1 delivery queued again",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
