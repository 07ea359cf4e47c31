package comparison

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/spelling"
)

// EncodeYAML writes a comparison file that Parse reads back to the same values:
// keys in the contract's order, absent ones left out, long texts as folded
// blocks. The error is for text that is not valid UTF-8.
func (c Comparison) EncodeYAML() ([]byte, error) {
	var w yamlWriter
	w.text(0, "slug", c.Slug)
	if !c.Published.IsZero() {
		w.line(0, "published: "+c.Published.String())
	}
	if !c.Updated.IsZero() {
		w.line(0, "updated: "+c.Updated.String())
	}
	w.text(0, "url", c.URL)
	w.line(0, "tools:")
	for _, t := range c.Tools {
		w.tool(t)
	}
	if !utf8.Valid(w.Bytes()) {
		return nil, fmt.Errorf("write %s as YAML: a text is not valid UTF-8", spelling.Clip(c.Title()))
	}
	return w.Bytes(), nil
}

// A yamlWriter writes the one shape that a comparison has. Package yaml's own
// encoder neither folds long text nor groups the panel's numbers.
type yamlWriter struct {
	bytes.Buffer
	item bool // the next line begins a list's item
}

const indentItem = 2 // columns that "- " takes

func (w *yamlWriter) line(indent int, text string) {
	if w.item {
		w.WriteString(strings.Repeat(" ", indent-indentItem) + "- ")
		w.item = false
	} else {
		w.WriteString(strings.Repeat(" ", indent))
	}
	w.WriteString(text + "\n")
}

func (w *yamlWriter) tool(t Tool) {
	const in = 4
	w.item = true
	w.line(in, "name: "+quoted(t.Name))
	w.text(in, "tagline", t.Tagline)
	w.text(in, "category", t.Category)
	w.text(in, "url", t.URL)
	w.text(in, "entry", t.Entry)
	w.text(in, "pricing", t.Pricing)
	w.text(in, "best_for", t.BestFor)
	w.text(in, "description", t.Description)
	if p := t.Panel; p != nil {
		w.numbers(in, "panel", []number{{"ship", p.Ship}, {"skip", p.Skip}, {"percent", p.Percent}})
	}
	if v := t.Community; v != nil {
		w.numbers(in, "community", []number{{"ship", &v.Ship}, {"skip", &v.Skip}})
	}
	if len(t.Reviews) == 0 {
		return
	}
	w.line(in, "reviews:")
	for _, r := range t.Reviews {
		w.review(in+4, r)
	}
}

func (w *yamlWriter) review(in int, r Review) {
	w.item = true
	w.text(in, "reviewer", string(r.Reviewer))
	if r.Score != nil {
		w.line(in, "score: "+strconv.Itoa(*r.Score))
	}
	w.text(in, "verdict", string(r.Verdict))
	w.text(in, "take", r.Take)
	if w.item { // nothing at all
		w.line(in, "{}")
	}
}

type number struct {
	key   string
	value *int
}

func (w *yamlWriter) numbers(in int, key string, list []number) {
	var parts []string
	for _, n := range list {
		if n.value != nil {
			parts = append(parts, n.key+": "+strconv.Itoa(*n.value))
		}
	}
	if len(parts) > 0 {
		w.line(in, key+": {"+strings.Join(parts, ", ")+"}")
	}
}

// text writes a value on its key's line, or folded below it when it is long.
func (w *yamlWriter) text(in int, key, value string) {
	const long = 90 // columns of key and value
	switch {
	case value == "":
	case in+len(key)+utf8.RuneCountInString(value) <= long && !strings.Contains(value, "\n"), !foldable(value):
		w.line(in, key+": "+quoted(value))
	default:
		w.line(in, key+": >-")
		w.fold(in+2, value)
	}
}

// foldable is for text that comes back from a folded block unchanged: normal
// paragraphs of printable characters (YAML 1.2 §8.1.3).
func foldable(text string) bool {
	if text != normalParagraphs(text) {
		return false
	}
	for _, r := range text {
		if r != '\n' && !isYAMLPrintable(r) {
			return false
		}
	}
	return true
}

// fold writes paragraphs in lines of about 88 columns. A line breaks at single
// spaces only, because a line that begins with a space is not folded; between
// paragraphs stand two empty lines, of which folding takes away one line break.
func (w *yamlWriter) fold(in int, text string) {
	const width = 88
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			w.WriteString("\n\n")
		}
		line := ""
		for word := range strings.SplitSeq(singleSpaces(paragraph), "\n") {
			if line != "" && in+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				w.line(in, line)
				line = word
				continue
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		w.line(in, line)
	}
}

// singleSpaces turns the spaces at which a line may break into line breaks:
// those with neither a space nor a tab beside them.
func singleSpaces(s string) string {
	b := []byte(s)
	blank := func(i int) bool { return s[i] == ' ' || s[i] == '\t' }
	for i := 1; i+1 < len(s); i++ {
		if s[i] == ' ' && !blank(i-1) && !blank(i+1) {
			b[i] = '\n'
		}
	}
	return string(b)
}

// quoted is a text as a YAML scalar: plain where no reader of YAML 1.1 or 1.2
// takes it for something else, in double quotes otherwise.
func quoted(text string) string {
	if plain(text) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError: // as it is, so that invalid bytes stay visible to the caller
			_, size := utf8.DecodeRuneInString(text[i:])
			b.WriteString(text[i : i+size])
		case isYAMLPrintable(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// plain begins with a letter, so it is no number, date or indicator; it holds
// nothing that ends a plain scalar, and is none of YAML 1.1's words.
func plain(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if !unicode.IsLetter(first) || strings.Contains(text, ": ") || strings.Contains(text, " #") || strings.HasSuffix(text, ":") {
		return false
	}
	if text != strings.TrimSpace(text) || strings.ContainsFunc(text, func(r rune) bool { return !isYAMLPrintable(r) || r == utf8.RuneError }) {
		return false
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

// isYAMLPrintable is for characters that stand for themselves in YAML 1.1 and
// 1.2 on one line, and that an editor shows for what they are.
func isYAMLPrintable(r rune) bool {
	_, bad := badRune(string(r), false)
	return !bad && r != '\ufffe' && r != '\uffff'
}
