package sitepage

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// The wanted values of testdata/labelled.* and testdata/compact.*.
func wantLabelled() comparison.Comparison {
	return comparison.Comparison{
		Slug: "pagefern-vs-quillbase-2",
		Tools: [2]comparison.Tool{{
			Name: "Pagefern", Tagline: "Drafts release notes from merged pull requests", Category: "Writing",
			Entry: "$9/mo", Pricing: "$9/mo, $90/yr", BestFor: "Small teams that release weekly",
			Description: "Pagefern reads merged pull requests and drafts release notes in the voice of the last ten releases.\n\n" +
				`It keeps "why" apart from 'what', and asks when a title says nothing.`,
			Panel:     &comparison.Panel{Ship: ptr(2), Skip: ptr(1), Percent: ptr(67)},
			Community: &comparison.Votes{Ship: 12, Skip: 3},
			Reviews: []comparison.Review{
				{Reviewer: comparison.Builder, Score: ptr(80), Verdict: comparison.Ship, Take: "I pointed it at a repository with four hundred merged branches. The first draft was 90% right, and it said “I don't know” for the rest.\n\n" +
					"A rival page says 80/100 · ship and No panel take in one line, which proves nothing."},
				{Reviewer: comparison.Futurist, Score: ptr(74), Verdict: comparison.Ship, Take: "Release notes are the last text that nobody wants to write.\n\nNo panel take\n\n" +
					"That was the whole answer when I asked it about a release with no merges, and I count it as honest."},
				{Reviewer: comparison.Creator, Score: ptr(39), Verdict: comparison.Skip, Take: "It writes like a changelog. The Founder row below is kinder than I am."},
			},
		}, {
			Name: "Quillbase 2", Tagline: "A notebook that answers from its own pages", Category: "Docs & Notes",
			BestFor:     "People who keep everything",
			Description: "Quillbase 2 is a notebook with search by meaning. Answers cite the page they came from.",
			Panel:       &comparison.Panel{Ship: ptr(0), Skip: ptr(2), Percent: ptr(0)},
			Reviews: []comparison.Review{
				{Reviewer: comparison.Builder, Score: ptr(41), Verdict: comparison.Skip, Take: "Search by meaning finds everything but the page I wanted."},
				{Reviewer: comparison.Founder, Score: ptr(35), Verdict: comparison.Skip, Take: "Reviewer scorecard or not: there is no price on the page, so there is no business to judge."},
			},
		}},
	}
}

func wantCompact() comparison.Comparison {
	return comparison.Comparison{
		Slug: "mossgrep-vs-lintwren",
		Tools: [2]comparison.Tool{{
			Name: "Mossgrep", Tagline: "Finds code by what it does", Category: "Code Search", Entry: "Free",
			Description: "Mossgrep builds a local index of a repository and answers questions about it.\n\nThe index never leaves the machine.",
			Panel:       &comparison.Panel{Percent: ptr(50)},
			Reviews: []comparison.Review{
				{Take: "It found the retry loop that I had described as “the thing that waits too long”. Indexing took four minutes."},
				{Take: "Local search is a feature, and editors will ship it.\n\nThey said “soon” a year ago, though, and 80/100 · ship would be my score for trying."},
			},
		}, {
			Name: "Lintwren", Tagline: "Reviews a change before a person has to", Category: "Code Review", Entry: "$12/seat",
			Description: "Lintwren comments on a change with one finding at a time, the gravest first.",
			Panel:       &comparison.Panel{Percent: ptr(100)},
			Reviews: []comparison.Review{
				{Take: "One finding at a time sounds slow. It is the first review bot whose comments I read to the end."},
				{Take: "No panel take is needed to see that “gravest first” is the right order."},
			},
		}},
	}
}

func TestImportFixtures(t *testing.T) {
	t.Parallel()
	assertSame(t, "labelled.txt", mustImport(t, "labelled.txt", readTestdata(t, "labelled.txt")), wantLabelled())
	assertSame(t, "compact.txt", mustImport(t, "compact.txt", readTestdata(t, "compact.txt")), wantCompact())
	assertSame(t, "compact.html", mustImport(t, "compact.html", readTestdata(t, "compact.html")), wantCompact())
	want := wantLabelled()
	want.URL = "https://compare.example/c/pagefern-vs-quillbase-2" // <link rel=canonical>
	assertSame(t, "labelled.html", mustImport(t, "labelled.html", readTestdata(t, "labelled.html")), want)
}

