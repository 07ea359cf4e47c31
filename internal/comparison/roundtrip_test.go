package comparison

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Words that are easy to get wrong in YAML, in HTML or on a page.
var words = []string{
	"a", "The", "model", "ships", "naïve", "日本語", "😀", "👩‍💻", "it's", `"quoted"`, "'single'", "“curly”", "`code`", "#tag", "#", "- ", "-", "—",
	"key:", "a:b", ":", "?", "!", "!!str", "&amp", "&lt;", "<b>", "</div>", "*star", "%", "@at", "|", ">", "{x}", "[y]", ",", "yes", "No", "null", "~",
	"12", "0x1F", "1e3", "3.14", ".5", "+1", "1_000", "2026-11-18", "80/100", "·", "ship", "Skip", "Founder", "100%", `\n`, `\`, "---", "...", "=", "<<",
	"e\u0301", "a\u2009b", "vs", "Reviewer", "scorecard", "No", "panel", "take", "supercalifragilisticexpialidocious-and-a-very-long-word-without-any-break-at-all-in-it",
}

func genWords(least, most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(strings.Fields(strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), least, most).Draw(t, "words"), " ")), " ")
	})
}

// genParagraphs gives texts in their normal form.
func genParagraphs(most int) *rapid.Generator[string] {
	paragraph := genWords(1, 40)
	return rapid.Custom(func(t *rapid.T) string {
		return normalParagraphs(strings.Join(rapid.SliceOfN(paragraph, 1, most).Draw(t, "paragraphs"), "\n\n"))
	})
}

func genOptional(g *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), g)
}

// genReviews gives reviews of which the verdicts are known, and the panel that
// they make.
func genReviews(t *rapid.T, take *rapid.Generator[string]) ([]Review, *Panel) {
	var reviews []Review
	ships := 0
	for _, r := range Reviewers() {
		if !rapid.Bool().Draw(t, "has a take") {
			continue
		}
		verdict := rapid.SampledFrom([]Verdict{Ship, Skip}).Draw(t, "verdict")
		if verdict == Ship {
			ships++
		}
		reviews = append(reviews, Review{r, ptr(rapid.IntRange(0, 100).Draw(t, "score")), verdict, take.Draw(t, "take")})
	}
	if len(reviews) == 0 {
		return nil, nil
	}
	return reviews, &Panel{ptr(ships), ptr(len(reviews) - ships), ptr(ships * 100 / len(reviews))}
}

func genPublished(t *rapid.T) Published {
	text := fmt.Sprintf("20%02d-%02d-%02d", rapid.IntRange(0, 99).Draw(t, "y"), rapid.IntRange(1, 12).Draw(t, "m"), rapid.IntRange(1, 28).Draw(t, "d"))
	text += rapid.SampledFrom([]string{"", "T09:00:00Z", "T23:59:59.123+05:30"}).Draw(t, "time")
	p, err := ParsePublished(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// genComparison gives comparisons that keep every rule.
func genComparison(t *rapid.T) Comparison {
	c := Comparison{Slug: rapid.StringMatching(`[a-z0-9-]{1,40}`).Draw(t, "slug"), Published: genPublished(t)}
	if rapid.Bool().Draw(t, "updated") {
		c.Updated = PublishedAt(c.Published.In(time.UTC).AddDate(0, 0, rapid.IntRange(1, 99).Draw(t, "days")))
	}
	c.URL = rapid.SampledFrom([]string{"", "https://a.example/x?y=1&z=%20#f", "http://[2606:4700::1]:8080/"}).Draw(t, "url")
	for i := range c.Tools {
		tool := &c.Tools[i]
		tool.Name = []string{"A", "B"}[i] + " " + rapid.SampledFrom(words[:12]).Draw(t, "name")
		tool.Tagline = genOptional(genWords(1, 30)).Draw(t, "tagline")
		tool.Category = genOptional(genWords(1, 3)).Draw(t, "category")
		tool.Entry = genOptional(genWords(1, 3)).Draw(t, "entry")
		tool.Pricing = genOptional(genWords(1, 20)).Draw(t, "pricing")
		tool.BestFor = genOptional(genWords(1, 20)).Draw(t, "best for")
		tool.Description = genOptional(genParagraphs(3)).Draw(t, "description")
		tool.Reviews, tool.Panel = genReviews(t, genParagraphs(3))
		switch rapid.IntRange(0, 3).Draw(t, "unknown") {
		case 0: // the compact layout's
			for j := range tool.Reviews {
				tool.Reviews[j] = Review{Take: tool.Reviews[j].Take}
			}
			if tool.Panel != nil {
				tool.Panel = &Panel{Percent: tool.Panel.Percent}
			}
		case 1:
			tool.Panel = nil
		}
		if rapid.Bool().Draw(t, "votes") {
			tool.Community = &Votes{rapid.IntRange(0, 1e6).Draw(t, "ship"), rapid.IntRange(0, 9).Draw(t, "skip")}
		}
	}
	return c
}

func TestRoundTripYAML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := genComparison(t)
		src, err := want.EncodeYAML()
		if err != nil {
			t.Fatal(err)
		}
		got, problems := Parse("x.yaml", src)
		if len(problems) > 0 {
			t.Fatalf("got %v, want no problem in:\n%s", problems, src)
		}
		assertSameRapid(t, string(src), got, want)
	})
}

func TestRoundTripJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := genComparison(t)
		src, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		got, problems := Parse("x.json", src)
		if len(problems) > 0 {
			t.Fatalf("got %v, want no problem in:\n%s", problems, src)
		}
		assertSameRapid(t, string(src), got, want)
	})
}

func assertSameRapid(t *rapid.T, source string, got, want Comparison) {
	t.Helper()
	g, err1 := got.MarshalJSON()
	w, err2 := want.MarshalJSON()
	if err1 != nil || err2 != nil || string(g) != string(w) {
		t.Fatalf("got %s\nwant %s\nfrom:\n%s", g, w, source)
	}
}
