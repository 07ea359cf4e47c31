package render

import (
	"fmt"
	"html"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// A Note is an editor's words in both parts of a mail.
type Note struct {
	HTML template.HTML // in the mail's own elements and classes
	Text string        // at most 78 columns
}

// NoteLoses says which links and pictures of a note the mail does not have.
func NoteLoses(markdown string) []string {
	_, lost := readNote(markdown)
	return lost
}

// parseNote reads CommonMark into what a mail can show: paragraphs, emphasis,
// links, lists, quotations and code. A heading is a paragraph in bold, an image
// its alternative text, and HTML stands as it was typed: nothing of it is
// markup in the mail.
func parseNote(markdown string) Note {
	n, _ := readNote(markdown)
	return n
}

func readNote(markdown string) (n Note, lost []string) {
	src := []byte(cleanLines(markdown))
	w := noteWriter{src: src}
	doc := goldmark.New().Parser().Parse(text.NewReader(src))
	for block := doc.FirstChild(); block != nil; block = block.NextSibling() {
		h, t := w.block(block, "")
		n.HTML += template.HTML(h)
		if t != "" {
			n.Text += t + "\n\n"
		}
	}
	n.Text = strings.TrimRight(n.Text, "\n")
	return n, w.lost
}

// cleanLines cleans each line and keeps the indentation, which means something
// in Markdown.
func cleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " \t")
		lines[i] = line[:len(line)-len(body)] + clean(body)
	}
	return strings.Join(lines, "\n")
}

type noteWriter struct {
	src  []byte
	lost []string // what readers do not get
}

// block gives a block in HTML, and in text with each line indented.
func (w *noteWriter) block(n ast.Node, indent string) (markup, plain string) {
	switch n := n.(type) {
	case *ast.Heading:
		h, t := w.inlines(n)
		return element("p", "text", "<strong>"+h+"</strong>"), wrap(indent, t)
	case *ast.Paragraph, *ast.TextBlock:
		h, t := w.inlines(n)
		return element("p", "text", h), wrap(indent, t)
	case *ast.Blockquote:
		h, t := w.children(n, indent+"> ")
		return element("blockquote", "quote", h), t
	case *ast.List:
		return w.list(n, indent)
	case *ast.ThematicBreak:
		return "", ""
	}
	raw := strings.TrimRight(string(n.Lines().Value(w.src)), "\n") // code, or HTML
	return element("p", "text", "<code>"+strings.ReplaceAll(html.EscapeString(raw), "\n", "<br>\n")+"</code>"), wrapLines(indent+"  ", raw)
}

func (w *noteWriter) children(n ast.Node, indent string) (markup, plain string) {
	var texts []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		h, t := w.block(c, indent)
		markup += h
		if t != "" {
			texts = append(texts, t)
		}
	}
	return markup, strings.Join(texts, "\n")
}

func (w *noteWriter) list(n *ast.List, indent string) (markup, plain string) {
	tag, number := "ul", 0
	if n.IsOrdered() {
		tag, number = "ol", max(n.Start, 1)
	}
	var texts []string
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if number > 0 {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		pad := strings.Repeat(" ", len(mark))
		h, t := w.children(item, indent+pad)
		if one, ok := strings.CutPrefix(h, `<p class="text">`); ok && strings.Count(h, "<p") == 1 {
			h = strings.Replace(one, "</p>\n", "", 1) // a tight item needs no paragraph
		}
		markup += element("li", "item", h)
		texts = append(texts, indent+mark+strings.TrimPrefix(t, indent+pad))
	}
	return element(tag, "list", markup), strings.Join(texts, "\n")
}

// inlines gives what stands in a block.
func (w *noteWriter) inlines(n ast.Node) (markup, plain string) {
	var h, t strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		ch, ct := w.inline(c)
		h.WriteString(ch)
		t.WriteString(ct)
	}
	return h.String(), t.String()
}

func (w *noteWriter) inline(n ast.Node) (markup, plain string) {
	switch n := n.(type) {
	case *ast.Text:
		s := string(n.Value(w.src))
		switch {
		case n.HardLineBreak():
			return html.EscapeString(s) + "<br>\n", s + " "
		case n.SoftLineBreak():
			return html.EscapeString(s) + "\n", s + " "
		}
		return html.EscapeString(s), s
	case *ast.String:
		return html.EscapeString(string(n.Value)), string(n.Value)
	case *ast.Emphasis:
		h, t := w.inlines(n)
		if n.Level == 2 {
			return "<strong>" + h + "</strong>", "*" + t + "*"
		}
		return "<em>" + h + "</em>", t
	case *ast.CodeSpan:
		h, t := w.inlines(n)
		return "<code>" + h + "</code>", t
	case *ast.Link:
		h, t := w.inlines(n)
		return w.anchor(string(n.Destination), h, t)
	case *ast.AutoLink:
		url := string(n.URL(w.src))
		if n.AutoLinkType == ast.AutoLinkEmail {
			return html.EscapeString(url), url
		}
		return w.anchor(url, html.EscapeString(url), url)
	case *ast.Image:
		h, t := w.inlines(n)
		w.lost = append(w.lost, "the picture "+string(n.Destination)+" is not in the mail, only its words “"+t+"”")
		return h, t
	case *ast.RawHTML:
		s := string(n.Segments.Value(w.src))
		return html.EscapeString(s), s
	}
	return w.inlines(n)
}

// anchor links to an http or https address; to another one there is no link.
func (w *noteWriter) anchor(url, markup, plain string) (string, string) {
	to, ok := link(url)
	if !ok || to == "" {
		w.lost = append(w.lost, "“"+plain+"” is not a link in the mail: its address "+url+" is not a whole http or https one")
		return markup, plain
	}
	out := `<a class="link" href="` + html.EscapeString(to) + `">` + markup + "</a>"
	if plain == url || plain == to {
		return out, to
	}
	return out, plain + " (" + to + ")"
}

func element(tag, class, content string) string {
	return "<" + tag + ` class="` + class + `">` + content + "</" + tag + ">\n"
}

// wrapLines wraps each line by itself.
func wrapLines(indent, s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = wrap(indent, line)
	}
	return strings.Join(lines, "\n")
}
