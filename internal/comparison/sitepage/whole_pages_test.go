package sitepage

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// Pages as long and as full as the site's own, value by value: testdata has one
// of each layout, of the same pairing.

// A wantTake is a take by its beginning and its end.
type wantTake struct {
	reviewer    comparison.Reviewer
	score       int // 0: unknown
	verdict     comparison.Verdict
	first, last string
	words       int
}

func assertTakes(t *testing.T, tool comparison.Tool, want []wantTake) {
	t.Helper()
	if len(tool.Reviews) != len(want) {
		t.Fatalf("%s: got %d reviews, want %d", tool.Name, len(tool.Reviews), len(want))
	}
	for i, w := range want {
		got := tool.Reviews[i]
		score := 0
		if got.Score != nil {
			score = *got.Score
		}
		if got.Reviewer != w.reviewer || got.Verdict != w.verdict || score != w.score || got.Score != nil && w.score == 0 {
			t.Errorf("%s, review %d: got %q %v %q, want %q %v %q", tool.Name, i, got.Reviewer, score, got.Verdict, w.reviewer, w.score, w.verdict)
		}
		assertText(t, tool.Name, got.Take, w.first, w.last, w.words)
	}
}

// assertText wants one paragraph of so many words.
func assertText(t *testing.T, what, got, first, last string, words int) {
	t.Helper()
	if n := len(strings.Fields(got)); !strings.HasPrefix(got, first) || !strings.HasSuffix(got, last) || n != words || strings.Contains(got, "\n") {
		t.Errorf("%s: got %d words %q, want %d in one paragraph from %q to %q", what, n, got, words, first, last)
	}
}

// assertShort compares all but the long texts.
func assertShort(t *testing.T, got, want comparison.Tool) {
	t.Helper()
	got.Description, got.Reviews = "", nil
	assertSame(t, want.Name, comparison.Comparison{Tools: [2]comparison.Tool{got}}, comparison.Comparison{Tools: [2]comparison.Tool{want}})
}

const (
	labelledPage = "tidemark.txt"
	compactPage  = "tidemark-quotes.txt"
)

func TestWholeLabelledPage(t *testing.T) {
	t.Parallel()
	c := mustImport(t, labelledPage, readTestdata(t, labelledPage))
	if want := "harbor-coding-rules-vs-tidemark2"; c.Slug != want || !c.Published.IsZero() || c.URL != "" {
		t.Errorf("got %q %v %q, want %q and neither date nor URL", c.Slug, c.Published, c.URL, want)
	}
	a, b := c.Tools[0], c.Tools[1]
	const rules = "Six rules of a harbour pilot's checklist, packed into one file for a coding agent"
	const model = "Open 3B model that reads charts, tables and handwriting on one laptop"
	assertShort(t, a, comparison.Tool{
		Name: "Harbor Coding Rules", Tagline: rules, Category: "Developer Tools", Entry: "Free", Pricing: "Free", BestFor: rules,
		Panel: &comparison.Panel{Ship: ptr(3), Skip: ptr(1), Percent: ptr(75)},
	})
	assertShort(t, b, comparison.Tool{
		Name: "Tidemark2", Tagline: model, Category: "Developer Tools", Entry: "Free", Pricing: "Free / Open Source (Apache 2.0)", BestFor: model,
		Panel: &comparison.Panel{Ship: ptr(4), Skip: ptr(0), Percent: ptr(100)},
	})
	assertText(t, "description", a.Description, "One Markdown file with six rules", "argued about at length.", 106)
	assertText(t, "description", b.Description, "Tidemark2 is an open", "under Apache 2.0.", 45)
	assertTakes(t, a, []wantTake{
		{comparison.Builder, 80, comparison.Ship, "I put it into three", "in one second.", 61},
		{comparison.Skeptic, 45, comparison.Skip, "Six sentences of common sense,", "is not a benchmark.", 57},
		{comparison.Futurist, 80, comparison.Ship, "What interests me isn't", "a file once.", 54},
		{comparison.Creator, 80, comparison.Ship, "I write fiction with an agent,", "on a mug.", 45},
	})
	assertTakes(t, b, []wantTake{
		{comparison.Builder, 88, comparison.Ship, "The whole thing loads", "our warehouse has.", 64},
		{comparison.Skeptic, 82, comparison.Ship, "The field is crowded:", "is the moat.", 67},
		{comparison.Futurist, 85, comparison.Ship, "The bet is that by 2028", "will feel it.", 68},
		{comparison.Founder, 78, comparison.Ship, "The buyer is whoever signs", "not a business.", 66},
	})
}

