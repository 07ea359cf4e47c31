package subscribers_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// Each reason is read back from its value, in words of its own; nothing else is one.
func TestLeaveReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]subscribers.LeaveReason{}
	for _, r := range subscribers.LeaveReasons() {
		if got, ok := subscribers.ParseLeaveReason(string(r)); !ok || got != r {
			t.Errorf("%s: got %q, %t", r, got, ok)
		}
		words := r.Words()
		if words == string(r) || !strings.Contains(words, " ") || seen[words] != "" {
			t.Errorf("%s: got the words %q, which are no words or also those of %q", r, words, seen[words])
		}
		seen[words] = r
	}
	for _, value := range []string{"", "Too-often", "too-often ", "because reader@example.org", "TOO-LONG"} {
		if r, ok := subscribers.ParseLeaveReason(value); ok {
			t.Errorf("%q: got %q, want none", value, r)
		}
	}
}
