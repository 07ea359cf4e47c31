package edition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"

	"verdicts.example/digest/internal/mergefield"
)

const diffContext = 2 // unchanged lines shown around a change

// Diff shows what a later build changed, as an editor reads it: subject,
// preheader and text part line by line ("-" old, "+" new), and a note when only
// the HTML differs. Builds of the same content give "".
func Diff(old, new Build) string {
	var b strings.Builder
	diffPart(&b, "subject", old.Subject, new.Subject)
	diffPart(&b, "preheader", old.Preheader, new.Preheader)
	diffPart(&b, "text", mergefield.Unmarked(old.Text), mergefield.Unmarked(new.Text))
	switch {
	case old.HTML == new.HTML:
	case b.Len() == 0:
		b.WriteString("html\n  only the HTML part changed: words and links of the text part are the same\n")
	default:
		b.WriteString("html\n  the HTML part changed with it\n")
	}
	return b.String()
}

func diffPart(b *strings.Builder, name, old, new string) {
	if old == new {
		return
	}
	lines := diffLines(old, new)
	b.WriteString(name + "\n")
	last := -1 // the last line written
	for i, l := range lines {
		if !near(lines, i) {
			continue
		}
		if i != last+1 {
			fmt.Fprintf(b, "  … %s\n", unchanged(i-last-1))
		}
		b.WriteString(strings.TrimRight(string(l.op)+" "+l.text, " ") + "\n")
		last = i
	}
	if rest := len(lines) - 1 - last; rest > 0 {
		fmt.Fprintf(b, "  … %s\n", unchanged(rest))
	}
}

func unchanged(n int) string {
	if n == 1 {
		return "1 line unchanged"
	}
	return fmt.Sprintf("%d lines unchanged", n)
}

// near reports whether line i is a change or within its context.
func near(lines []diffLine, i int) bool {
	around := lines[max(0, i-diffContext):min(len(lines), i+diffContext+1)]
	return slices.ContainsFunc(around, func(l diffLine) bool { return l.op != ' ' })
}

type diffLine struct {
	op   byte // ' ' in both, '-' in the old only, '+' in the new only
	text string
}

// diffLines aligns two texts by lines. It takes the time that it needs, so that
// the same texts give the same lines.
func diffLines(old, new string) []diffLine {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0
	a, b, table := d.DiffLinesToRunes(ended(old), ended(new))
	ops := map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+'}
	var out []diffLine
	for _, part := range d.DiffCharsToLines(d.DiffMainRunes(a, b, false), table) {
		for line := range strings.Lines(part.Text) {
			out = append(out, diffLine{ops[part.Type], strings.TrimSuffix(line, "\n")})
		}
	}
	return out
}

// ended ends each line of a text with a line feed.
func ended(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}
