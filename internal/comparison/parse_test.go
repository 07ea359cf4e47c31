package comparison

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const goodYAML = `# A comment.
slug: pagefern-vs-quillbase-2
published: 2026-11-18
url: https://compare.example/c/pagefern-vs-quillbase-2
tools:
  - name: Pagefern
    tagline: Drafts release notes from merged pull requests
    category: Writing
    url: https://pagefern.example/
    entry: $9/mo
    pricing: $9/mo, $90/yr
    best_for: Small teams that release weekly
    description: |
      Pagefern reads merged pull
      requests and drafts release notes.

      It asks when a title says nothing.
    panel: {ship: 2, skip: 1, percent: 67}
    community: {ship: 12, skip: 3}
    reviews:
      - reviewer: Builder
        score: 80
        verdict: ship
        take: >
          The first draft was
          "90% right".

          I kept it.
      - {reviewer: Skeptic, score: 100, verdict: ship, take: "One line.\n\nAnother: #2"}
      - {reviewer: Creator, score: 0, verdict: skip, take: It writes like a changelog}
  - name: Quillbase 2
    community:
    panel: {percent: 0}
    reviews:
      - take: Search by meaning finds everything but the page I wanted.
`

func wantGood() Comparison {
	published, _ := ParsePublished("2026-11-18")
	return Comparison{
		Slug: "pagefern-vs-quillbase-2", Published: published, URL: "https://compare.example/c/pagefern-vs-quillbase-2",
		Tools: [2]Tool{{
			Name: "Pagefern", Tagline: "Drafts release notes from merged pull requests", Category: "Writing", URL: "https://pagefern.example/",
			Entry: "$9/mo", Pricing: "$9/mo, $90/yr", BestFor: "Small teams that release weekly",
			Description: "Pagefern reads merged pull requests and drafts release notes.\n\nIt asks when a title says nothing.",
			Panel:       &Panel{Ship: ptr(2), Skip: ptr(1), Percent: ptr(67)}, Community: &Votes{Ship: 12, Skip: 3},
			Reviews: []Review{
				{Builder, ptr(80), Ship, "The first draft was \"90% right\".\n\nI kept it."},
				{Skeptic, ptr(100), Ship, "One line.\n\nAnother: #2"},
				{Creator, ptr(0), Skip, "It writes like a changelog"},
			},
		}, {
			Name: "Quillbase 2", Panel: &Panel{Percent: ptr(0)},
			Reviews: []Review{{Take: "Search by meaning finds everything but the page I wanted."}},
		}},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"good.yaml": goodYAML,
		"crlf.yaml": strings.ReplaceAll(goodYAML, "\n", "\r\n"),
		"bom.yml":   "\ufeff" + goodYAML,
		"good.json": string(mustJSON(t, wantGood())),
	} {
		got, problems := Parse(name, []byte(src))
		if len(problems) > 0 {
			t.Errorf("%s: got %v, want no problem", name, problems)
		}
		assertSame(t, name, got, wantGood())
	}
	got, _ := Parse("c/good.yaml", []byte(goodYAML))
	for field, want := range map[string]int{
		"": 2, "slug": 2, "tools[0].name": 6, "tools[0].panel.percent": 18, "tools[0].reviews[1].take": 29,
		"tools[1].community": 32, "tools[1].entry": 31, "tools[1].reviews[0].score": 35, "tools[7]": 6, "nonsense": 2,
	} {
		if line := got.Line(field); line != want {
			t.Errorf("Line(%q): got %d, want %d", field, line, want)
		}
	}
}

func mustJSON(t testing.TB, c Comparison) []byte {
	t.Helper()
	src, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestParseSlugOfFile(t *testing.T) {
	t.Parallel()
	src := []byte(strings.Replace(goodYAML, "slug: pagefern-vs-quillbase-2\n", "", 1))
	if c, problems := Parse("folder/a-vs-b.yaml", src); c.Slug != "a-vs-b" || len(problems) > 0 {
		t.Errorf("got slug %q and %v, want a-vs-b", c.Slug, problems)
	}
	_, problems := Parse("folder/A vs Bé.yaml", src)
	assertProblems(t, problems, `folder/A vs Bé.yaml:2: the file's name "A vs Bé" is not a slug (a-z, 0-9 and hyphens); rename the file or add slug: a-vs-be`)
}

func assertProblems(t *testing.T, got []Problem, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("problem %d: got none, want %q", i, want[i])
		case i >= len(want):
			t.Errorf("problem %d: got %q, want none", i, got[i])
		case !strings.Contains(got[i].String(), want[i]):
			t.Errorf("problem %d: got %q, want %q in it", i, got[i], want[i])
		}
	}
}

