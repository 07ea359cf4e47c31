package delivery

import "fmt"

// reasonsMost is how many kinds of refusals are logged and reported.
const reasonsMost = 5

// String sums up what servers said, for people: how many, of which kind, and one
// of the replies.
func (r Refusal) String() string {
	what := r.State.String()
	if r.Fault != NoFault && r.State != Unknown {
		what += " (" + r.Fault.String() + ")"
	}
	return fmt.Sprintf("%d %s: %s", r.Count, what, r.Reply)
}
