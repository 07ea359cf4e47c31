package workbench_test

import (
	"net/http"
	"net/url"
	"strings"
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
	second.Click("#text")
	second.Press("Is the price right?")
	third := chromium.Page(t)
	third.Navigate(b.url + weekPath)
	wait(t, third, "the offer of the note", `document.getElementById("note-form").previousElementSibling.innerText.includes("Put it back")`)
	third.Click(".warning:has(+ #note-form) button")
	third.Follow(`button[value="note"]`)
	if p := must(b.desk.Page(t.Context(), week, "")); len(p.Notes) != 1 || p.Notes[0].Text != "Is the price right?" {
		t.Errorf("got the notes %v, want what was typed", p.Notes)
	}
	if got := browsertest.Eval[string](third, `document.getElementById("note-form").previousElementSibling.innerText`); strings.Contains(got, "Put it back") {
		t.Error("got an offer of the note that is added")
	}
}

// A page asks before it sends: while the desk is away, or has logged the editor out,
// it stays as it is with what was typed, and says what to do.
func TestSendingWaitsForTheDesk(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	b.logIn(c, ada)
	p := browsertest.New(t).Page(t)
	cookie := func() {
		for _, k := range c.Jar.Cookies(must(url.Parse(b.url))) {
			p.SetCookie(b.url, k.Name, k.Value)
		}
	}
	cookie()
	p.Navigate(b.url + "/desk" + weekPath)
	p.Click("#subject")
	p.Press("A subject that I typed")
	alive := browsertest.Eval[string](p, `document.querySelector("[data-alive]").dataset.alive`)
	browsertest.Eval[bool](p, `(document.querySelector("[data-alive]").dataset.alive = "http://127.0.0.1:9/", true)`)
	p.Click("#save")
	wait(t, p, "that the desk is away", `document.getElementById("away").innerText.includes("does not answer")`)
	browsertest.Eval[bool](p, `(document.querySelector("[data-alive]").dataset.alive = "`+alive+`", true)`)
	c.want(c.post("/logout", nil), http.StatusSeeOther, "log out")
	p.Click("#save")
	wait(t, p, "that one is logged out", `document.querySelector("#away a[target=_blank]")`)
	if got := browsertest.Eval[string](p, `document.getElementById("subject").value`); got != "A subject that I typed" {
		t.Errorf("got %q in the form, want what was typed", got)
	}
	b.logIn(c, ada)
	cookie()
	p.Follow("#save")
	if e := must(b.desk.Edits(t.Context(), week)); e.Subject != "A subject that I typed" {
		t.Errorf("got the subject %q, want what was typed", e.Subject)
	}
}
