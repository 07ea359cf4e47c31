package subscribers_test

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestQuestions(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	q := subscribers.NewQuestions([]byte("the database's secret"))
	reader, other := parsed(t, "reader@example.org"), parsed(t, "other@example.org")
	seen := map[string]bool{}
	for range 200 {
		asked := q.Ask(reader, at)
		seen[asked.Text] = true
		answer := answerTo(t, q, reader, asked, at)
		for name, c := range map[string]struct {
			right bool
			by    subscribers.Address
			token string
			given string
			at    time.Time
		}{
			"the word":                {true, reader, asked.Token, answer, at},
			"in capitals, with a dot": {true, reader, asked.Token, " " + strings.ToUpper(answer) + ". ", at.Add(subscribers.QuestionFor)},
			"another spelling of it":  {true, parsed(t, "Reader+news@example.org"), asked.Token, answer, at},
			"nothing":                 {false, reader, asked.Token, "", at},
			"the whole question":      {false, reader, asked.Token, asked.Text, at},
			"too late":                {false, reader, asked.Token, answer, at.Add(subscribers.QuestionFor + time.Second)},
			"for another mailbox":     {false, other, asked.Token, answer, at},
			"without the token":       {false, reader, "", answer, at},
			"with a token of ours":    {false, reader, strings.Repeat("A", len(asked.Token)), answer, at},
			"changed":                 {false, reader, "B" + asked.Token[1:], answer, at},
		} {
			if got := q.Right(c.by, c.token, c.given, c.at); got != c.right {
				t.Errorf("%s, %s: got %v, want %v", asked.Text, name, got, c.right)
			}
		}
		if subscribers.NewQuestions([]byte("another")).Right(reader, asked.Token, answer, at) {
			t.Error("got the question of another database taken")
		}
	}
	if len(seen) < 150 {
		t.Errorf("got %d different questions of 200, want at least 150", len(seen))
	}
}

func parsed(t *testing.T, email string) subscribers.Address {
	t.Helper()
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// answerTo tries the words of a question: one of them is right, and no more.
func answerTo(t *testing.T, q subscribers.Questions, a subscribers.Address, asked subscribers.Question, at time.Time) (answer string) {
	t.Helper()
	_, words, _ := strings.Cut(asked.Text, ": ")
	for _, word := range strings.Fields(strings.NewReplacer(",", "", "?", "", " or ", " ").Replace(words)) {
		if !q.Right(a, asked.Token, word, at) {
			continue
		}
		if answer != "" {
			t.Errorf("%s: got both %s and %s right", asked.Text, answer, word)
		}
		answer = word
	}
	if answer == "" {
		t.Fatalf("%s: got no word of it right", asked.Text)
	}
	return answer
}
