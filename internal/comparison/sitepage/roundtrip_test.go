package sitepage

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/comparison"
)

// Words that are easy to get wrong in HTML or on a page.
var words = []string{
	"a", "The", "model", "ships", "naïve", "日本語", "😀", "👩‍💻", "it's", `"quoted"`, "'single'", "“curly”", "`code`", "#tag", "- ", "-", "—",
	"key:", ":", "?", "!", "&amp", "&lt;", "<b>", "</div>", "*star", "%", "@at", "|", ">", "{x}", "[y]", ",", "yes", "12", "3.14", "80/100", "·",
	"ship", "Skip", "Founder", "100%", `\n`, "e\u0301", "a\u2009b", "vs", "Reviewer", "scorecard", "No", "panel", "take",
}

func genWords(least, most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return oneLine(strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), least, most).Draw(t, "words"), " "))
	}).Filter(func(s string) bool { return !isAbsentMark(s) })
}

// genSentence gives words that begin and end as a sentence does.
func genSentence(most int) *rapid.Generator[string] {
	return rapid.Map(genWords(1, most), func(s string) string { return "It says " + s + "." })
}

// genText gives texts of one to most paragraphs, some of them from extra.
func genText(most int, extra ...string) *rapid.Generator[string] {
	paragraph := genSentence(40)
	if len(extra) > 0 {
		paragraph = rapid.OneOf(paragraph, paragraph, rapid.SampledFrom(extra))
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(paragraph, 1, most).Draw(t, "paragraphs"), "\n\n")
	})
}

func genOptional(g *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), g)
}

// genReviews gives reviews with a name, a score and a verdict each, and the
// panel that they make.
func genReviews(t *rapid.T, take *rapid.Generator[string]) ([]comparison.Review, *comparison.Panel) {
	var reviews []comparison.Review
	ships := 0
	for _, r := range comparison.Reviewers() {
		if !rapid.Bool().Draw(t, "has a take") {
			continue
		}
		verdict := rapid.SampledFrom([]comparison.Verdict{comparison.Ship, comparison.Skip}).Draw(t, "verdict")
		if verdict == comparison.Ship {
			ships++
		}
		reviews = append(reviews, comparison.Review{Reviewer: r, Score: ptr(rapid.IntRange(0, 100).Draw(t, "score")), Verdict: verdict, Take: take.Draw(t, "take")})
	}
	if len(reviews) == 0 {
		return nil, nil
	}
	return reviews, &comparison.Panel{Ship: ptr(ships), Skip: ptr(len(reviews) - ships), Percent: ptr(ships * 100 / len(reviews))}
}

// genPage gives comparisons as a page shows them: white space is single, and
// neither a date nor a URL is there.
func genPage(t *rapid.T, take *rapid.Generator[string], named bool) comparison.Comparison {
	var c comparison.Comparison
	line := genOptional(genWords(1, 20))
	for i := range c.Tools {
		tool := &c.Tools[i]
		tool.Name = []string{"A", "B"}[i] + " " + rapid.SampledFrom(words[:12]).Draw(t, "name")
		tool.Tagline = line.Filter(func(s string) bool {
			return !isVerdict(s) && !isFixed(s) && !isControl(s) && !strings.EqualFold(s, tool.Name)
		}).Draw(t, "tagline")
		tool.Category = rapid.SampledFrom([]string{"", "Developer Tools", "Docs & Notes", "AI"}).Draw(t, "category")
		tool.Entry = genOptional(genWords(1, 3)).Draw(t, "entry")
		tool.Description = genOptional(genText(3)).Draw(t, "description")
		tool.Reviews, tool.Panel = genReviews(t, take)
		if named {
			tool.Pricing, tool.BestFor = line.Draw(t, "pricing"), line.Draw(t, "best for")
			if rapid.Bool().Draw(t, "votes") {
				tool.Community = &comparison.Votes{Ship: rapid.IntRange(0, 1e6).Draw(t, "ship"), Skip: rapid.IntRange(0, 9).Draw(t, "skip")}
			}
		}
	}
	c, problems := comparison.Draft(c, "", nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func assertSameRapid(t *rapid.T, source string, got, want comparison.Comparison) {
	t.Helper()
	if g, w := asJSON(got), asJSON(want); g != w {
		t.Fatalf("got %s\nwant %s\nfrom:\n%s", g, w, source)
	}
}

var gapless = strings.NewReplacer("\n\n", "\n")

func TestRoundTripLabelledPage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := genPage(t, genText(3).Filter(isNoMarker), true)
		text := labelledText(want)
		if rapid.Bool().Draw(t, "gapless") {
			text = gapless.Replace(text)
		}
		for file, src := range map[string]string{"page.txt": text, "page.html": pageHTML(want, true)} {
			got, _, err := Import(file, []byte(src))
			if err != nil {
				t.Fatalf("got %v, want none for:\n%s", err, src)
			}
			assertSameRapid(t, src, got, want)
		}
	})
}

