package comparison

import (
	"strings"
	"testing"
)

// The site's own pages, value by value. What a page does not say must be absent.

// A wantTake is a take by its beginning and its end.
type wantTake struct {
	reviewer    Reviewer
	score       *int
	verdict     Verdict
	first, last string
	words       int
}

func assertTakes(t *testing.T, tool Tool, want []wantTake) {
	t.Helper()
	if len(tool.Reviews) != len(want) {
		t.Fatalf("%s: got %d reviews, want %d", tool.Name, len(tool.Reviews), len(want))
	}
	for i, w := range want {
		got := tool.Reviews[i]
		if got.Reviewer != w.reviewer || got.Verdict != w.verdict || !samePtr(got.Score, w.score) {
			t.Errorf("%s, review %d: got %q %v %q, want %q %v %q", tool.Name, i, got.Reviewer, deref(got.Score), got.Verdict, w.reviewer, deref(w.score), w.verdict)
		}
		if !strings.HasPrefix(got.Take, w.first) || !strings.HasSuffix(got.Take, w.last) || len(strings.Fields(got.Take)) != w.words {
			t.Errorf("%s, review %d: got %d words %q, want %d from %q to %q", tool.Name, i, len(strings.Fields(got.Take)), got.Take, w.words, w.first, w.last)
		}
	}
}

