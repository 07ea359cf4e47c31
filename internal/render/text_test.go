package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/mergefield"
)

// Every line of every text part is at most 78 columns wide, but for an address
// that is longer by itself and stands alone.
func TestTextWidth(t *testing.T) {
	t.Parallel()
	for _, mail := range fixtureMails(t, newRenderer(t)) {
		for n, line := range strings.Split(mergefield.Unmarked(mail.out.Text), "\n") {
			if columns(line) > textWidth && !(isAddress(strings.TrimSpace(line)) && len(strings.Fields(line)) == 1) {
				t.Errorf("%s, line %d: got %d columns, want at most %d: %s", mail.name, n+1, columns(line), textWidth, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%s, line %d ends in spaces", mail.name, n+1)
			}
		}
		for _, bad := range []string{"<", "&amp;", "&#", "<no value>", "%!", "\n\n\n"} {
			if strings.Contains(mail.out.Text, bad) {
				t.Errorf("%s: the text contains %q", mail.name, bad)
			}
		}
	}
}

// The text says what the HTML says: each verdict, score, price and link.
func TestTextComplete(t *testing.T) {
	t.Parallel()
	c := pageLike()
	out := digest(t, c)
	for _, want := range []string{
		"Rulebook for Coders vs PocketVision 2", "Ship, 3 of 4 (75%)", "Ship, 4 of 4 (100%)", "[###############-----]",
		"No reader has voted yet: be the", "12 ship, 3 skip (80% ship)", "Free / Open Source (Apache 2.0)", "Developer Tools",
		"80 Ship", "45 Skip", "88 Ship", "82 Ship", "85 Ship", "78 Ship", "No panel take",
		"Builder on Rulebook for Coders, 80 (ship)", "Skeptic on Rulebook for Coders, 45 (skip)",
		c.URL, c.Tools[1].URL, "https://verdicts.example/archive/2026-W48", "12 Example Street",
	} {
		if !strings.Contains(out.Text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	long := "https://example.org/" + strings.Repeat("x", 90)
	for _, test := range []struct{ name, indent, in, want string }{
		{"short", "  ", "one two", "  one two"},
		{"spaces", "", "one \n\t two", "one two"},
		{"break", "", strings.Repeat("a", 70) + " " + strings.Repeat("b", 10), strings.Repeat("a", 70) + "\n" + strings.Repeat("b", 10)},
		{"exact", "", strings.Repeat("a", 78), strings.Repeat("a", 78)},
		{"long word", "", strings.Repeat("a", 80), strings.Repeat("a", 78) + "\naa"},
		{"wide", "", strings.Repeat("字", 40), strings.Repeat("字", 39) + "\n字"},
		{"wide with stop", "", strings.Repeat("字", 39) + "。", strings.Repeat("字", 38) + "\n字。"},
		{"address", "", "see " + long + " now", "see\n" + long + "\nnow"},
		{"combining", "", strings.Repeat("e\u0301", 78), strings.Repeat("e\u0301", 78)},
		{"joined emoji", "", "👩\u200d💻 x", "👩\u200d💻 x"},
	} {
		if got := wrap(test.indent, test.in); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	got := row("Best for", "日本語のとても長い説明がここに入ります", "short")
	want := "Best for    日本語のとても長い説明がここに入 short\n            ります"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("  ", "one two three")
	f.Add("", "字字。字 https://example.org/x 👩\u200d💻")
	f.Fuzz(func(t *testing.T, indent, s string) {
		if columns(indent) > 20 || strings.ContainsAny(indent, "\n\r") {
			return
		}
		var words []string
		for line := range strings.SplitSeq(wrap(indent, s), "\n") {
			line = strings.TrimPrefix(line, indent)
			if columns(indent)+columns(line) > textWidth && !isAddress(line) {
				t.Fatalf("got %d columns: %q", columns(line), line)
			}
			words = append(words, line)
		}
		squash := strings.NewReplacer(" ", "", glue, "")
		if got, want := squash.Replace(strings.Join(words, "")), squash.Replace(clean(s)); got != want {
			t.Fatalf("got the text %q, want %q", got, want)
		}
	})
}
