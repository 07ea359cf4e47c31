package render

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
)

// Conditional comments talk to Outlook's Word engine. html/template deletes
// comments, and the inliner decodes the entities in them, so each is lifted out
// of the template's source, a token comment stands for it while the mail is
// executed and inlined, and its bytes are put back at the end.
//
// The forms: <!--[if mso]>…<![endif]--> whole; the two ends of
// <!--[if !mso]><!-->…<!--<![endif]--> each by itself; and the ends of
// <![if !mso]>…<![endif]>.
var conditionalComment = regexp.MustCompile(`(?is)<!--\[if [^\]]*\]><!-->|<!--\[if [^\]]*\]>\s*<!--\s*-->` +
	`|<!--\[if [^\]]*\]>.*?<!\[endif\]-->|<!--\s*<!\[endif\]-->|<!\[if [^\]]*\]>|<!\[endif\]>`)

// unclosedConditional is what is left when the end is missing.
var unclosedConditional = regexp.MustCompile(`(?i)<!--\[if |\[endif\]-->`)

func conditionalToken(n int) string { return "<!--zqK" + strconv.Itoa(n) + "qz-->" }

// liftConditionals puts {{conditional N}} in the place of each conditional
// comment of an HTML template.
func (m *mailTemplate) liftConditionals(file, src string) (string, error) {
	var wrong error
	out := conditionalComment.ReplaceAllStringFunc(src, func(comment string) string {
		if strings.Contains(comment, "{{") && wrong == nil {
			wrong = fmt.Errorf("%w %s:%d: a conditional comment is kept byte for byte, so no {{action}} may stand in it; put the action between two comments",
				ErrTemplate, file, lineOf(src, strings.Index(src, comment)))
		}
		m.conditionals = append(m.conditionals, comment)
		// The comment's own line breaks keep the line numbers of what follows.
		return fmt.Sprintf("{{conditional %d}}", len(m.conditionals)-1) + strings.Repeat("\n", strings.Count(comment, "\n"))
	})
	if at := unclosedConditional.FindStringIndex(out); at != nil && wrong == nil {
		wrong = fmt.Errorf("%w %s:%d: a conditional comment lacks its <!--[if …]> or its <![endif]-->", ErrTemplate, file, lineOf(out, at[0]))
	}
	return out, wrong
}

// conditional is the template function behind {{conditional N}}.
func (m *mailTemplate) conditional(n int) (template.HTML, error) {
	if n < 0 || n >= len(m.conditionals) {
		return "", fmt.Errorf("no conditional comment %d", n)
	}
	return template.HTML(conditionalToken(n)), nil
}

// restoreConditionals puts the comments back in the place of their tokens.
func (m *mailTemplate) restoreConditionals(html string) string {
	pairs := make([]string, 0, 2*len(m.conditionals))
	for n, comment := range m.conditionals {
		pairs = append(pairs, conditionalToken(n), comment)
	}
	return strings.NewReplacer(pairs...).Replace(html)
}

// lineOf is the 1-based line of a byte offset.
func lineOf(src string, offset int) int {
	return 1 + strings.Count(src[:max(offset, 0)], "\n")
}
