package comparison

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("no such comparison")
	ErrInvalid  = errors.New("not a valid comparison") // every *InvalidError is one
)

// A Problem is one broken rule: where it is, what is wrong and how to fix it.
type Problem struct {
	File    string // as it was given to Parse, Load or Import; "" for a value made in memory
	Line    int    // 1-based; 0 when the problem is the file's as a whole
	Field   string // path of the key, such as "tools[1].panel.percent"; "" when it is no key's
	Message string
}

// String gives "file:line: message", leaving out what is not known.
func (p Problem) String() string {
	switch {
	case p.File == "" && p.Line == 0:
		return p.Message
	case p.File == "":
		return "line " + strconv.Itoa(p.Line) + ": " + p.Message
	case p.Line == 0:
		return p.File + ": " + p.Message
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Message
}

// An InvalidError holds all that is wrong with one comparison. Its text is a
// line a problem.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Is makes every InvalidError an ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// asError is nil for no problems, else an *InvalidError.
func asError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &InvalidError{Problems: problems}
}

// problems gathers what is wrong with one source.
type problems struct {
	file string
	last int // the source's last line, 0 when not known
	list []Problem
	more int // found beyond maxProblems
}

// maxProblems are enough to see that a file is something else altogether.
const maxProblems = 100

func (ps *problems) addf(line int, field, format string, args ...any) {
	if ps.last > 0 { // the YAML parser puts a missing value behind the end
		line = min(line, ps.last)
	}
	if len(ps.list) == maxProblems {
		ps.more++
		return
	}
	ps.list = append(ps.list, Problem{ps.file, line, field, fmt.Sprintf(format, args...)})
}

// sorted orders by line; problems of one line stay in the order of finding.
func (ps *problems) sorted() []Problem {
	slices.SortStableFunc(ps.list, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	if ps.more > 0 {
		return append(ps.list, Problem{File: ps.file, Message: fmt.Sprintf("has %d more problems", ps.more)})
	}
	return ps.list
}

// Line is the 1-based line in File where the value of field ("tools[0].entry")
// stands; for an absent one the line of what it would stand in; 0 when unknown.
func (c Comparison) Line(field string) int {
	for field != "" {
		if n := c.lines[field]; n != 0 {
			return n
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return c.lines[""]
}
