package workbench_test

import (
	"strings"
	"testing"
	"time"
)

// A week whose slot went by unused is due at no time: the page says that it has passed.
func TestPassedSlot(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for at, want := range map[time.Time]string{
		friday:                   ", due <time>Monday 23 November",
		friday.AddDate(0, 0, 10): ", its slot has passed",
	} {
		b.mu.Lock()
		b.now = at
		b.mu.Unlock()
		_, body := b.get("/")
		if !strings.Contains(body, want) {
			a := strings.Index(body, `class="what"`)
			t.Errorf("at %s: got no %q in %s", at, want, body[max(a, 0):min(len(body), max(a, 0)+500)])
		}
	}
}
