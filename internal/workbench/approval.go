package workbench

import (
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/edition"
)

// An approval is what the button does, in words.
type approval struct {
	Can     bool
	Why     string // why not
	Label   string
	Effect  string // what happens then
	Hash    string
	Warning string
	Others  string // who approved it already, and how many more have to
}

// near is how soon before its slot an edition goes all but at once.
const near = time.Hour

// approval says what approving would mean now.
func (s *server) approval(v weekView) approval {
	a := approval{Hash: v.Build.Hash, Label: "Approve this mail"}
	switch {
	case v.Err != "":
		a.Why = "The mail cannot be built."
	case v.Selection.Nothing():
		a.Why = "There is nothing to send."
	case v.Sent():
		a.Why = "It is " + v.Edition.Status() + "."
	case v.State == edition.Cancelled:
		a.Why = "It is cancelled."
	case v.State == edition.Approved && v.Edition.ApprovedHash == v.Build.Hash:
		a.Why = "Approved by " + v.Edition.ApprovedBy + ". Nothing has changed since."
	case check.Failed(v.Preview.Findings):
		a.Why = "A check fails: so it would not be sent. Fix that first."
	default:
		a.Can = true
	}
	slot := v.Plan.Slot
	switch until := slot.Sub(s.Now()); {
	case until <= 0:
		a.Label, a.Effect = "Approve and send now", "Its slot has passed ("+s.when(slot)+"): it is sent as soon as it is approved, while the server is running."
	case until < near:
		a.Label = fmt.Sprintf("Approve; it is sent in %d minutes", max(1, int(until.Minutes())))
		a.Effect = "It is sent at " + s.when(slot) + "."
	default:
		a.Effect = "It is sent on " + s.when(slot) + "."
	}
	if a.Others = s.others(v); s.Desk.Approvals()-len(v.Desk.Approvals) > 1 {
		a.Label = "Approve; another editor has to as well"
	}
	if n := len(v.Desk.OpenNotes()); n == 1 {
		a.Warning = "One note is open."
	} else if n > 1 {
		a.Warning = fmt.Sprintf("%d notes are open.", n)
	}
	return a
}

// others says who approved this content already, and what an approval then comes
// to.
func (s *server) others(v weekView) string {
	by, need := v.Desk.Approvals, s.Desk.Approvals()
	text := ""
	if len(by) > 0 {
		text = "Approved so far by " + strings.Join(by, ", ") + ". "
	}
	switch {
	case need < 2:
		return ""
	case contains(by, v.Editor.Name):
		return text + "You have approved it; another editor has to as well."
	case need-len(by) > 1:
		return text + fmt.Sprintf("%d editors have to approve it; yours is kept until then.", need)
	}
	return text + "Yours is the last one that is needed."
}
