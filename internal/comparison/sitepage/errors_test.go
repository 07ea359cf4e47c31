package sitepage

import (
	"errors"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/growthtest"
)

// replaceOnce fails when the fixture no longer holds what a case changes.
func replaceOnce(t *testing.T, src, old, new string) string {
	t.Helper()
	if !strings.Contains(src, old) {
		t.Fatalf("the fixture does not hold %q", old)
	}
	return strings.Replace(src, old, new, 1)
}

// A page that cannot be read is an error that names the line and what was
// expected there.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, old, new string
		at                   string // how the line begins that the error names; "" for the last that says something
		want                 []string
	}{
		{"no page at all", "compact.txt", "Panel ship", "Panel", "", []string{`"Panel ship"`, "second tool", "ends here"}},
		{"no title", "compact.txt", "Mossgrep vs Lintwren\n", "Two tools\n", "AI tool comparison", []string{`title "A vs B"`}},
		{"another title", "compact.txt", "Mossgrep vs Lintwren\n", "Mossgrep vs Copilot\n", "Mossgrep\n", []string{`"Mossgrep vs Copilot"`, "line 2", "by the same name"}},
		{"no category", "compact.txt", "Code Search\n", "", "Which one should", []string{`category of "Mossgrep"`, "Developer Tools"}},
		{"no second category", "compact.txt", "Code Review\n", "", "The index never", []string{`category of "Lintwren"`, `found "The index never leaves`}},
		{"no percentage", "compact.txt", "50%\n", "half\n", "half", []string{`"75%"`, `found "half"`}},
		{"too much above the percentage", "compact.txt", "50%\n", "Split\n50%\n", "Split", []string{`"Ship" or "Skip"`, `found "Split"`}},
		{"no community", "compact.txt", "—\nCommunity\nFree", "Free", "Entry", []string{`"Community"`}},
		{"odd votes", "compact.txt", "—\nCommunity", "many\nCommunity", "many", []string{"12 ship / 3 skip", `found "many"`}},
		{"no entry", "compact.txt", "Free\nEntry\n", "Free\n", "Mossgrep builds", []string{`"Entry"`, "price"}},
		{"no scorecard", "compact.txt", "Reviewer scorecard\n", "", "", []string{`"Reviewer scorecard"`, "ends here"}},
		{"empty scorecard", "compact.txt", compactTakes, "", "Weekly AI", []string{"takes", "Weekly AI Tool"}},
		{"neither layout", "compact.txt", "“It found", "It found", "It found", []string{"reviewer's name", "take in quotes"}},
		{"the last quote stays open", "compact.txt", "right order.”", "right order.", "“No panel take", []string{"closing ”"}},
		{"text between takes", "compact.txt", "“One finding at a time", "A line of nobody\n“One finding at a time", "A line of nobody", []string{"take in quotes"}},
		{"an odd number of takes", "compact.txt", "\n“No panel take is needed to see that “gravest first” is the right order.”", "", "Weekly AI", []string{`a take on "Lintwren"`, "there are 3"}},
		{"an odd number at the end", "compact.txt", compactEnd, "", "", []string{`a take on "Lintwren"`, "ends here"}},
		{"an empty take", "compact.txt", "“One finding at a time sounds slow. It is the first review bot whose comments I read to the end.”", "“”", "“”", []string{"between the quotation marks"}},

		{"a table of other tools", "labelled.txt", "Decision\nPagefern\n", "Decision\nPageform\n", "Pageform", []string{`"Pagefern"`, `found "Pageform"`}},
		{"an unknown row", "labelled.txt", "Pricing\n", "Platform\n", "Platform", []string{"row of the decision table", `found "Platform"`}},
		{"a row twice", "labelled.txt", "Best for\n", "Pricing \n", "Pricing \n", []string{"once", "line 64"}},
		{"a value missing", "labelled.txt", "$9/mo, $90/yr\n—\n", "$9/mo, $90/yr\n", "Small teams", []string{"row of the decision table"}},
		{"a value missing at the end", "labelled.txt", "Writing\nDocs & Notes\n\nReviewer", "Writing\n\nReviewer", "Reviewer scorecard\n", []string{"two values"}},
		{"an odd verdict", "labelled.txt", "Ship · 2 ship / 1 skip", "Probably", "Probably", []string{"Ship · 3 ship / 1 skip", `found "Probably"`}},
		{"counts against takes", "labelled.txt", "67%\n", "33%\n", "33%", []string{"percent: is 33, but 2 of 3 is 67"}},
		{"a score out of range", "labelled.txt", "74/100 · ship", "740/100 · ship", "740/100", []string{"score: is 740"}},
		{"a broken score on the left", "labelled.txt", "80/100 · ship\n\nI pointed", "80/10 · ship\n\nI pointed", "80/10 ", []string{`"80/100 · ship"`, `found "80/10 · ship"`}},
		{"a broken score on the right", "labelled.txt", "41/100 · skip", "41/100 · maybe", "41/100", []string{`"80/100 · ship"`, `found "41/100 · maybe"`}},
		{"a score missing on the right", "labelled.txt", "41/100 · skip\n", "", "Skeptic", []string{`for "Quillbase 2"`, `found "Skeptic"`}},
		{"a take missing on the right", "labelled.txt", "\n\nSearch by meaning finds everything but the page I wanted.", "", "Skeptic", []string{`for "Quillbase 2"`}},
		{"a reviewer nobody knows", "labelled.txt", "Skeptic\nNo panel take", "Analyst\nNo panel take", "Analyst", []string{"a reviewer's name"}},
		{"a reviewer twice", "labelled.txt", "Skeptic\nNo panel take", "Builder \nNo panel take", "Builder \n", []string{"who is not above"}},
		{"an override character", "compact.txt", "Finds code", "Finds \u202ecode", "Finds", []string{"tagline", "direction of text", "U+202E"}},
		{"a control character", "compact.txt", "Finds code", "Finds \x07code", "Finds", []string{"control character U+0007"}},
		{"bytes that are no text", "compact.txt", "Finds code", "Finds \xff\xfecode", "Finds", []string{"UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := replaceOnce(t, string(readTestdata(t, tt.file)), tt.old, tt.new)
			c, _, err := Import("page.txt", []byte(src))
			var invalid *comparison.InvalidError
			if !errors.As(err, &invalid) || !errors.Is(err, comparison.ErrInvalid) || len(invalid.Problems) == 0 {
				t.Fatalf("got %v and %+v, want an InvalidError", err, asJSON(c))
			}
			if got := invalid.Problems[0]; got.Line != lineOf(t, src, tt.at) || got.File != "page.txt" {
				t.Errorf("got %v, want line %d of page.txt", got, lineOf(t, src, tt.at))
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
		})
	}
}

