package edition

import (
	"fmt"
	"slices"
	"strings"
)

const (
	diffContext = 2         // unchanged lines shown around a change
	diffCells   = 4_000_000 // above this many line pairs a change is shown as a whole
)

// Diff shows what a later build changed, as an editor reads it: subject,
// preheader and text part line by line ("-" old, "+" new), and a note when only
// the HTML differs. Builds of the same content give "".
func Diff(old, new Build) string {
	var b strings.Builder
	diffPart(&b, "subject", old.Subject, new.Subject)
	diffPart(&b, "preheader", old.Preheader, new.Preheader)
	diffPart(&b, "text", old.Text, new.Text)
	switch {
	case old.HTML == new.HTML:
	case b.Len() == 0:
		b.WriteString("html\n  only the HTML part changed: words and links of the text part are the same\n")
	default:
		b.WriteString("html\n  changed too\n")
	}
	return b.String()
}

func diffPart(b *strings.Builder, name, old, new string) {
	if old == new {
		return
	}
	lines := diffLines(lines(old), lines(new))
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

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
}

type diffLine struct {
	op   byte // ' ' in both, '-' in the old only, '+' in the new only
	text string
}

// diffLines aligns two texts by their longest common subsequence of lines.
func diffLines(a, b []string) []diffLine {
	var out []diffLine
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		out = append(out, diffLine{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	var tail []diffLine
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, diffLine{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(out, diffMiddle(a, b), tail)
}

func diffMiddle(a, b []string) []diffLine {
	var out []diffLine
	i, j := 0, 0
	if len(a)*len(b) <= diffCells {
		common := commonLengths(a, b)
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				out = append(out, diffLine{' ', a[i]})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				out = append(out, diffLine{'-', a[i]})
				i++
			default:
				out = append(out, diffLine{'+', b[j]})
				j++
			}
		}
	}
	for _, l := range a[i:] {
		out = append(out, diffLine{'-', l})
	}
	for _, l := range b[j:] {
		out = append(out, diffLine{'+', l})
	}
	return out
}

// commonLengths gives, for every i and j, the length of the longest common
// subsequence of a[i:] and b[j:].
func commonLengths(a, b []string) [][]int32 {
	t := make([][]int32, len(a)+1)
	for i := range t {
		t[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				t[i][j] = t[i+1][j+1] + 1
			} else {
				t[i][j] = max(t[i+1][j], t[i][j+1])
			}
		}
	}
	return t
}
