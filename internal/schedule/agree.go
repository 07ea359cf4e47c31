package schedule

import (
	"errors"
	"fmt"
	"time"
)

// ErrClockOff is why a node's scheduler does nothing: among nodes that share a
// database, it would act at another time than the others.
var ErrClockOff = errors.New("this machine's clock and the database's differ")

// maxSkew is how far they may.
const maxSkew = time.Minute

// Agree is nil when a node's clock, which is ahead of the database's by skew, is
// near enough for the node to act on slots.
func Agree(skew time.Duration) error {
	if skew.Abs() < maxSkew {
		return nil
	}
	where := "ahead of"
	if skew < 0 {
		where = "behind"
	}
	return fmt.Errorf("%w: it is %s %s the database's; this node drafts and sends nothing until one of them is set right", ErrClockOff, skew.Abs().Round(time.Second), where)
}
