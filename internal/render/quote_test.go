package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

func TestFirstSentences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		limit    int
		want     string // "" when no sentence fits
	}{
		{"all", "One. Two.", 20, "One. Two."},
		{"first", "One is here. Two is here.", 15, "One is here. […]"},
		{"first above the limit", "One is a little longer. Two.", 15, "One is a little longer. […]"},
		{"first far above the limit", strings.Repeat("a ", 40) + "b. Two.", 15, ""},
		{"no stop", "one two", 20, "one two"},
		{"version", "Needs version 2.0 to run. Two.", 26, "Needs version 2.0 to run. […]"},
		{"abbreviation", "Small models, e.g. Gemma and vs. Others, win. Two is here.", 46, "Small models, e.g. Gemma and vs. Others, win. […]"},
		{"initial", "J. Doe wrote it. Two is here.", 17, "J. Doe wrote it. […]"},
		{"closing quote", "He said “no.” Then he left.", 15, "He said “no.” […]"},
		{"number", "See No. 5 for that. Two is.", 20, "See No. 5 for that. […]"},
		{"question", "Why? Because it works. More follows here.", 23, "Why? Because it works. […]"},
		{"lower case after", "It uses .net. and so on. Two is.", 25, "It uses .net. and so on. […]"},
		{"chinese", "很简单。它先提问，再修改代码。第三句。", 16, "很简单。它先提问，再修改代码。 […]"},
		{"arabic", "هل هي أفضل؟ نعم هي كذلك. وأكثر من ذلك بكثير.", 25, "هل هي أفضل؟ نعم هي كذلك. […]"},
		{"ellipsis", "Well… It works. More.", 16, "Well… It works. […]"},
		{"emoji", "It works 🎉! Really. And so on and on.", 20, "It works 🎉! Really. […]"},
		{"empty", "", 20, ""},
	} {
		got, ok := firstSentences(test.in, test.limit)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, ok, test.want)
		}
	}
}

// A quote is whole sentences from the beginning of a take, whatever the take.
func FuzzFirstSentences(f *testing.F) {
	f.Add("One. Two. Three.", 9)
	f.Add("很简单。它先提问。", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		s = clean(s)
		if limit < 1 || limit > 1000 {
			return
		}
		got, ok := firstSentences(s, limit)
		if !ok {
			return
		}
		head := strings.TrimSuffix(got, omission)
		if !strings.HasPrefix(s, head) || len([]rune(head)) > 2*limit {
			t.Fatalf("got %q from %q with limit %d", got, s, limit)
		}
		if head != got && strings.TrimSpace(strings.TrimPrefix(s, head)) == "" {
			t.Fatalf("got %q, which omits nothing of %q", got, s)
		}
	})
}

func TestQuoteChoice(t *testing.T) {
	t.Parallel()
	tool := comparison.Tool{Reviews: []comparison.Review{
		review(comparison.Builder, 60, comparison.Ship, "Builder speaks."),
		review(comparison.Skeptic, 10, comparison.Skip, "Skeptic speaks."),
		review(comparison.Futurist, 95, comparison.Ship, "Futurist speaks."),
		{Reviewer: comparison.Creator, Take: "Creator speaks."},
	}}
	for verdict, want := range map[comparison.Verdict]string{
		comparison.Ship: "Futurist speaks.", comparison.Skip: "Skeptic speaks.", comparison.VerdictUnknown: "Futurist speaks.",
	} {
		if q, ok := quote(tool, verdict, 100); !ok || q.Text != want {
			t.Errorf("panel says %q: got %q, want %q", verdict, q.Text, want)
		}
	}
	tool.Reviews[2].Take = strings.Repeat("endless ", 60) + "sentence."
	if q, _ := quote(tool, comparison.Ship, 100); q.Text != "Builder speaks." {
		t.Errorf("a take without a short sentence: got %q, want the next reviewer's", q.Text)
	}
	if q, ok := quote(comparison.Tool{}, comparison.Ship, 100); ok {
		t.Errorf("no takes: got %q, want none", q.Text)
	}
}
