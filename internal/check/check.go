// Package check says what is wrong with a mail before it leaves: its size
// against what clients cut, what clients support, accessibility, links, subject
// and headers, the completeness of the text part, and the content itself.
//
// The package promises that each finding says what is wrong and what to do,
// that the same mail gives the same findings in the same order, and that it
// reads only what it is given: nothing is fetched and nothing is changed,
// except by LinksAlive and Spam, which are asked for by name.
package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
)

// Level is how grave a finding is.
type Level string

// The levels. A Fail stops an edition; a Warn is for the editor to judge.
const (
	Pass Level = "pass"
	Warn Level = "warn"
	Fail Level = "fail"
)

// A Finding is what one check came to.
type Finding struct {
	Check  string `json:"check"` // "size.html", "a11y.contrast-dark"
	Level  Level  `json:"level"`
	Detail string `json:"detail"`        // what was measured, or what is wrong and where
	Fix    string `json:"fix,omitempty"` // what to do; "" on a pass
	// Places are the defects one by one, each with where it is; also those that
	// Detail has no room for. None on a pass.
	Places []Place `json:"-"`
}

// A Mail is everything that is looked at.
type Mail struct {
	Rendered    render.Rendered
	Raw         []byte // the whole message as a sample reader gets it; nil leaves the headers unchecked
	Site        render.Site
	From        string                  // the address in From
	DKIMDomain  string                  // "" when mail is not signed
	Comparisons []comparison.Comparison // those in the mail
	Problems    []comparison.Problem    // comparisons that could not be read
	Decisions   []edition.Decision      // on every candidate
	Note        string                  // the editor's, in Markdown
	Now         time.Time
	Zone        *time.Location
}

// Run gives every finding, in a fixed order.
func Run(m Mail) []Finding {
	if m.Zone == nil {
		m.Zone = time.UTC
	}
	r := &report{}
	r.size(m)
	if d := r.parse(m); d != nil {
		r.doc = d
		r.styles(d)
		r.clients(m)
		r.scripts(d)
		r.accessibility(d)
		r.contrast(d)
		r.links(d, m)
		r.subject(m)
		r.preheader(d, m)
		r.summary(d, m)
		r.text(d, m)
		r.postal(d, m)
		r.quotes(d, m)
	}
	r.note(m)
	r.headers(m)
	r.content(m)
	return r.findings
}

// parse gives the tree, or nil with a Fail when there is none to look at.
func (r *report) parse(m Mail) *document {
	const check, fix = "html.parse", "fix the template"
	if n := len(m.Rendered.HTML) + len(m.Rendered.Text); n > treeStop {
		r.addFail(check, fix, "the mail has %d bytes, too many to check", n)
		return nil
	}
	root, err := html.Parse(strings.NewReader(m.Rendered.HTML))
	if err != nil {
		r.addFail(check, fix, "the HTML cannot be parsed: %s", err)
		return nil
	}
	r.addPass(check, "the HTML can be parsed")
	return newDocument(root)
}

// Failed reports whether a finding is a Fail.
func Failed(findings []Finding) bool {
	for _, f := range findings {
		if f.Level == Fail {
			return true
		}
	}
	return false
}

// Words gives what failed and what is warned of, each as "check: detail".
func Words(findings []Finding) (failures, warnings []string) {
	for _, f := range findings {
		switch f.Level {
		case Fail:
			failures = append(failures, f.Check+": "+f.Detail)
		case Warn:
			warnings = append(warnings, f.Check+": "+f.Detail)
		}
	}
	return failures, warnings
}

type report struct {
	findings []Finding
	doc      *document // nil while there is none
}

func (r *report) addPass(check, format string, args ...any) {
	r.findings = append(r.findings, Finding{Check: check, Level: Pass, Detail: fmt.Sprintf(format, args...)})
}

func (r *report) addWarn(check, fix, format string, args ...any) {
	r.addAll(check, Warn, says(fmt.Sprintf(format, args...)), fix, "")
}

func (r *report) addFail(check, fix, format string, args ...any) {
	r.addAll(check, Fail, says(fmt.Sprintf(format, args...)), fix, "")
}

// addAll reports one finding for a list of defects, or a pass.
func (r *report) addAll(check string, level Level, defects []defect, fix, ok string, args ...any) {
	if len(defects) == 0 {
		r.addPass(check, ok, args...)
		return
	}
	const shown = 3
	f := Finding{Check: check, Level: level, Fix: fix}
	for i, x := range defects {
		if i < shown {
			f.Detail += x.Text + "; "
		}
		if x.node != nil && r.doc != nil {
			x.Element = 1 + slices.Index(r.doc.elements, x.node)
		}
		if group, _, _ := strings.Cut(check, "."); group == "subject" || group == "preheader" || group == "note" {
			x.Setting = group
		}
		f.Places = append(f.Places, x.Place)
	}
	f.Detail = strings.TrimSuffix(f.Detail, "; ")
	if more := len(defects) - shown; more > 0 {
		f.Detail += fmt.Sprintf("; and %d more", more)
	}
	r.findings = append(r.findings, f)
}
