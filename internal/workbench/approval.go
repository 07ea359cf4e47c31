package workbench

import (
	"fmt"
	"slices"
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
	Lapsed  string // whose approval no longer holds
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
	a.Lapsed, a.Effect = lapsed(v), s.effect(v)
	switch until := slot.Sub(s.Now()); {
	case until <= 0:
		a.Label, a.Effect = "Approve and send now", "Its slot has passed"+passed(s, v)+": it is sent as soon as it is approved, while the server is running."
	case until < near:
		a.Label = fmt.Sprintf("Approve; it is sent in %d minutes", max(1, int(until.Minutes())))
	}
	if a.Others = s.others(v); s.Desk.Approvals()-len(v.Desk.Approvals) > 1 {
		a.Label = "Approve; another editor has to as well"
	}
	if a.Can && s.Desk.Approvals() > 1 && slices.Contains(v.Desk.Approvals, v.Editor.Name) {
		a.Can, a.Why = false, a.Others
	}
	if n := len(v.Desk.OpenNotes()); n == 1 {
		a.Warning = "One note is open."
	} else if n > 1 {
		a.Warning = fmt.Sprintf("%d notes are open.", n)
	}
	return a
}

// passed says when the slot was; an edition off schedule has none but now.
func passed(s *server, v weekView) string {
	if v.Plan.OffSchedule {
		return ""
	}
	return " (" + s.when(v.Plan.Slot) + ")"
}

// effect says what happens at the slot, with an approval and without.
func (s *server) effect(v weekView) string {
	at := s.when(v.Plan.Slot)
	if s.Desk.Releases(v.Edition) && lapsed(v) == "" {
		return "It is sent on " + at + ", approved or not, unless you hold it."
	}
	return "It is sent on " + at + " only if it is approved before."
}

// lapsed says whose approval no longer holds, and why; "" where none has lapsed.
func lapsed(v weekView) string {
	e := v.Edition
	if v.Err != "" || v.Sent() || e.ApprovedHash == "" || e.ApprovedHash == v.Build.Hash {
		return ""
	}
	return e.ApprovedBy + " approved it, and it has changed since: that approval no longer holds."
}

// Stands is the week's state as its head says it.
func (v weekView) Stands() string {
	switch {
	case lapsed(v) != "":
		return "changed since its approval"
	case v.Edition.State == "":
		return "not built yet"
	}
	return string(v.Edition.State)
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
	case slices.Contains(by, v.Editor.Name):
		return text + "You have approved it; another editor has to as well."
	case need-len(by) > 1:
		return text + fmt.Sprintf("%d editors have to approve it; yours is kept until then.", need)
	}
	return text + "Yours is the last one that is needed."
}
