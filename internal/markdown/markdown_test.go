package markdown_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"verdicts.example/digest/internal/markdown"
)

// read gives the words that a reader of Markdown shows, and the elements around
// them.
func read(t interface{ Fatal(...any) }, source string) (text string, tags []string) {
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Convert([]byte(source), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode:
			text += n.Data
		case n.Type == html.ElementNode && n.Data != "html" && n.Data != "head" && n.Data != "body":
			tags = append(tags, n.Data)
		}
	}
	return strings.Join(strings.Fields(text), " "), tags
}

// plain is a text as Text has it, unescaped: with its control characters gone.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Whatever a text holds, it is read as that text and as nothing else: alone in a
// line, in a link, and in a table's cell.
func TestTextStaysText(t *testing.T) {
	t.Parallel()
	parts := rapid.SampledFrom([]string{
		"#", "##", "-", "+", "*", "_", "1.", "12)", ">", "=", "===", "---", "```", "~~~", "~~", "|", "\\", "`", "[", "]", "(", ")", "!", "<b>", "</b>", "<script>",
		"&amp;", "&#60;", "&copy;", "http://x.example", "[a](javascript:alert(1))", "![x](y)", "a", "Tool", "é", "漢字", "😀", " ", "\n", "\n\n", "\t", "    ", "\x00", "\x07", "$20",
		"<!--", "-->", "<https://x.example>", "[x]: /y", "\u2028", "a_b", "**b**",
	})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(strings.Join(rapid.SliceOfN(parts, 1, 8).Draw(t, "parts"), ""), "")
		want := plain(s)
		if want == "" {
			return
		}
		if text, tags := read(t, markdown.Line(s)); text != want || strings.Join(tags, " ") != "p" {
			t.Fatalf("line %q: got %q in %v, want %q in a paragraph", markdown.Line(s), text, tags, want)
		}
		if text, tags := read(t, markdown.Link(s, "https://x.example/?a=1&copy;=2")); text != want || strings.Join(tags, " ") != "p a" {
			t.Fatalf("link %q: got %q in %v, want %q in a link", markdown.Link(s, "/"), text, tags, want)
		}
		table := markdown.Head("A", "B") + markdown.Row(s, "end")
		if text, tags := read(t, table); !strings.Contains(text, want) || !strings.HasSuffix(text, " end") || strings.Join(tags, " ") != "table thead tr th th tbody tr td td" {
			t.Fatalf("table %q: got %q in %v", table, text, tags)
		}
	})
}

// A quotation keeps its paragraphs, and an address every byte.
func TestQuotationAndLink(t *testing.T) {
	t.Parallel()
	if got, want := markdown.Paragraphs("One.\r\n\r\n# Two\n  \nstill two", "> "), "> One.\n>\n> \\# Two still two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := markdown.Link("A]", "https://x.example/a_(b)?x=1&y=2"), `[A\]](https://x.example/a_%28b%29?x=1&amp;y=2)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := markdown.Link("A", ""); got != "A" {
		t.Errorf("got %q, want the text alone", got)
	}
}