func samePtr(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func deref(p *int) any {
	if p == nil {
		return "absent"
	}
	return *p
}

func assertDescription(t *testing.T, tool Tool, first, last string, words int) {
	t.Helper()
	d := tool.Description
	if !strings.HasPrefix(d, first) || !strings.HasSuffix(d, last) || len(strings.Fields(d)) != words || strings.Contains(d, "\n") {
		t.Errorf("description of %s: got %d words %q, want %d in one paragraph from %q to %q", tool.Name, len(strings.Fields(d)), d, words, first, last)
	}
}

// withoutTexts leaves the short values, which are compared as a whole.
func withoutTexts(tool Tool) Tool {
	tool.Description, tool.Reviews = "", nil
	return tool
}

func assertShort(t *testing.T, got, want Tool) {
	t.Helper()
	assertSame(t, want.Name, Comparison{Tools: [2]Tool{withoutTexts(got)}}, Comparison{Tools: [2]Tool{want}})
}

const (
	karpathyPage = "karpathy-coding-skills-vs-smolvlm2.txt"
	smolPage     = "smolvlm2-2b-vs-karpathy-skills.txt"
)

func TestSharedLabelledPage(t *testing.T) {
	t.Parallel()
	c := mustImport(t, karpathyPage, readShared(t, karpathyPage))
	if want := "karpathy-coding-skills-vs-smolvlm2"; c.Slug != want || !c.Published.IsZero() || c.URL != "" {
		t.Errorf("got %q %v %q, want %q and neither date nor URL", c.Slug, c.Published, c.URL, want)
	}
	a, b := c.Tools[0], c.Tools[1]
	const rules = "Four rules from Karpathy's LLM coding critiques baked into a Claude Code plugin"
	const model = "Open-source 2B vision-language model that punches above its weight class"
	assertShort(t, a, Tool{
		Name: "Karpathy Coding Skills", Tagline: rules, Category: "Developer Tools", Entry: "Free", Pricing: "Free", BestFor: rules,
		Panel: &Panel{Ship: ptr(3), Skip: ptr(1), Percent: ptr(75)},
	})
	assertShort(t, b, Tool{
		Name: "SmolVLM2", Tagline: model, Category: "Developer Tools", Entry: "Free", Pricing: "Free / Open Source (Apache 2.0)", BestFor: model,
		Panel: &Panel{Ship: ptr(4), Skip: ptr(0), Percent: ptr(100)},
	})
	assertDescription(t, a, "A single CLAUDE.md file encoding", "what's actually broken.", 152)
	assertDescription(t, b, "SmolVLM2 is an open-source", "large proprietary VLMs.", 63)
	assertTakes(t, a, []wantTake{
		{Builder, ptr(80), Ship, "I dropped this in my project root", "It costs nothing to try.", 45},
		{Skeptic, ptr(45), Skip, "This is a CLAUDE.md file with four", "is marketing, not substance.", 46},
		{Futurist, ptr(80), Ship, "What's interesting here isn't the file", "system prompts within 6 months.", 49},
		{Creator, ptr(80), Ship, "The 'simplicity first' rule applies", "more elaborate than you wanted.", 48},
	})
	assertTakes(t, b, []wantTake{
		{Builder, ptr(88), Ship, "The primitive is clean: a transformer-based", "not benchmark theater.", 124},
		{Skeptic, ptr(82), Ship, "Direct competitors are Moondream2,", "flywheel is already spinning.", 138},
		{Futurist, ptr(85), Ship, "The thesis SmolVLM2 bets on:", "this release moves the line.", 159},
		{Founder, ptr(78), Ship, "The buyer here isn't a consumer", "Hugging Face has the volume.", 170},
	})
}

func TestSharedCompactPage(t *testing.T) {
	t.Parallel()
	c := mustImport(t, smolPage, readShared(t, smolPage))
	if want := "smolvlm2-2b-vs-karpathy-skills"; c.Slug != want || !c.Published.IsZero() || c.URL != "" {
		t.Errorf("got %q %v %q, want %q and neither date nor URL", c.Slug, c.Published, c.URL, want)
	}
	a, b := c.Tools[0], c.Tools[1]
	assertShort(t, a, Tool{
		Name: "SmolVLM2-2B", Tagline: "Open-source vision-language model that actually runs on your phone", Category: "Developer Tools",
		Entry: "Free", Panel: &Panel{Percent: ptr(100)},
	})
	assertShort(t, b, Tool{
		Name: "Karpathy Skills", Tagline: "Andrej Karpathy's LLM coding wisdom packed into a single CLAUDE.md plugin", Category: "Developer Productivity",
		Entry: "Free", Panel: &Panel{Percent: ptr(75)},
	})
	assertDescription(t, a, "SmolVLM2-2B is an open-source,", "without cloud dependencies.", 58)
	assertDescription(t, b, "Karpathy Skills is a CLAUDE.md plugin", "prompt engineering work.", 188)
	assertTakes(t, a, []wantTake{
		{"", nil, "", "The primitive here is clean: a quantized", "calling it 'efficient.'", 124},
		{"", nil, "", "Direct competitors are MobileVLM,", "ship something comparable.", 126},
		{"", nil, "", "The thesis here is falsifiable:", "primitive rather than infrastructure.", 135},
		{"", nil, "", "The buyer here is a mobile or edge", "not a charity project.", 139},
	})
	assertTakes(t, b, []wantTake{
		{"", nil, "", "I've noticed a measurable improvement", "about LLM failure modes.", 46},
		{"", nil, "", "This is four bullet points in a markdown", "disguised as engineering.", 48},
		{"", nil, "", "The interesting meta-signal here", "curated wisdom, not code.", 46},
		{"", nil, "", "For non-engineers using Claude Code", "who aren't professional developers.", 48},
	})
}

// Every line of a page is either the site's frame or in the comparison.
func TestSharedPagesLoseNothing(t *testing.T) {
	t.Parallel()
	for _, page := range []string{karpathyPage, smolPage} {
		src := readShared(t, page)
		c := mustImport(t, page, src)
		y, err := c.EncodeYAML()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(strings.Fields(string(y)), " ")
		all = strings.ReplaceAll(all, `\"`, `"`)
		for _, l := range textLines(src) {
			if len(l.text) < 40 || strings.HasPrefix(l.text, "Which one") || strings.HasPrefix(l.text, "Compare/") || strings.HasPrefix(l.text, "New AI tools") {
				continue
			}
			if want := strings.Trim(l.text, "“”"); !strings.Contains(all, want) {
				t.Errorf("%s:%d: not in the comparison: %s", page, l.number, want)
			}
		}
	}
}

// The same pages as HTML, from the browser's saved file, a URL or a pipe.
func TestSharedPagesAsHTML(t *testing.T) {
	t.Parallel()
	for page, labelled := range map[string]bool{karpathyPage: true, smolPage: false} {
		want := mustImport(t, page, readShared(t, page))
		src := []byte(pageHTML(want, labelled))
		for _, file := range []string{"page.html", "standard input", "saved.txt"} {
			assertSame(t, page+" as HTML, "+file, mustImport(t, file, src), want)
		}
	}
}

func TestSharedPagesAreOnePairing(t *testing.T) {
	t.Parallel()
	a, b := mustImport(t, karpathyPage, readShared(t, karpathyPage)), mustImport(t, smolPage, readShared(t, smolPage))
	if !SamePairing([2]string{a.Tools[0].Name, a.Tools[1].Name}, [2]string{b.Tools[0].Name, b.Tools[1].Name}) {
		t.Errorf("SamePairing(%s, %s): got false, want true", a.Title(), b.Title())
	}
}
