package report

import (
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// resolution is one in words: whom it is about, and what becomes of them.
func resolution(as delivery.Resolution) (of, done string) {
	switch as {
	case delivery.ResolveRetry:
		return "of unknown outcome", "settled as retry"
	case delivery.ResendFailed:
		return "that failed through no fault of the reader's", "queued again"
	default:
		return "of unknown outcome", "settled as sent"
	}
}

// NoneToResolve says that a week has no delivery of those that are to be settled.
func NoneToResolve(w edition.Week, as delivery.Resolution) string {
	of, _ := resolution(as)
	return fmt.Sprintf("edition %s has no delivery %s", w, of)
}

// MayResolve asks whether n deliveries of an edition are to be settled so.
func MayResolve(e edition.Edition, as delivery.Resolution, n int64) string {
	if as != delivery.ResolveSent && e.State == edition.Sent {
		return fmt.Sprintf("edition %s is sent; this opens it again, to send %s once more. Go on?", e.Week, Deliveries(n))
	}
	_, done := resolution(as)
	return fmt.Sprintf("have %s of %s %s?", Deliveries(n), e.Week, done)
}

// Resolved says that n deliveries were settled so.
func Resolved(as delivery.Resolution, n int64) string {
	_, done := resolution(as)
	return Deliveries(n) + " " + done
}