// lineOf is the 1-based line that begins with text.
func lineOf(t *testing.T, src, text string) int {
	t.Helper()
	if text == "" {
		return 1 + strings.Count(strings.TrimSpace(src), "\n")
	}
	before, _, found := strings.Cut("\n"+src, "\n"+text)
	if !found {
		t.Fatalf("no line begins with %q", text)
	}
	return 1 + strings.Count(before, "\n")
}

const compactTakes = `“It found the retry loop that I had described as “the thing that waits too long”. Indexing took four minutes.”
“One finding at a time sounds slow. It is the first review bot whose comments I read to the end.”
“Local search is a feature, and editors will ship it.
They said “soon” a year ago, though, and 80/100 · ship would be my score for trying.”
“No panel take is needed to see that “gravest first” is the right order.”
`

const compactEnd = `
“No panel take is needed to see that “gravest first” is the right order.”
Weekly AI Tool Verdicts
Get the next comparison in your inbox
New AI tools ship daily. We compare them before you waste an afternoon.`

func TestImportNothing(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"":                         "page.txt:1: is empty",
		" \n\n\t":                  "page.txt:1: is empty",
		"\ufeff":                   "page.txt:1: is empty",
		"Just a line.":             `page.txt:1: expected "Panel ship"`,
		"<p>Just\n<p>a page</p>":   `page.txt:2: expected "Panel ship"`,
		"<!-- nothing -->":         `page.txt:1: expected "Panel ship"`,
		"50%\nPanel ship":          "page.txt:2: expected a second tool",
		strings.Repeat("x", 6<<20): "page.txt: is larger than 5120 KiB",
	} {
		if _, _, err := Import("page.txt", []byte(src)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Import(%.40q): got %v, want %q first", src, err, want)
		}
	}
}

// Sources made to be slow are read, or refused, in a time that grows with them and
// not with their square.
func TestImportTakesLinearTime(t *testing.T) {
	t.Parallel()
	head, _, _ := strings.Cut(string(readTestdata(t, "labelled.txt")), "Builder\n")
	compact, _, _ := strings.Cut(string(readTestdata(t, "compact.txt")), "“It found")
	for name, source := range map[string]func(fill func(string) string) string{
		"open inline elements":   func(fill func(string) string) string { return "<div>" + fill("<b>") + fill("</i>") },
		"nested inline elements": func(fill func(string) string) string { return "<div>" + fill("<b>x") + fill("</b>") },
		"white space":            func(fill func(string) string) string { return "<div>" + fill("<b> </b>") },
		"open blocks":            func(fill func(string) string) string { return fill("<div>") },
		"cells":                  func(fill func(string) string) string { return "<table><tr><td>Decision" + fill("<td>") },
		"titles":                 func(fill func(string) string) string { return fill("a vs b vs c vs d\n") + "Panel ship\nPanel ship" },
		"one long title":         func(fill func(string) string) string { return fill("a vs ") + "\nPanel ship\nPanel ship" },
		"scores":                 func(fill func(string) string) string { return head + fill("80/100 · ship\n") },
		"scores and takes":       func(fill func(string) string) string { return head + "Builder\n" + fill("80/100 · ship\nx\n") },
		"names and scores":       func(fill func(string) string) string { return head + fill("Builder\n80/100 · ship\nx\n") },
		"no takes":               func(fill func(string) string) string { return head + fill("Founder\nNo panel take\nNo panel take\n") },
		"quotes":                 func(fill func(string) string) string { return compact + fill("“a”\n") },
		"open quotes":            func(fill func(string) string) string { return compact + fill("“a\n") },
		"empty quotes":           func(fill func(string) string) string { return compact + fill("“\n") + "”" },
		"YAML in flow":           func(fill func(string) string) string { return "a: " + fill("[") + "\n" },
		"YAML keys":              func(fill func(string) string) string { return fill("a: 1\n") },
		"YAML quotes":            func(fill func(string) string) string { return "a: \"" + fill("x\n") },
		"JSON":                   func(fill func(string) string) string { return "{\"a\":" + fill("[0,") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			growthtest.Linear(t, 64<<10, func(n int) func() {
				src := []byte(source(func(s string) string { return strings.Repeat(s, n/len(s)) }))
				return func() {
					if _, _, err := Import("-", src); err != nil && !errors.Is(err, comparison.ErrInvalid) {
						t.Errorf("got %.200v, want an InvalidError or none", err)
					}
				}
			})
		})
	}
}
