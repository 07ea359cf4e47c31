package edition

import "verdicts.example/digest/internal/votes"

// Readers is what a build knew of readers. It is kept with the build, so that
// building the same content again gives the same mail though somebody has voted
// since.
type Readers struct {
	Tallies votes.Tallies `json:"tallies,omitempty"`
}

// KeepsReaders reports whether the edition is built again with what its last build
// knew of readers: an editor approved that mail, or may be looking at it. Anew is
// an editor's own wish to build again, which voids nothing before the approval.
func (e Edition) KeepsReaders(approvalRequired, anew bool) bool {
	switch {
	case e.Hash == "":
		return false
	case e.State == Approved || e.Frozen():
		return true
	}
	return !anew && (approvalRequired || e.NeedsApproval)
}

// Before gives the last edition that went out before a week's; ok is false when
// there is none.
func Before(history []Edition, w Week) (last Edition, ok bool) {
	for _, e := range history {
		if e.Frozen() && e.Week.Before(w) && (!ok || last.Week.Before(e.Week)) {
			last, ok = e, true
		}
	}
	return last, ok
}