// Each case changes goodYAML; the problems must be these and no others.
func TestParseProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"unknown key", "published:", "publised:", []string{"x.yaml:2: published: is missing", "x.yaml:3: unknown key `publised`; did you mean `published`?"}},
		{"key of a tool", "tagline:", "tag_line:", []string{":7: unknown key `tag_line` in tool 1; did you mean `tagline`?"}},
		{"key that belongs elsewhere", "    tagline: Drafts", "    percent: Drafts", []string{":7: unknown key `percent` in tool 1; it belongs in panel"}},
		{"key of nothing", "    tagline:", "    zzz_unrelated:", []string{"there are name, tagline, category"}},
		{"key of panel", "skip: 1, percent", "skip: 1, percnt", []string{":18: unknown key `percnt` in panel of tool 1; did you mean `percent`?"}},
		{"key of a review", "        score: 80", "        rating: 80", []string{":22: unknown key `rating` in review 1 of tool 1; there are reviewer"}},
		{"key twice", "    category: Writing", "    tagline: Writing", []string{":8: `tagline` is given twice in tool 1, first in line 7"}},
		{"no date", "published: 2026-11-18\n", "", []string{":2: published: is missing; add the day"}},
		{"wrong date", "2026-11-18\n", "18.11.2026\n", []string{`:3: published: "18.11.2026" is neither a date`}},
		{"no such day", "2026-11-18\n", "2026-02-30\n", []string{`:3: published: "2026-02-30" is neither`}},
		{"date of no type", "2026-11-18\n", "20261118\n", []string{":3: published: is the number 20261118"}},
		{"ancient date", "2026-11-18\n", "0001-01-01\n", []string{":3: published: 0001-01-01 is before 1970"}},
		{"slug", "slug: pagefern-vs", "slug: Pagefern vs", []string{`:2: slug: "Pagefern vs-quillbase-2" may hold a-z, 0-9 and hyphens only; write pagefern-vs-quillbase-2`}},
		{"slug as path", "slug: pagefern-vs", "slug: ../pagefern-vs", []string{":2: slug:"}},
		{"long slug", "slug: pagefern", "slug: " + strings.Repeat("a", 120), []string{":2: slug: has 135 characters; 120 at most"}},
		{"url scheme", "url: https://compare", "url: javascript://compare", []string{":4: url:"}},
		{"url relative", "url: https://compare.example/c", "url: /c", []string{":4: url: \"/c/pagefern-vs-quillbase-2\" must begin with https://"}},
		{"url without host", "url: https://compare.example/c", "url: https:///c", []string{":4: url:"}},
		{"url with password", "url: https://compare", "url: https://u:p@compare", []string{":4: url: holds a user name"}},
		{"url with spaces", "url: https://compare.example/c", "url: https://compare.example/c d", []string{":4: url:"}},
		{"url with an invisible end", "url: https://compare.example/c/pagefern-vs-quillbase-2", "url: https://compare.example/c\u200b", []string{`:4: url: has an invisible character (U+200B) behind "https://compare.example/c"; copy the address anew`}},
		{"url with a mark inside", "url: https://pagefern.example/", "url: https://pagefern.example/\u200fx", []string{":9: url: has an invisible character (U+200F)"}},
		{"url with a soft hyphen", "url: https://pagefern.example/", "url: https://page\u00adfern.example/", []string{":9: url: has an invisible character (U+00AD)"}},
		{"url with a word joiner", "url: https://pagefern.example/", "url: https://pagefern.example/a\u2060b", []string{":9: url: has an invisible character (U+2060)"}},
		{"tool's url", "url: https://pagefern.example/", "url: pagefern.example", []string{":9: url: \"pagefern.example\" must begin"}},
		{"one tool", goodYAML[strings.Index(goodYAML, "  - name: Quill"):], "", []string{":6: tools: has 1; a comparison sets exactly two"}},
		{"three tools", "  - name: Quill", "  - name: Third\n  - name: Quill", []string{":6: tools: has 3"}},
		{"tools as keys", "tools:\n  - name: Pagefern", "tools:\n    name: Pagefern", []string{"is not YAML"}},
		{"tools as text", goodYAML[strings.Index(goodYAML, "tools:"):], "tools: two of them\n", []string{`:5: tools: is the text "two of them", but must be a list`}},
		{"a tool as text", goodYAML[strings.Index(goodYAML, "tools:"):], "tools:\n  - Pagefern\n  - Quillbase\n", []string{`:6: tools[0]: is the text "Pagefern", but must have keys such as name and tagline`, `:7: tools[1]:`}},
		{"no name", "  - name: Quillbase 2\n    community:", "  - community:", []string{":31: name: is missing"}},
		{"the same name", "name: Quillbase 2", "name: PAGEFERN", []string{":31: name: is \"PAGEFERN\" in both tools"}},
		{"long name", "name: Quillbase 2", "name: " + strings.Repeat("é", 121), []string{":31: name: has 121 characters; 120 at most"}},
		{"number as name", "name: Quillbase 2", "name: 2", []string{":31: name: is the number 2, but must be text; put it in quotes"}},
		{"yes as text", "category: Writing", "category: true", []string{":8: category: is true, but must be text; put it in quotes"}},
		{"list as text", "category: Writing", "category: [Writing]", []string{":8: category: is a list, but must be text"}},
		{"binary as text", "category: Writing", "category: !!binary aGk=", []string{":8: category: is of the type !!binary, but must be text"}},
		{"line break in a name", "name: Quillbase 2", `name: "Quill\nbase"`, []string{":31: name: has a line break"}},
		{"CR in a name", "name: Quillbase 2", `name: "Quill\rBcc: x@y"`, []string{":31: name: has a line break"}},
		{"override", "category: Writing", `category: "\u202eWriting"`, []string{":8: category: has an invisible character that changes the direction of text; delete it (U+202E)"}},
		{"isolate in a take", "It writes like", "It \u2067writes like", []string{":30: take: has an invisible character"}},
		{"NUL by escape", "category: Writing", `category: "a\0b"`, []string{":8: category: has a control character; delete it (U+0000)"}},
		{"tab in text", "category: Writing", "category: \"a\tb\"", []string{":8: category: has a tab"}},
		{"percent too large", "percent: 67", "percent: 167", []string{":18: percent: is 167, but must be 0 to 100"}},
		{"percent with sign", "percent: 67", "percent: 67%", []string{`:18: percent: is the text "67%", but must be a whole number; write 67`}},
		{"percent in quotes", "percent: 67", `percent: "67"`, []string{`:18: percent: is the text "67", but must be a whole number; write 67`}},
		{"percent with fraction", "percent: 67", "percent: 66.7", []string{":18: percent: is the number 66.7, but must be a whole number"}},
		{"percent against counts", "percent: 67", "percent: 75", []string{":18: percent: is 75, but 2 of 3 is 67"}},
		{"counts against reviews", "{ship: 2, skip: 1, percent: 67}", "{ship: 3, skip: 1, percent: 75}", []string{":18: ship: is 3, but 2 of the reviews below say ship"}},
		{"fewer counted than reviews", "{percent: 0}", "{ship: 0, skip: 0}", []string{":33: panel: counts 0 reviewers, but 1 wrote a review"}},
		{"percent of nobody", "{percent: 0}\n    reviews:\n      - take: Search by meaning finds everything but the page I wanted.", "{ship: 0, skip: 0, percent: 50}", []string{":33: percent: is 50, but the panel counts nobody"}},
		{"percent against verdicts", "{ship: 2, skip: 1, percent: 67}", "{percent: 50}", []string{":18: percent: is 50, but 2 of 3 is 67"}},
		{"negative count", "{ship: 2, skip: 1, percent: 67}", "{ship: -2, skip: -1}", []string{":18: ship: is -2, but a count is 0 or more", ":18: skip: is -1"}},
		{"huge count", "{ship: 2,", "{ship: 20000000000,", []string{":18: ship: is the number 20000000000, but must be a whole number"}},
		{"panel as a number", "panel: {percent: 0}", "panel: 0", []string{":33: panel: is the number 0, but must have keys such as ship and skip"}},
		{"negative votes", "community: {ship: 12, skip: 3}", "community: {ship: 12, skip: -3}", []string{":19: skip: is -3"}},
		{"half the votes", "community: {ship: 12, skip: 3}", "community: {ship: 12}", []string{":19: community: needs both ship and skip"}},
		{"votes in per cent", "community: {ship: 12, skip: 3}", "community: {percent: 80}", []string{":19: unknown key `percent` in community of tool 1; it belongs in panel", ":19: community: needs both"}},
		{"score too large", "score: 100", "score: 101", []string{":29: score: is 101, but must be 0 to 100"}},
		{"score negative", "score: 100", "score: -1", []string{":29: score: is -1"}},
		{"score with its total", "score: 100", "score: 80/100", []string{`:29: score: is the text "80/100"`}},
		{"unknown reviewer", "reviewer: Skeptic", "reviewer: Sceptic", []string{`:29: reviewer: "Sceptic" is not one of Builder, Skeptic, Futurist, Creator, Founder; did you mean Skeptic?`}},
		{"small reviewer", "reviewer: Skeptic", "reviewer: skeptic", []string{"did you mean Skeptic?"}},
		{"reviewer twice", "reviewer: Skeptic", "reviewer: Builder", []string{":29: reviewer: Builder has a take on this tool already in line 21"}},
		{"unknown verdict", "verdict: skip", "verdict: Skip", []string{`:30: verdict: "Skip" is neither ship nor skip; did you mean skip?`}},
		{"no take", "take: It writes like a changelog", "take: ", []string{":30: take: is missing"}},
		{"review as text", "      - take: Search", "      - Search", []string{`:35: reviews[0]: is the text`}},
		{"alias", "    category: Writing", "    category: &w Writing\n    entry: *w\n    best_for: x", []string{":9: entry: is an alias (*w), which is not allowed here", ":12: `entry` is given twice", ":14: `best_for` is given twice"}},
		{"merge key", "    category: Writing", "    <<: {category: Writing}", []string{":8: unknown key `<<` in tool 1"}},
		{"second document", "  - name: Quill", "---\n  - name: Quill", []string{":32: a second YAML document begins here"}},
		{"control character", "category: Writing", "category: Wri\x1bting", []string{":8: holds the control character U+001B"}},
		{"bytes that are no text", "category: Writing", "category: Wri\xc3ting", []string{":8: is not UTF-8 text"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Parse("x.yaml", []byte(replaceOnce(t, goodYAML, tt.old, tt.new)))
			assertProblems(t, problems, tt.want...)
		})
	}
}

