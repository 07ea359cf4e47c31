package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// Nothing is guessed: each way of not knowing has words of its own.
func TestUnknowns(t *testing.T) {
	t.Parallel()
	c := pageLike()
	a, b := &c.Tools[0], &c.Tools[1]
	a.Panel, a.Entry, a.Pricing = nil, "", ""
	b.Community = &comparison.Votes{}
	b.Reviews = []comparison.Review{
		{Reviewer: comparison.Builder, Score: ptr(70), Take: "One."},
		{Reviewer: comparison.Skeptic, Verdict: comparison.Skip, Take: "Two."},
		{Reviewer: comparison.Futurist, Take: "Three."},
		{Score: ptr(60), Verdict: comparison.Ship, Take: "Four."},
	}
	out := digest(t, c)
	for _, want := range []string{
		"no verdict on Rulebook for Coders yet", "Verdict not known", "Not stated", "No reader has voted yet: be the first", "0 votes", "no verdict", "no score",
		"No score or verdict", "Review 1", "No panel take", "Numbered reviews are unsigned.",
	} {
		if !strings.Contains(out.HTML, want) {
			t.Errorf("the HTML lacks %q", want)
		}
	}
	if strings.Contains(out.HTML, "-1%") || strings.Contains(out.Text, "-1%") {
		t.Error("an unknown per cent is shown as a number")
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	for _, tally := range []Tally{{Ship: 1}, {1, 1, 1, 0}, {7, 2, 1, 3}, {200, 1, 1, 1}, {}} {
		sum := 0
		for _, s := range tally.Shares() {
			if s.Percent < 1 {
				t.Errorf("%+v: got a share of %d%%, want at least 1", tally, s.Percent)
			}
			sum += s.Percent
		}
		if sum != 100 {
			t.Errorf("%+v: the shares sum up to %d, want 100", tally, sum)
		}
	}
}

func TestLanguageAndDirection(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Plain English":         "",
		"Café":                  "",
		"かきくけノート":               ` lang="ja"`,
		"書いたことを理解する":            ` lang="ja"`,
		"代码助手":                  ` lang="zh"`,
		"한국어 도구":                ` lang="ko"`,
		"מחברת חכמה":            ` dir="rtl" lang="he"`,
		"مساعد الكتابة":         ` dir="rtl" lang="ar"`,
		"The tool called 助手":    "",
		"מחברת for English all": "",
		"":                      "",
	} {
		if got := string(direction(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	d := ReportData{Total: 1234, Accepted: 1200, Suppressed: 34}
	if !d.Done() || d.Summary() != "1,200 of 1,234 recipients accepted, 34 suppressed." {
		t.Errorf("got %v, %q", d.Done(), d.Summary())
	}
	d = ReportData{Total: 3, Accepted: 2, Unknown: 1}
	if d.Done() || len(d.Rows()) != 3 {
		t.Errorf("got %v with %d rows, want a send in part with 3", d.Done(), len(d.Rows()))
	}
}
