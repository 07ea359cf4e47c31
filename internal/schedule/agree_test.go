package schedule

import (
	"errors"
	"testing"
	"time"
)

func TestAgree(t *testing.T) {
	t.Parallel()
	for skew, want := range map[time.Duration]bool{
		0: true, 59 * time.Second: true, -59 * time.Second: true, time.Minute: false, -time.Hour: false, 24 * time.Hour: false,
	} {
		if err := Agree(skew); (err == nil) != want || err != nil && !errors.Is(err, ErrClockOff) {
			t.Errorf("%s: got %v, want nil: %t", skew, err, want)
		}
	}
}
