package comparison

import (
	"strings"
	"testing"
)

func addSeeds(f *testing.F) {
	f.Helper()
	f.Add([]byte(goodYAML))
	f.Add(mustJSON(f, wantGood()))
	for _, s := range []string{"", "{}", "[", "a: &a [*a]", "\xef\xbb\xbfa: 1", "a: |\n  x\n y"} {
		f.Add([]byte(s))
	}
}

// FuzzParse: no input panics, and what passes survives being written.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, file := range []string{"x.yaml", "x.json"} {
			c, problems := Parse(file, src)
			if len(problems) == 0 {
				assertSurvives(t, c)
			}
			for _, p := range problems {
				if p.Message == "" || p.Line < 0 || p.Line > 1+strings.Count(strings.ReplaceAll(string(src), "\r", "\n"), "\n") {
					t.Errorf("got problem %+v, want a message and a line of the source", p)
				}
			}
		}
	})
}

// assertSurvives writes a valid comparison as YAML and JSON and reads it back.
func assertSurvives(t *testing.T, c Comparison) {
	t.Helper()
	y, err := c.EncodeYAML()
	if err != nil {
		t.Fatal(err)
	}
	for file, src := range map[string][]byte{"x.yaml": y, "x.json": mustJSON(t, c)} {
		got, problems := Parse(file, src)
		if len(problems) > 0 {
			t.Fatalf("got %v, want no problem in:\n%s", problems, src)
		}
		if got.Published.String() != c.Published.String() {
			t.Fatalf("published: got %v, want %v", got.Published, c.Published)
		}
		got.Published = c.Published
		assertSame(t, string(src), got, c)
	}
}

// FuzzParseFeed: no feed panics, and what it carries keeps every rule.
func FuzzParseFeed(f *testing.F) {
	item := string(mustJSON(f, wantGood()))
	f.Add([]byte(`{"version": "https://jsonfeed.org/version/1.1", "items": [{"_comparison": ` + item + `}]}`))
	f.Add([]byte(`{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://a.example/", "_comparison": {"slug": 1}}, 7, null]}`))
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		list, _ := ParseFeed("feed.json", src)
		for _, c := range list {
			if problems := c.Validate(); len(problems) > 0 {
				t.Errorf("got %v, want a valid comparison", problems)
			}
			assertSurvives(t, c)
		}
	})
}
