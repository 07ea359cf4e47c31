package workbench_test

import (
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// What was typed and not saved is offered again, also after the browser was closed
// in between; once it is saved it is not.
func TestTypedIsNotLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	chromium := browsertest.New(t)
	first := chromium.Page(t)
	first.Navigate(b.url + weekPath)
	first.Click("#subject")
	first.Press("A subject that I typed")
	wait(t, first, "that it is not saved", `document.getElementById("dirty").textContent === "Not saved yet."`)
	second := chromium.Page(t) // the first window is as good as lost
	second.Navigate(b.url + weekPath)
	wait(t, second, "the offer", `document.getElementById("unsaved").innerText.includes("Put it back")`)
	second.Click("#unsaved button")
	if got := browsertest.Eval[string](second, `document.getElementById("subject").value`); got != "A subject that I typed" {
		t.Errorf("got %q put back", got)
	}
	candidate := browsertest.Eval[string](second, `document.querySelector("#why button[value^='out:']").value`)
	second.Follow(`#why button[value="` + candidate + `"]`) // every button saves what was typed
	edits := must(b.desk.Edits(t.Context(), week))
	if edits.Subject != "A subject that I typed" || len(edits.LeftOut) != 1 {
		t.Errorf("got the subject %q and left out %q, want both saved", edits.Subject, edits.LeftOut)
	}
	if browsertest.Eval[bool](second, `!!document.getElementById("unsaved")`) {
		t.Error("got an offer of what is saved")
	}
}