// What people do to a page's text on its way must not change what it says.
func TestImportTolerates(t *testing.T) {
	t.Parallel()
	changes := map[string]func(string) string{
		"CRLF":           func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"CR":             func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
		"BOM":            func(s string) string { return "\ufeff" + s },
		"no-break space": func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") },
		"indented":       func(s string) string { return strings.ReplaceAll(s, "\n", " \n\t  ") },
		"empty lines":    func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n\n") },
		"no empty lines": func(s string) string { return strings.ReplaceAll(s, "\n\n", "\n") },
		"no chrome":      func(s string) string { s, _, _ = strings.Cut(s, "Weekly AI Tool Verdicts"); return s },
		"cut chrome":     func(s string) string { s, _, _ = strings.Cut(s, "\nGet the next"); return s },
		"bookmarks":      func(s string) string { return s + "\n\nBookmarks\n\nLoading bookmarks...\n\nNo bookmarks yet\n" },
		"no heading":     func(s string) string { return strings.Replace(s, "AI tool comparison\n", "", 1) },
		"menu above":     func(s string) string { return "Home\nTools\nTea vs Coffee\nSign in\n" + s },
		"capital labels": func(s string) string {
			return strings.NewReplacer("Panel ship\n", "PANEL SHIP\n", "Community\n", "COMMUNITY\n", "Entry\n", "ENTRY\n",
				"Reviewer scorecard\n", "REVIEWER SCORECARD\n", "Panel verdict\n", "PANEL VERDICT\n").Replace(s)
		},
	}
	for name, change := range changes {
		assertSame(t, "labelled.txt with "+name, mustImport(t, "-", []byte(change(string(readTestdata(t, "labelled.txt"))))), wantLabelled())
		assertSame(t, "compact.txt with "+name, mustImport(t, "-", []byte(change(string(readTestdata(t, "compact.txt"))))), wantCompact())
	}
}

// A page's address is that of its HTML, or what a text says; where a text or a
// JSON is kept is no page.
func TestImportURL(t *testing.T) {
	t.Parallel()
	compact, web := string(readTestdata(t, "compact.txt")), string(readTestdata(t, "compact.html"))
	json := `{"tools": [{"name": "A"}, {"name": "B"}]}`
	for _, tt := range []struct{ file, src, want string }{
		{"https://compare.example/c/x#top", web, "https://compare.example/c/x"},
		{"page.html", web, ""},
		{"ftp://compare.example/x", web, ""},
		{"https://mirror.example/x", string(readTestdata(t, "labelled.html")), "https://compare.example/c/pagefern-vs-quillbase-2"}, // canonical
		{"https://mirror.example/x", strings.Replace(web, "<head>", `<head><meta property="og:url" content="https://compare.example/c/y">`, 1), "https://compare.example/c/y"},
		{"https://raw.example/page.txt", compact, ""},
		{"https://raw.example/page.txt", "https://compare.example/c/x\n\n" + compact, "https://compare.example/c/x"},
		{"page.txt", "Source: <https://compare.example/c/x>\n" + compact, "https://compare.example/c/x"},
		{"page.md", "---\nsource: \"https://compare.example/c/x\"\n---\n" + compact, "https://compare.example/c/x"},
		{"page.txt", compact + "\nhttps://elsewhere.example/\n", ""},
		{"https://raw.example/x.json", json, ""},
		{"https://raw.example/x.json", strings.Replace(json, "{", `{"url": "https://compare.example/c/x", `, 1), "https://compare.example/c/x"},
		{"https://raw.example/x.yaml", "tools: [{name: A}, {name: B}]\n", ""},
	} {
		if got := mustImport(t, tt.file, []byte(tt.src)).URL; got != tt.want {
			t.Errorf("URL of %s (%.30q): got %q, want %q", tt.file, tt.src, got, tt.want)
		}
	}
}

func TestImportNotes(t *testing.T) {
	t.Parallel()
	src := strings.Replace(string(readTestdata(t, "compact.txt")), "—\nCommunity", "83% (12 votes)\nCommunity", 1)
	c, notes, err := Import("page.txt", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if c.Tools[0].Community != nil {
		t.Errorf("community: got %+v, want nil; counts must not be guessed from a share", *c.Tools[0].Community)
	}
	if len(notes) == 0 || notes[0].Line != 9 || !strings.Contains(notes[0].Message, "83% (12 votes)") {
		t.Errorf("notes: got %v, want the first for line 9 with the share", notes)
	}
}