// isNoMarker is for texts of which no paragraph looks like a part of the page.
func isNoMarker(text string) bool {
	return !slices.ContainsFunc(strings.Split(text, "\n\n"), func(p string) bool {
		_, isName := slices.BinarySearch([]string{"Builder", "Creator", "Founder", "Futurist", "Skeptic"}, p)
		return isName || isNoTake(p) || scoreLine.MatchString(p) || nearScore.MatchString(p)
	})
}

// A take may have paragraphs that look like the page's own lines. Then the page
// is read right, or refused, or what was left out is named.
func TestLabelledPageIsNeverReadWrong(t *testing.T) {
	t.Parallel()
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		markers := []string{"80/100 · ship", "45/100 · skip", "No panel take", "Builder", "Skeptic", "Founder", "Reviewer scorecard", "Bookmarks",
			"Weekly AI Tool Verdicts", "Decision", "Panel ship", "Community", "Entry"}
		want := genPage(t, genText(4, markers...), true)
		text := labelledText(want)
		got, notes, err := Import("page.txt", []byte(text))
		if err == nil {
			read++
		}
		if err == nil && !slices.ContainsFunc(notes, func(n comparison.Problem) bool { return strings.HasPrefix(n.Message, "left out") }) {
			assertSameRapid(t, text, got, want)
		}
	})
	if read == 0 {
		t.Error("got no page read at all, want most")
	}
	t.Logf("%d pages read, the others refused", read)
}

func TestRoundTripCompactPage(t *testing.T) {
	t.Parallel()
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		paragraph := rapid.OneOf(genSentence(20), rapid.SampledFrom([]string{"He said “no”", "“So what” is no answer", "“Fine”", "80/100 · ship", "Founder", "Bookmarks"}))
		take := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(paragraph, 1, 3).Draw(t, "paragraphs"), "\n\n")
		})
		want := genPage(t, take, false)
		n := rapid.IntRange(1, 5).Draw(t, "takes")
		for i := range want.Tools {
			tool := &want.Tools[i]
			tool.Reviews = nil
			for range n {
				tool.Reviews = append(tool.Reviews, comparison.Review{Take: take.Draw(t, "take")})
			}
			tool.Panel = &comparison.Panel{Percent: ptr(rapid.IntRange(0, n).Draw(t, "ships") * 100 / n)}
		}
		for file, src := range map[string]string{"page.txt": compactText(want), "page.html": pageHTML(want, false)} {
			got, _, err := Import(file, []byte(src))
			switch {
			case err == nil:
				read++
				assertSameRapid(t, src, got, want)
			case !strings.Contains(err.Error(), "unambiguous line"):
				t.Fatalf("got %v, want the page read, or refused as ambiguous:\n%s", err, src)
			}
		}
	})
	if read == 0 {
		t.Error("got no page read at all, want most")
	}
	t.Logf("%d pages read, the others refused", read)
}
