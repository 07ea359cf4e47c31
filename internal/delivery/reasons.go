package delivery

import (
	"fmt"
	"regexp"

	"verdicts.example/digest/internal/refusal"
)

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

// Explanation is what the reply means, when its provider's refusals are known.
func (r Refusal) Explanation() (refusal.Row, bool) { return refusal.ExplainLine(r.Reply) }

// aReply is a server's reply at the end of a reason.
var aReply = regexp.MustCompile(`\b[45][0-9][0-9] .*$`)

// withMeaning adds to a reason that ends with a server's reply what that means.
func withMeaning(reason string) string {
	if row, ok := refusal.ExplainLine(aReply.FindString(reason)); ok {
		return reason + ". " + row.String()
	}
	return reason
}
