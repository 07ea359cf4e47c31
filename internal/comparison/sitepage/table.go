package sitepage

import (
	"regexp"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// tableStart is the index of the decision table's heading, or of the scorecard
// where there is no table.
func (p *pageReader) tableStart(from, scorecard int) (int, error) {
	for i := from; i+2 < scorecard; i++ {
		if len(p.lines[i].text) > len("Panel verdict") && strings.EqualFold(p.lines[i].text[:len("Panel verdict")], "Panel verdict") {
			return 0, p.expected(i, "the decision table with one cell per line, or its cells separated by tabs")
		}
		if !p.is(i, "Decision") {
			continue
		}
		if p.is(i+1, p.c.Tools[0].Name) && p.is(i+2, p.c.Tools[1].Name) {
			return i, nil
		}
		if p.is(i+2, "Panel verdict") || p.is(i+3, "Panel verdict") {
			wrong := i + 1
			if p.is(wrong, p.c.Tools[0].Name) {
				wrong++
			}
			return 0, p.expected(wrong, "the decision table's columns "+spelling.Clip(p.c.Tools[0].Name)+" and "+spelling.Clip(p.c.Tools[1].Name))
		}
	}
	if i := p.find(from, "Panel verdict"); i >= 0 && i < scorecard {
		return 0, p.expected(i, `the decision table's heading "Decision" with both names, right above "Panel verdict"`)
	}
	return scorecard, nil
}

// table reads rows of a label and two values, from its heading to its end. A
// row that is not known is an error: one value missing would shift all others.
func (p *pageReader) table(heading, end int) error {
	seen := map[string]int{}
	for i := heading + 3; i < end; i += 3 {
		label := strings.ToLower(p.lines[i].text)
		row, ok := p.row(label)
		switch {
		case !ok:
			return p.expected(i, `a row of the decision table ("Panel verdict", "Community", "Pricing", "Best for" or "Category") or "Reviewer scorecard"`)
		case seen[label] > 0:
			return p.expected(i, "each row of the decision table once; it is already in line "+strconv.Itoa(seen[label])+" already")
		case i+2 >= end:
			return p.expected(end, "two values below "+spelling.Clip(p.lines[i].text)+", one for each tool")
		}
		seen[label] = p.lines[i].number
		for tool := range p.c.Tools {
			if err := row(tool, i+1+tool); err != nil {
				return err
			}
		}
	}
	return nil
}

// row is what reads a value of the row with the label.
func (p *pageReader) row(label string) (read func(tool, i int) error, known bool) {
	switch label {
	case "panel verdict":
		return p.panelVerdict, true
	case "community":
		return p.community, true
	case "pricing":
		return func(tool, i int) error {
			p.c.Tools[tool].Pricing = p.put(toolField(tool, "pricing"), i)
			return nil
		}, true
	case "best for":
		return func(tool, i int) error {
			p.c.Tools[tool].BestFor = p.put(toolField(tool, "best_for"), i)
			return nil
		}, true
	case "category":
		return p.tableCategory, true
	}
	return nil, false
}

// counts reads "Ship · 3 ship / 1 skip" or "3 ship / 1 skip".
var counts = regexp.MustCompile(`(?i)^(?:(?:ship|skip|split|tie|mixed)\s*[·•|:,–—-]?\s*)?([0-9][0-9,]{0,8})\s*ships?\s*[/·•|,]\s*([0-9][0-9,]{0,8})\s*skips?$`)

// share reads a percentage with anything behind it.
var share = regexp.MustCompile(`^[0-9]{1,3}\s?%`)

func readCounts(s string) (ship, skip int, ok bool) {
	m := counts.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	ship, err1 := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	skip, err2 := strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	return ship, skip, err1 == nil && err2 == nil
}

func (p *pageReader) panelVerdict(tool, i int) error {
	text := p.put(toolField(tool, "panel"), i)
	if text == "" || isVerdict(text) {
		return nil
	}
	ship, skip, ok := readCounts(text)
	if !ok {
		return p.expected(i, `the panel's verdict such as "Ship · 3 ship / 1 skip", or "—"`)
	}
	panel := p.panel(tool)
	panel.Ship, panel.Skip = &ship, &skip
	p.at[toolField(tool, "panel.ship")] = p.lines[i].number
	p.at[toolField(tool, "panel.skip")] = p.lines[i].number
	return nil
}

// community reads votes, in a card or in the table. A share without counts
// cannot be kept: how many voted would be a guess.
func (p *pageReader) community(tool, i int) error {
	field := toolField(tool, "community")
	text := p.put(field, i)
	card := p.c.Tools[tool].Community
	if text == "" {
		if card != nil {
			p.note(i, field, "community: the table says %s, the card %d ship / %d skip; the card's is kept", spelling.Clip(p.lines[i].text), card.Ship, card.Skip)
		}
		return nil
	}
	if ship, skip, ok := readCounts(text); ok {
		if votes := (comparison.Votes{Ship: ship, Skip: skip}); card != nil && *card != votes {
			p.note(i, field, "community: the table says %s, the card %d ship / %d skip; the table's is kept", spelling.Clip(text), card.Ship, card.Skip)
		}
		p.c.Tools[tool].Community = &comparison.Votes{Ship: ship, Skip: skip}
		return nil
	}
	if share.MatchString(text) {
		p.note(i, field, "community: %s is a share without the counts of ship and skip, so the votes on %s stay absent",
			spelling.Clip(text), p.c.Tools[tool].Name)
		return nil
	}
	return p.expected(i, `community votes such as "12 ship / 3 skip", or "—"`)
}

// tableCategory compares: the card has said it before.
func (p *pageReader) tableCategory(tool, i int) error {
	field := toolField(tool, "category")
	card := p.c.Tools[tool].Category
	switch text := p.lines[i].text; {
	case card == "":
		p.c.Tools[tool].Category = p.put(field, i)
	case !isAbsentMark(text) && !strings.EqualFold(text, card):
		p.note(i, field, "category: the table says %s, the card %s; the card's is kept", spelling.Clip(text), spelling.Clip(card))
	}
	return nil
}
