package comparison

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func feedSource(t *testing.T, items ...string) []byte {
	t.Helper()
	return []byte("{\"version\": \"https://jsonfeed.org/version/1.1\",\n\"title\": \"Verdicts\",\n\"items\": [\n" + strings.Join(items, ",\n") + "\n]}")
}

func feedItem(t *testing.T, c Comparison, more string) string {
	t.Helper()
	body := string(mustJSON(t, c))
	return fmt.Sprintf(`{"id": %q%s, "_comparison": %s}`, c.Slug, more, body)
}

func TestParseFeed(t *testing.T) {
	t.Parallel()
	a, b, bare := wantGood(), wantGood(), wantGood()
	b.Slug = "b"
	bare.Slug, bare.URL, bare.Published = "bare", "", Published{}
	src := feedSource(t,
		feedItem(t, a, `, "url": "https://other.example/", "date_published": "2020-01-01T00:00:00Z"`),
		`{"id": "news", "content_text": "Not a comparison."}`,
		feedItem(t, b, ""),
		feedItem(t, bare, `, "url": "https://site.example/c/bare", "date_published": "2026-11-17T08:00:00Z"`))
	got, problems := ParseFeed("feed.json", src)
	assertProblems(t, problems)
	if len(got) != 3 {
		t.Fatalf("got %d comparisons, want 3", len(got))
	}
	assertSame(t, "first", got[0], a)
	assertSame(t, "second", got[1], b)
	bare.URL, bare.Published = "https://site.example/c/bare", mustPublished(t, "2026-11-17T08:00:00Z")
	assertSame(t, "third, with the item's url and date", got[2], bare)
}

func mustPublished(t testing.TB, s string) Published {
	t.Helper()
	p, err := ParsePublished(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseFeedProblems(t *testing.T) {
	t.Parallel()
	good := wantGood()
	odd, nameless := wantGood(), wantGood()
	odd.Slug = "odd"
	odd.Tools[0].Panel = &Panel{Percent: ptr(101)}
	nameless.Slug = ""
	got, problems := ParseFeed("feed.json", feedSource(t, feedItem(t, odd, ""), feedItem(t, good, ""), feedItem(t, good, ""), feedItem(t, nameless, ""), `{"_comparison": 7}`, `"text"`))
	if len(got) != 1 || got[0].Slug != good.Slug {
		t.Errorf("got %d comparisons, want the good one only", len(got))
	}
	assertProblems(t, problems,
		"feed.json:4: odd: percent: is 101",
		"feed.json:6: pagefern-vs-quillbase-2: slug: pagefern-vs-quillbase-2 is taken by the item in line 5",
		"feed.json:7: item 4: slug: is missing",
		"feed.json:8: item 5: is the number 7, but must have keys")
	if want := "items[0]._comparison.tools[0].panel.percent"; problems[0].Field != want {
		t.Errorf("field: got %q, want %q", problems[0].Field, want)
	}

	for src, want := range map[string]string{
		"":              "f:1: is empty",
		"<rss/>":        "f:1: is not JSON",
		"[]":            "f:1: is not a JSON Feed: it has no version",
		`{"items": []}`: "f:1: is not a JSON Feed: it has no version",
		"{\n\"version\": \"https://jsonfeed.org/version/2\", \"items\": []}":                                    "is not a JSON Feed: it has no version",
		`{"version": "https://jsonfeed.org/version/1"}`:                                                         "f:1: is not a JSON Feed: it has no list of items",
		`{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}]}`:                               "no item of this feed carries a comparison under _comparison",
		`{"version": "https://jsonfeed.org/version/1.1", "items": [{"_comparison": {"slug": "x", "tols": 1}}]}`: "did you mean `tools`?",
	} {
		got, problems := ParseFeed("f", []byte(src))
		if len(got) > 0 || len(problems) == 0 || !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("ParseFeed(%s): got %v, %v, want %q", src, got, problems, want)
		}
	}
	if got, problems := ParseFeed("f", feedSource(t)); len(got) > 0 || len(problems) > 0 {
		t.Errorf("ParseFeed of an empty feed: got %v, %v, want nothing", got, problems)
	}
}

// The keys of the JSON are a promise to scripts.
func TestMarshalJSONKeys(t *testing.T) {
	t.Parallel()
	want := `{"slug":"pagefern-vs-quillbase-2","published":"2026-11-18","url":"https://compare.example/c/pagefern-vs-quillbase-2","tools":[` +
		`{"name":"Pagefern","tagline":"Drafts release notes from merged pull requests","category":"Writing","url":"https://pagefern.example/",` +
		`"entry":"$9/mo","pricing":"$9/mo, $90/yr","best_for":"Small teams that release weekly",` +
		`"description":"Pagefern reads merged pull requests and drafts release notes.\n\nIt asks when a title says nothing.",` +
		`"panel":{"ship":2,"skip":1,"percent":67},"community":{"ship":12,"skip":3},"reviews":[` +
		`{"reviewer":"Builder","score":80,"verdict":"ship","take":"The first draft was \"90% right\".\n\nI kept it."},` +
		`{"reviewer":"Skeptic","score":100,"verdict":"ship","take":"One line.\n\nAnother: #2"},` +
		`{"reviewer":"Creator","score":0,"verdict":"skip","take":"It writes like a changelog"}]},` +
		`{"name":"Quillbase 2","panel":{"percent":0},"reviews":[{"take":"Search by meaning finds everything but the page I wanted."}]}]}`
	if got := string(mustJSON(t, wantGood())); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	c := wantGood()
	c.Tools[0].Tagline = "a < b & c"
	if err := enc.Encode(c); err != nil || !strings.Contains(b.String(), "a < b & c") {
		t.Errorf("got %s, %v, want the text as it is", b.String(), err)
	}
}