// All that is wrong is said at once, in the order of lines.
func TestParseAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	src := strings.NewReplacer("2026-11-18", "soon", "percent: 67", "percent: 99", "score: 100", "score: 1000", "verdict: skip", "verdict: no", "name: Quillbase 2", "nam: Quillbase 2").Replace(goodYAML)
	_, problems := Parse("x.yaml", []byte(src))
	assertProblems(t, problems, "x.yaml:3: published", "x.yaml:18: percent", "x.yaml:29: score", "x.yaml:30: verdict", "x.yaml:31: unknown key `nam`", "x.yaml:31: name: is missing")
}

func TestParseSyntax(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, src, want string
	}{
		{"x.yaml", "", "x.yaml:1: is empty"},
		{"x.yaml", "\n  \n", "x.yaml:1: is empty"},
		{"x.yaml", "# only a comment\n", "x.yaml:1: holds nothing but comments"},
		{"x.yaml", "a: 1\nb: 'x' y\n", "x.yaml:2: has text after a closing quotation mark"},
		{"x.yaml", "published: 20261118\n", "x.yaml:1: published: is the number 20261118, but must be a date (2026-11-18)"},
		{"x.yaml", "a: 1\n\tb: 2\n", "x.yaml:2: is indented with a tab"},
		{"x.yaml", "a: 1\nb c\nd: 3\n", "x.yaml:2: is not YAML"},
		{"x.yaml", "slug: x\ntagline: one: two\n", `x.yaml:2: has a second ": " in it`},
		{"x.yaml", "tools:\n  - name: a\n   tagline: b\n", "x.yaml:3: is not YAML"},
		{"x.yaml", "slug: x\nurl: \"https\ntools: []\n", "x.yaml:2: has a quotation mark that is never closed"},
		{"x.yaml", "a: 1\nb: [1, 2\nc: 3\nd: 4\n", "x.yaml:2: has a bracket"},
		{"x.yaml", "a: |\n  x\n y\nz: 1\n", "x.yaml:3: is not YAML"},
		{"x.yaml", "a: [1,\n 2]\nb: }\nc: 1\n", "x.yaml:3: has a bracket"},
		{"x.yaml", "a: 1\nb: @x\n", "x.yaml:2: has a text that begins with @; put it in quotes"},
		{"x.yaml", "just text\n", `x.yaml:1: is the text "just text", but must have keys such as slug and published`},
		{"x.yaml", "- a\n- b\n", "x.yaml:1: is a list, but must have keys"},
		{"x.yaml", "a: &a [x]\nb: &b [*a, *a]\n", "x.yaml:1: unknown key `a`; there are slug"},
		{"x.yaml", strings.Repeat("a", maxFile+1), "x.yaml: is larger than 1024 KiB"},
		{"x.json", "{\n \"slug\": \"x\",\n \"tools\" []\n}", "x.json:3: is not JSON"},
		{"x.json", "{\"slug\": \"x\",\n", "x.json:1: is not JSON: unexpected end"},
		{"x.json", "{} {}", "x.json:1: is not JSON"},
		{"x.json", "[]", "x.json:1: is a list, but must have keys"},
		{"x.json", "null", "x.json:1: is empty, but must have keys"},
		{"x.json", strings.Repeat("[", 100000), "x.json:1: is not JSON"},
		{"x.yaml", strings.Repeat("[", 100000), "x.yaml:1: is not YAML"},
		{"x.json", "{\n\"slug\": \"x\",\n\"slug\": \"y\"\n}", `x.json:1: tools: is missing`},
	}
	for _, tt := range tests {
		_, problems := Parse(tt.file, []byte(tt.src))
		if len(problems) == 0 || !strings.Contains(problems[0].String(), tt.want) {
			t.Errorf("Parse(%.40q): got %.200v, want %q first", tt.src, problems, tt.want)
		}
	}
}

