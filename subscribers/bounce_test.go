package subscribers_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

func TestSuppressionFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		records string // an edition a word, the newest first; "ok" was accepted, "+" joins records of one edition
		want    subscribers.Reason
	}{
		{"", subscribers.NotSuppressed},
		{"ok ok ok", subscribers.NotSuppressed},
		{"hard", subscribers.HardBounce},
		{"ok ok ok ok ok hard", subscribers.HardBounce},
		{"complaint", subscribers.Complaint},
		{"hard complaint", subscribers.Complaint},
		{"ok+complaint", subscribers.Complaint},
		{"soft soft", subscribers.NotSuppressed},
		{"soft soft soft", subscribers.SoftBounces},
		{"soft ok soft ok soft", subscribers.SoftBounces},
		{"soft ok soft ok ok soft", subscribers.NotSuppressed},
		{"soft+soft+soft soft", subscribers.NotSuppressed},
		{"ok+soft soft soft", subscribers.SoftBounces},
		{"soft+hard", subscribers.HardBounce},
		{"policy policy policy policy policy", subscribers.NotSuppressed},
		{"sender path delayed sender path", subscribers.NotSuppressed},
		{"policy soft sender soft path soft", subscribers.NotSuppressed},
	}
	for _, tt := range tests {
		var records []subscribers.BounceRecord
		for i, edition := range strings.Fields(tt.records) {
			for class := range strings.SplitSeq(edition, "+") {
				if class == "ok" {
					class = ""
				}
				records = append(records, subscribers.BounceRecord{Edition: int64(100 - i), Class: subscribers.BounceClass(class)})
			}
		}
		if got := subscribers.SuppressionFor(records); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.records, got, tt.want)
		}
	}
}
