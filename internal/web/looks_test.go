package web

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// looks are the pages that a designer looks at: go test -run Looks -artifacts
// -outputdir DIR writes a screenshot of each.
func TestLooks(t *testing.T) {
	t.Parallel()
	list := &oneReader{sub: subscribers.Subscriber{ID: 1, Email: "reader@example.org", Status: subscribers.Active}}
	s := serve(t, list, func(d *Deps) { d.Editions = mailedEdition(t) })
	pages := map[string]string{
		"home": "/", "archive": "/archive", "issue": "/archive/2026-W48", "compare": "/compare/karpathy-coding-skills-vs-smolvlm2",
		"compact": "/compare/prompt-binder-vs-inkwell", "subscribed": "/subscribed", "unsubscribe": "/unsubscribe/x", "confirm": "/confirm/x", "decline": "/decline/x", "preferences": "/preferences/x", "missing": "/nowhere", "subscribe": "/subscribe", "embed": "/embed", "leave": "/leave", "leave-sent": "/leave/sent",
	}
	dir := t.ArtifactDir()
	p := browsertest.New(t).Page(t)
	for name, path := range pages {
		for _, width := range []int64{1200, 375} {
			for _, dark := range []bool{false, true} {
				p.EmulateViewport(width, 800)
				p.EmulateDark(dark)
				p.Navigate(s.url + path)
				browsertest.Eval[bool](p, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
				if sheets := browsertest.Eval[int](p, "document.styleSheets.length"); name == "issue" && sheets < 2 {
					t.Errorf("%s: got %d style sheets in use, want the site's and the mail's own: its policy forbids one", name, sheets)
				}
				looks(t, p, width, filepath.Join(dir, fmt.Sprintf("%s-%d-%t.png", name, width, dark)))
				if name != "issue" { // the mail in it is measured by internal/measure
					axe(t, p, name)
				}
			}
		}
	}
}

// The pages that only a form leads to: go test -run FormsLook -artifacts too.
func TestFormsLook(t *testing.T) {
	t.Parallel()
	s := serve(t, &oneReader{sub: subscribers.Subscriber{ID: 1, Email: "reader@example.org", Status: subscribers.Active}})
	dir := t.ArtifactDir()
	p := browsertest.New(t).Page(t)
	for _, width := range []int64{1200, 375} {
		for _, dark := range []bool{false, true} {
			p.EmulateViewport(width, 800)
			p.EmulateDark(dark)
			for name, email := range map[string]string{"question": "grace.hopper-with-a-long-name@gmial.com", "error": "hopper@example"} {
				p.Navigate(s.url + "/subscribe")
				submit(p, `document.getElementById("email").value = "`+email+`"`)
				axe(t, p, name)
				looks(t, p, width, filepath.Join(dir, fmt.Sprintf("%s-%d-%t.png", name, width, dark)))
			}
			p.Navigate(s.url + "/unsubscribe/x")
			p.Follow(".leave button")
			axe(t, p, "goodbye")
			looks(t, p, width, filepath.Join(dir, fmt.Sprintf("goodbye-%d-%t.png", width, dark)))
		}
	}
}

// What the form asks in a surge, of a person without a script too: the answer is read
// from the page as somebody would read it.
func TestQuestionLook(t *testing.T) {
	t.Parallel()
	r, s := surge(t)
	dir := t.ArtifactDir()
	p := browsertest.New(t).Page(t)
	for i, script := range []bool{true, false} {
		if !script {
			p.DisableScript()
		}
		for _, width := range []int64{1200, 375} {
			for _, dark := range []bool{false, true} {
				p.EmulateViewport(width, 800)
				p.EmulateDark(dark)
				p.Navigate(s.url + "/subscribe")
				submit(p, fmt.Sprintf(`document.getElementById("email").value = "reader%d@example.org"`, i))
				if script {
					axe(t, p, "surge")
				}
				looks(t, p, width, filepath.Join(dir, fmt.Sprintf("surge-%d-%t-%t.png", width, dark, script)))
			}
		}
		answerInBrowser(t, p)
		if got := len(r.links(t)); got != 1 {
			t.Errorf("scripts %t: got %d confirmations, want one for who answered", script, got)
		}
	}
}

// answerInBrowser gives the first of the words that a question offers, until a question
// comes to which that is the answer: one in three.
func answerInBrowser(t *testing.T, p *browsertest.Page) {
	t.Helper()
	for range 60 {
		question := browsertest.Eval[string](p, `document.querySelector("label[for=answer]").textContent`)
		_, offered, _ := strings.Cut(question, ": ")
		word, _, ok := strings.Cut(offered, ",")
		if !ok {
			t.Fatalf("got the question %q, want words to choose from after a colon", question)
		}
		browsertest.Eval[string](p, fmt.Sprintf(`document.getElementById("answer").value = %q`, word))
		p.Follow(".signup button")
		if browsertest.Eval[bool](p, `!document.getElementById("answer")`) {
			wantHeading(t, p, "Check your mailbox")
			return
		}
	}
	t.Error("got the first word of 60 questions refused")
}

func looks(t *testing.T, p *browsertest.Page, width int64, file string) {
	t.Helper()
	if got := browsertest.Eval[int](p, "document.documentElement.scrollWidth"); got > int(width) {
		t.Errorf("%s: got a content width of %d px, want none beyond the window", filepath.Base(file), got)
	}
	p.Screenshot(file)
}

// mailedEdition is the sent edition with the mail as the program makes it.
func mailedEdition(t *testing.T) Editions {
	t.Helper()
	e := sentEditions()
	sent := &e.all[0]
	r, err := render.New(rendertest.Templates(), render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://news.example.org", PostalAddress: "1 Example Street"})
	if err != nil {
		t.Fatal(err)
	}
	mail, err := r.Digest(render.DigestInput{
		Week: sent.Week, Date: sent.Slot, Subject: sent.Subject, Preheader: "Two verdicts.", Comparisons: sampleComparisons()[:2],
	})
	if err != nil {
		t.Fatal(err)
	}
	e.builds[sent.Week][0].HTML = mail.HTML
	return e
}
