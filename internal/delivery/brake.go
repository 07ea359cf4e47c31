package delivery

import (
	"fmt"
	"sync"
)

// The brake pauses an edition when brakePercent of the attempts since its start
// or resumption failed for good, once there were brakeAfter.
const (
	brakeAfter   = 100
	brakePercent = 5
)

// A brake counts attempts with a verdict.
type brake struct {
	mu       sync.Mutex
	attempts int
	failures int
}

// note counts an outcome and gives the reason to pause, "" for none.
func (b *brake) note(o Outcome) string {
	if !o.Attempt {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.attempts++
	if o.State == Failed {
		b.failures++
	}
	if b.attempts < brakeAfter || b.failures*100 < b.attempts*brakePercent {
		return ""
	}
	return fmt.Sprintf("%d of %d messages were refused for good (the limit is %d %%); look at the replies, clean the list, then resume",
		b.failures, b.attempts, brakePercent)
}