// A bomb that doubles with every line must stay as small as it is.
func TestParseAliasBomb(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("slug: x\na0: &a0 [x, x]\n")
	for i := range 60 {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	b.WriteString("tools: *a60\n")
	_, problems := Parse("x.yaml", []byte(b.String()))
	if len(problems) < 61 {
		t.Errorf("got %d problems, want one for each unknown key", len(problems))
	}
}

func TestParseJSONEscapes(t *testing.T) {
	t.Parallel()
	src := `{"slug": "x", "published": "2026-11-18T09:00:00.5+01:00", "tools": [
	{"name": "Ca\u0066\u00e9 \ud83d\ude00", "url": "https:\/\/a.example\/"},
	{"name": "B", "panel": {"percent": 1e2}}]}`
	c, problems := Parse("x.json", []byte(src))
	assertProblems(t, problems, "x.json:3: percent: is the number 1e2, but must be a whole number")
	if want := "Café 😀"; c.Tools[0].Name != want {
		t.Errorf("name: got %q, want %q", c.Tools[0].Name, want)
	}
	if want := "2026-11-18T09:00:00.5+01:00"; c.Published.String() != want {
		t.Errorf("published: got %s, want %s", c.Published, want)
	}
}

func TestUnmarshalJSON(t *testing.T) {
	t.Parallel()
	var got Comparison
	if err := json.Unmarshal(mustJSON(t, wantGood()), &got); err != nil {
		t.Fatal(err)
	}
	assertSame(t, "UnmarshalJSON", got, wantGood())
	err := json.Unmarshal([]byte(`{"tools": [{"name": "A", "best": "x"}, {"name": "B"}]}`), &got)
	if err == nil || !strings.Contains(err.Error(), "unknown key `best` in tool 1") {
		t.Errorf("got %v, want an error that names the unknown key", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if got := wantGood().Validate(); len(got) > 0 {
		t.Errorf("Validate: got %v, want no problem", got)
	}
	c := wantGood()
	c.Published = Published{}
	c.Tools[1].Name = "x\ny"
	assertProblems(t, c.Validate(), "published: is missing", "name: has a line break")
}
