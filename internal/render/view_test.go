package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

func TestPanel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		panel   *comparison.Panel
		class   string
		percent int
		words   string
	}{
		{"unknown", nil, "unknown", -1, ""},
		{"empty", &comparison.Panel{}, "unknown", -1, ""},
		{"no reviewer", &comparison.Panel{Ship: ptr(0), Skip: ptr(0)}, "unknown", -1, "0 ship, 0 skip"},
		{"counts", &comparison.Panel{Ship: ptr(2), Skip: ptr(1)}, "ship", 67, "Ship · 2 ship, 1 skip"},
		{"per cent", &comparison.Panel{Percent: ptr(20)}, "skip", 20, "Skip, 20% for it"},
		{"both", panelOf(3, 1), "ship", 75, "Ship · 3 ship, 1 skip"},
		{"level", panelOf(2, 2), "split", 50, "Split · 2 ship, 2 skip"},
		{"nearly level", &comparison.Panel{Percent: ptr(55)}, "split", 55, "Split, 55% for it"},
		{"none", panelOf(0, 4), "skip", 0, "Skip · 0 ship, 4 skip"},
		{"one count", &comparison.Panel{Ship: ptr(3)}, "unknown", -1, "3 ship"},
	} {
		v, percent := panel(test.panel)
		if v.Class != test.class || percent != test.percent || panelWords(test.panel) != test.words {
			t.Errorf("%s: got %s, %d, %q, want %s, %d, %q", test.name, v.Class, percent, panelWords(test.panel), test.class, test.percent, test.words)
		}
	}
}

func TestRuling(t *testing.T) {
	t.Parallel()
	tool := func(name string, percent int) Tool {
		p := &comparison.Panel{Percent: &percent}
		if percent < 0 {
			p = nil
		}
		v, n := panel(p)
		return Tool{Name: name, Verdict: v, Percent: n}
	}
	for _, test := range []struct {
		a, b int
		want string
	}{
		{75, 100, "Ship both; the panel leans to B, 100% to 75%."},
		{75, 75, "Ship both: the panel is level at 75%."},
		{25, 0, "Skip both; the panel leans to A, 25% to 0%."},
		{100, 20, "Ship A, skip B."},
		{20, 100, "Ship B, skip A."},
		{50, 100, "Ship B; the panel is split on A."},
		{50, 20, "Skip B; the panel is split on A."},
		{50, 50, "The panel is split on both."},
		{-1, 80, "Ship B; the panel’s verdict on A is not known."},
		{50, -1, "The panel is split on A; the panel’s verdict on B is not known."},
		{-1, -1, ""},
	} {
		if got := ruling(tool("A", test.a), tool("B", test.b)); got != test.want {
			t.Errorf("%d and %d: got %q, want %q", test.a, test.b, got, test.want)
		}
	}
}

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
		"verdict is not known", "Not known", "Not stated", "No reader has voted yet", "0 votes", "no verdict given", "no score given",
		"No score or verdict given", "Unnamed 1", "No take",
	} {
		if !strings.Contains(strings.ReplaceAll(out.HTML, "’s", ""), strings.ReplaceAll(want, "’s", "")) {
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
		"מחברת for English all": ` dir="rtl"`,
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
