package delivery

import (
	"strings"

	"verdicts.example/digest/subscribers"
)

// BounceClass is what a recorded delivery says about its reader's mailbox: "" unless
// it failed.
func BounceClass(state State, reply string) subscribers.BounceClass {
	switch {
	case state != Failed:
		return ""
	case strings.HasPrefix(reply, "5") && len(reply) > 4 && strings.HasPrefix(reply[4:], "5.7."):
		return subscribers.BouncePolicy
	default:
		return subscribers.BounceSoft
	}
}
