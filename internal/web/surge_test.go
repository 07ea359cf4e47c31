package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

var (
	questionLabel = regexp.MustCompile(`<label for="answer">([^<]*)</label>`)
	questionToken = regexp.MustCompile(`name="question" value="([^"]*)"`)
)

// surge is a site in a surge: 25 strangers were signed up.
func surge(t *testing.T) (*readers, *site) {
	t.Helper()
	r := newReaders(t)
	r.Service = subscribers.New(r.db.Subscribers(), r.db.SignUps(), subscribers.Options{Now: r.clock, Surge: subscribers.SurgeRule{Floor: 20, Times: 8}})
	s := serve(t, r)
	for i := range 25 {
		wantStatus(t, s.form(t, "/subscribe", fmt.Sprintf("email=victim%%40company%d.example", i)), http.StatusSeeOther)
	}
	if got := len(r.links(t)); got != 20 {
		t.Fatalf("got %d confirmations, want 20 before the surge", got)
	}
	return r, s
}

// In a surge the form asks a question, the same of everybody, and goes on with
// the right answer; who sends JSON is asked to come again.
func TestQuestionInASurge(t *testing.T) {
	t.Parallel()
	r, s := surge(t)
	r.active(t, "active@example.org")
	const form = "&source=home&categories=Agents&categories=Design&name=Ada&as_typed=1"
	pages := map[string]string{}
	for _, email := range []string{"new@example.org", "active@example.org"} {
		a := s.form(t, "/subscribe", "email="+url.QueryEscape(email)+form)
		wantStatus(t, a, http.StatusUnprocessableEntity)
		for _, want := range []string{`name="source" value="home"`, `name="categories" value="Agents"`, `name="name" value="Ada"`, `name="as_typed"`} {
			if !strings.Contains(a.body, want) {
				t.Errorf("got a page without %s", want)
			}
		}
		text := questionToken.ReplaceAllString(questionLabel.ReplaceAllString(a.body, ""), "")
		pages[strings.ReplaceAll(text, email, "EMAIL")] = email
		if email == "new@example.org" {
			answerQuestion(t, s, email, a.body)
		}
	}
	if len(pages) != 1 {
		t.Errorf("got different pages for a new and an active address: %v", pages)
	}
	if got := r.links(t); len(got) != 1 {
		t.Errorf("got %d confirmations, want one, to who answered", len(got))
	}
	wantAskedAgain(t, s)
}

// answerQuestion answers wrongly, and then with each word of the next question
// until one is taken.
func answerQuestion(t *testing.T, s *site, email, body string) {
	t.Helper()
	send := func(body, answer string) reply {
		token := questionToken.FindStringSubmatch(body)
		if token == nil {
			t.Fatal("got a page without a question")
		}
		return reply{s.form(t, "/subscribe", url.Values{"email": {email}, "question": {token[1]}, "answer": {answer}}.Encode())}
	}
	again := send(body, "<b>what?</b>")
	wantStatus(t, again.answer, http.StatusUnprocessableEntity)
	if !strings.Contains(again.body, `aria-invalid="true" aria-describedby="answer-error"`) || strings.Contains(again.body, "what?") {
		t.Error("got a page that does not say that the answer was wrong, or repeats it")
	}
	label := html.UnescapeString(questionLabel.FindStringSubmatch(again.body)[1])
	for _, word := range strings.Fields(strings.NewReplacer(",", "", "?", "").Replace(label)) {
		if a := send(again.body, word); a.StatusCode == http.StatusSeeOther {
			return
		}
	}
	t.Errorf("got no word of %q taken", label)
}

// A reply is an answer of the site, where answer is what a visitor says.
type reply struct{ answer }

// wantAskedAgain wants clients without a form to come again later: a script that
// sends JSON, and the embedded form, which then leads to the page.
func wantAskedAgain(t *testing.T, s *site) {
	t.Helper()
	for name, a := range map[string]answer{
		"JSON":              s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/json"), `{"email":"json@example.org"}`),
		"the embedded form": s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"), "email=embed%40example.org&ask=1"),
	} {
		if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "600" {
			t.Errorf("%s: got status %d and Retry-After %q, want 429 and 600", name, a.StatusCode, a.Header.Get("Retry-After"))
		}
	}
}
