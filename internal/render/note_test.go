package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/mergefield"
)

// A note becomes the mail's own elements and plain text; what it cannot be
// stays as it was typed.
func TestNote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, html, text string }{
		{"empty", "", "", ""},
		{"paragraphs", "One\ntwo.\n\nThree **four** *five*.",
			"<p class=\"text\">One\ntwo.</p>\n<p class=\"text\">Three <strong>four</strong> <em>five</em>.</p>\n", "One two.\n\nThree *four* five."},
		{"link", "See [this](https://example.org/a_(b)) or <https://example.org/c>.",
			"<p class=\"text\">See <a class=\"link\" href=\"https://example.org/a_%28b%29\">this</a> or <a class=\"link\" href=\"https://example.org/c\">https://example.org/c</a>.</p>\n",
			"See this (https://example.org/a_%28b%29) or https://example.org/c."},
		{"other schemes", "[a](javascript:alert(1)) [b](data:x) [c](/d)", "<p class=\"text\">a b c</p>\n", "a b c"},
		{"html", "Hello <b>you</b>\n\n<script>alert(1)</script>",
			"<p class=\"text\">Hello &lt;b&gt;you&lt;/b&gt;</p>\n<p class=\"text\"><code>&lt;script&gt;alert(1)&lt;/script&gt;</code></p>\n", "Hello <b>you</b>\n\n  <script>alert(1)</script>"},
		{"list", "- one\n- two\n\n3. three\n4. four",
			"<ul class=\"list\"><li class=\"item\">one</li>\n<li class=\"item\">two</li>\n</ul>\n<ol class=\"list\"><li class=\"item\">three</li>\n<li class=\"item\">four</li>\n</ol>\n", "- one\n- two\n\n3. three\n4. four"},
		{"heading, quote, image", "# Big\n\n> said\n\n![alt](https://example.org/x.png)",
			"<p class=\"text\"><strong>Big</strong></p>\n<blockquote class=\"quote\"><p class=\"text\">said</p>\n</blockquote>\n<p class=\"text\">alt</p>\n", "Big\n\n> said\n\nalt"},
		{"merge fields and direction", "Dear " + string(mergefield.Name) + " \u202eabc", "<p class=\"text\">Dear … abc</p>\n", "Dear … abc"},
	} {
		n := parseNote(test.in)
		if string(n.HTML) != test.html || n.Text != test.text {
			t.Errorf("%s: got\n%s\n%s\nwant\n%s\n%s", test.name, n.HTML, n.Text, test.html, test.text)
		}
	}
}

// What readers do not get of a note is named; what they get is not.
func TestNoteLoses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                "",
		"[a](https://example.org/) b":     "",
		"<https://example.org/>":          "",
		"Write to <ada@example.org>.":     "",
		"- [a](javascript:alert)":         "“a” is not a link in the mail: its address javascript:alert is not a whole http or https one",
		"> **[b](/archive)**":             "“b” is not a link in the mail: its address /archive is not a whole http or https one",
		"![c](https://example.org/x.png)": "the picture https://example.org/x.png is not in the mail, only its words “c”",
	} {
		if got := strings.Join(NoteLoses(in), "; "); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

// In the mail the note stands below the news and above the comparisons, in both
// parts.
func TestNoteInMail(t *testing.T) {
	t.Parallel()
	in := input(pageLike())
	in.Note = "A word from the editor, with [a link](https://example.org/note)."
	out, err := newRenderer(t).Digest(in)
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{"HTML": out.HTML, "text": out.Text} {
		news, note, item := strings.Index(part, "PocketVision 2"), strings.Index(part, "A word from the editor"), strings.LastIndex(part, "Decision")
		if note < 0 || note > item || name == "text" && news > note || !strings.Contains(part, "https://example.org/note") {
			t.Errorf("%s: got the news at %d, the note at %d, the table at %d, want them in this order with the note's link", name, news, note, item)
		}
	}
}

func FuzzNote(f *testing.F) {
	f.Add("# a\n\n- b <c> [d](javascript:e)\n\n> f `g` ![h](i)")
	f.Fuzz(func(t *testing.T, s string) {
		n := parseNote(s)
		for _, line := range strings.Split(n.Text, "\n") {
			if columns(line) > textWidth && !strings.Contains(line, "://") && columns(strings.TrimLeft(line, "> -0123456789.")) > textWidth-20 {
				t.Fatalf("got a line of %d columns: %q", columns(line), line)
			}
		}
		for _, bad := range []string{"<script", "<img", "javascript:\"", "<style", "<b>"} {
			if strings.Contains(strings.ToLower(string(n.HTML)), bad) {
				t.Fatalf("got %q in %s", bad, n.HTML)
			}
		}
	})
}
