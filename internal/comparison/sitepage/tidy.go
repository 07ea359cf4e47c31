package sitepage

import (
	"regexp"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// Before it is read, a page gets the one form that the reader knows: a cell a
// line, a score and its verdict in one, no buttons.

// rowLabels are the decision table's.
var rowLabels = []string{"decision", "panel verdict", "community", "pricing", "best for", "category"}

// isFixed is for the lines that the page's structure is made of.
func isFixed(s string) bool {
	_, _, isScore := readScore(s)
	return isPageLabel(s) || isScore || slices.Contains(rowLabels, strings.ToLower(s)) || strings.EqualFold(s, "Reviewer scorecard")
}

var wideGap = regexp.MustCompile(`\t| {3,}`)

// splitCells divides a line of a copied table into its cells: at tabs, at wide
// gaps or at the bars of Markdown. Any other line is itself.
func splitCells(line string) []string {
	trimmed := strings.TrimSpace(line)
	if inner, ok := strings.CutPrefix(trimmed, "|"); ok && strings.Count(trimmed, "|") > 1 {
		inner = strings.TrimSuffix(inner, "|")
		parts := strings.Split(inner, "|")
		switch {
		case len(parts) == 3 && strings.Contains(inner, "--") && strings.Trim(inner, "|-: \t") == "":
			return nil // the line below a Markdown table's heading
		case hasFixed(parts):
			return cells(parts)
		}
		return []string{line}
	}
	if !strings.Contains(line, "\t") && !strings.Contains(line, "   ") {
		return []string{line}
	}
	parts := wideGap.Split(strings.Trim(line, " \r\n"), -1)
	if len(parts) > 1 && hasFixed(parts) {
		return cells(parts)
	}
	return []string{line}
}

// hasFixed reports whether a cell is one of the page's own labels.
func hasFixed(parts []string) bool {
	return slices.ContainsFunc(parts, func(s string) bool { return isFixed(oneLine(s)) })
}

// cells gives an empty cell of the decision table its mark; elsewhere an empty
// one is nothing.
func cells(parts []string) []string {
	for i := range parts {
		parts[i] = oneLine(parts[i])
	}
	isRow := len(parts) == 3 && slices.Contains(rowLabels, strings.ToLower(parts[0]))
	var out []string
	for _, s := range parts {
		if s == "" && isRow {
			s = "—"
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

var (
	bareScore = regexp.MustCompile(`(?i)^(?:score:?\s*)?[0-9]{1,3}\s*(?:/|of|out of)\s*100$`)
	namedCell = regexp.MustCompile(`(?i)^(builder|skeptic|futurist|creator|founder)\s*[:·•|–—-]+\s*(.+)$`)
)

// joinScores makes one line of a score and a verdict that stand in two, and two
// of a reviewer's name and a score that stand in one.
func joinScores(lines []pageLine) []pageLine {
	var out []pageLine
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1].text
		}
		if !strings.Contains(l.text, "100") && !strings.Contains(next, "100") && !strings.ContainsAny(l.text, ":·•|–—-") {
			out = append(out, l) // as nearly all
			continue
		}
		if m := namedCell.FindStringSubmatch(l.text); m != nil {
			if _, _, ok := readScore(m[2]); ok || isNoTake(m[2]) {
				out = append(out, pageLine{l.number, m[1]})
				l.text = m[2]
			}
		}
		if isVerdict(next) && bareScore.MatchString(l.text) || isVerdict(l.text) && bareScore.MatchString(next) {
			l.text += " · " + next
			i++
		}
		out = append(out, l)
	}
	return out
}

// dropControls takes the page's buttons out, each with a note. A line that a
// label below it makes a value, that is a tool's name or stands in the decision
// table stays.
func (p *pageReader) dropControls() {
	titles := map[string]bool{}
	for _, l := range p.lines {
		for _, names := range titleNames(l.text) {
			titles[strings.ToLower(names[0])], titles[strings.ToLower(names[1])] = true, true
		}
	}
	label := p.find(0, panelLabel)
	inTable := false
	kept := make([]pageLine, 0, len(p.lines))
	for i, l := range p.lines {
		switch {
		case p.is(i, "Decision") && i+1 < len(p.lines) && titles[strings.ToLower(p.lines[i+1].text)]:
			inTable = true
		case p.is(i, "Reviewer scorecard"):
			inTable = false
		}
		isValue := p.is(i+1, panelLabel) || p.is(i+1, "Community") || p.is(i+1, "Entry")
		if i > label-6 && !inTable && isControl(l.text) && !isValue && !titles[strings.ToLower(l.text)] && !isFixed(l.text) {
			p.notes = append(p.notes, comparison.Problem{File: p.file, Line: l.number, Message: "left out " + spelling.Clip(l.text) + ": a button of the page"})
			continue
		}
		kept = append(kept, l)
	}
	p.lines = kept
}
