package sitepage

import (
	"slices"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// A rowSearch tries every division of the lines into rows.
type rowSearch struct {
	p        *pageReader
	end      int
	cells    []int // lines that can begin a cell
	names    []int // lines that can begin a row
	rowEnds  []int // names and the end
	certain  []int // those of names that do: no other line names the reviewer
	found    [][]row
	steps    int
	failedAt int // the furthest line that fitted nowhere
	wanted   string
}

func newRowSearch(p *pageReader, from, to int) *rowSearch {
	s := &rowSearch{p: p, end: to}
	times := map[comparison.Reviewer]int{}
	for i := from; i < to; i++ {
		if p.isCell(i) {
			s.cells = append(s.cells, i)
		}
		if r := p.reviewer(i); r != "" && i+1 < to && p.isCell(i+1) {
			s.names = append(s.names, i)
			times[r]++
		}
	}
	s.rowEnds = append(slices.Clone(s.names), to)
	for _, i := range s.names {
		if times[p.reviewer(i)] == 1 {
			s.certain = append(s.certain, i)
		}
	}
	return s
}

// Bounds that no real page comes near.
const (
	maxSteps = 20000
	maxFound = 64
)

func (s *rowSearch) deadEnd(i int, what string) {
	if i >= s.failedAt {
		s.failedAt, s.wanted = i, what
	}
}

// rows reads rows from line i to the end, after those in done.
func (s *rowSearch) rows(i int, done []row) {
	if s.steps++; s.steps > maxSteps || len(s.found) >= maxFound {
		return
	}
	if i == s.end {
		s.found = append(s.found, slices.Clone(done))
		return
	}
	name := s.p.reviewer(i)
	if name == "" || slices.ContainsFunc(done, func(r row) bool { return s.p.reviewer(r.name) == name }) {
		s.deadEnd(i, "the name of a reviewer (Builder, Skeptic, Futurist, Creator or Founder) who is not above, or the page's end")
		return
	}
	for left := range s.cell(i+1, 0, s.cells) {
		for right := range s.cell(left, 1, s.rowEnds) {
			s.rows(right, append(done, row{i, [2]span{{i + 1, left}, {left, right}}}))
		}
	}
}

// cell yields every line of next at which the cell that begins at i can end.
// It cannot reach beyond a line that certainly begins a row.
func (s *rowSearch) cell(i, tool int, next []int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		if i >= s.end || !s.p.isCell(i) {
			s.deadEnd(min(i, s.end), s.score(tool))
			return
		}
		if isNoTake(s.p.lines[i].text) {
			yield(i + 1)
			return
		}
		limit := s.end
		if at, _ := slices.BinarySearch(s.certain, i); at < len(s.certain) {
			limit = s.certain[at]
		}
		least := i + 2 // a score line and a paragraph
		if least > limit {
			s.deadEnd(limit, "the take below the score")
			return
		}
		at, _ := slices.BinarySearch(next, least)
		for _, end := range next[at:] {
			if s.steps++; end > limit || s.steps > maxSteps {
				break
			}
			if !yield(end) {
				return
			}
		}
		if tool == 0 {
			s.deadEnd(limit, s.score(1))
		}
	}
}

// score is what begins a cell.
func (s *rowSearch) score(tool int) string {
	return `a score such as "80/100 · ship", or "No panel take", for ` + spelling.Clip(s.p.c.Tools[tool].Name)
}
