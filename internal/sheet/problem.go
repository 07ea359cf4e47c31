// Package sheet checks style sheets of mails before they are inlined.
//
// The inliner (go-premailer) is exact for type, class and id selectors joined
// by spaces or " > ", and wrong or lossy, mostly without an error, for much of
// the rest of CSS. The package promises to let through exactly that subset and
// to name file, line, selector and rule of everything else, with what to do.
// What must stay in the head of a mail is checked against what mail clients do
// to it.
package sheet

import (
	"errors"
	"fmt"
	"strings"
)

// A Problem is one construct that cannot be used where it stands.
type Problem struct {
	File     string
	Line     int    // 1-based
	Selector string // or the at-rule, or the property where no selector is near
	Rule     string // a short name of the rule that is broken
	Advice   string // what is wrong and what to do
}

// String gives "file:line: selector: rule: advice".
func (p Problem) String() string {
	if p.Selector == "" {
		return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Rule, p.Advice)
	}
	return fmt.Sprintf("%s:%d: %q: %s: %s", p.File, p.Line, p.Selector, p.Rule, p.Advice)
}

// Problems is what a check found, in the order of the lines.
type Problems []Problem

// Err is nil when nothing was found.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return errors.New(strings.Join(lines, "\n"))
}