func TestWholeCompactPage(t *testing.T) {
	t.Parallel()
	c := mustImport(t, compactPage, readTestdata(t, compactPage))
	if want := "tidemark2-3b-vs-harbor-rules"; c.Slug != want || !c.Published.IsZero() || c.URL != "" {
		t.Errorf("got %q %v %q, want %q and neither date nor URL", c.Slug, c.Published, c.URL, want)
	}
	a, b := c.Tools[0], c.Tools[1]
	assertShort(t, a, comparison.Tool{
		Name: "Tidemark2-3B", Tagline: "Open model for documents that runs on a laptop", Category: "Developer Tools",
		Entry: "Free", Panel: &comparison.Panel{Percent: ptr(100)},
	})
	assertShort(t, b, comparison.Tool{
		Name: "Harbor Rules", Tagline: "A harbour pilot's six rules as one file for a coding agent", Category: "Developer Productivity",
		Entry: "Free", Panel: &comparison.Panel{Percent: ptr(75)},
	})
	assertTakes(t, a, []wantTake{
		{"", 0, "", "Loading takes one line", "shrink them 'efficiently.'", 52},
		{"", 0, "", "There are three models", "I would say.", 51},
		{"", 0, "", "The claim can be tested:", "good demonstration.", 43},
		{"", 0, "", "The buyer pays four cents", "can be anybody.", 35},
	})
	assertTakes(t, b, []wantTake{
		{"", 0, "", "My sessions got quieter.", "that I have.", 36},
		{"", 0, "", "Six bullet points that I", "difference is missing.", 29},
		{"", 0, "", "A trade's checklist turns", "never wrote code.", 31},
		{"", 0, "", "For people who use", "and a budget.", 30},
	})
}

// Every line of a page is either the site's frame or in the comparison.
func TestWholePagesLoseNothing(t *testing.T) {
	t.Parallel()
	for _, page := range []string{labelledPage, compactPage} {
		src := readTestdata(t, page)
		y, err := mustImport(t, page, src).EncodeYAML()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.ReplaceAll(strings.Join(strings.Fields(string(y)), " "), `\"`, `"`)
		var r pageReader
		r.textLines(src)
		for _, l := range r.lines {
			if len(l.text) < 50 || isIntro(l.text) || strings.HasPrefix(l.text, "New AI tools") {
				continue
			}
			if want := strings.Trim(l.text, "“”"); !strings.Contains(all, want) {
				t.Errorf("%s:%d: not in the comparison: %s", page, l.number, want)
			}
		}
	}
}

// The same pages as HTML, from the browser's saved file, a URL or a pipe.
func TestWholePagesAsHTML(t *testing.T) {
	t.Parallel()
	for page, labelled := range map[string]bool{labelledPage: true, compactPage: false} {
		want := mustImport(t, page, readTestdata(t, page))
		src := []byte(pageHTML(want, labelled))
		for _, file := range []string{"page.html", "standard input", "saved.txt"} {
			assertSame(t, page+" as HTML, "+file, mustImport(t, file, src), want)
		}
	}
}

func TestWholePagesAreOnePairing(t *testing.T) {
	t.Parallel()
	a, b := mustImport(t, labelledPage, readTestdata(t, labelledPage)), mustImport(t, compactPage, readTestdata(t, compactPage))
	names := func(c comparison.Comparison) [2]string { return [2]string{c.Tools[0].Name, c.Tools[1].Name} }
	if got := comparison.MatchPairings(names(a), names(b)); got != comparison.Same {
		t.Errorf("MatchPairings(%s, %s): got %v, want Same", a.Title(), b.Title(), got)
	}
}
