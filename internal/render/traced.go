package render

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

// TraceAttribute is what the elements of a traced mail have: the template and the
// line that writes them, "mail/digest.html.tmpl:42".
const TraceAttribute = "data-line"

// A trace is a mail's HTML templates with the place of each tag written into it.
type trace struct {
	sources [][2]string // file and source, as it was parsed
	html    *template.Template
	err     error
}

// tagOrAction finds what stands for itself in a template, or begins a tag.
var tagOrAction = regexp.MustCompile(`(?s)\{\{.*?\}\}|<!--.*?-->|<[a-z][a-z0-9]*`)

// withLines writes into each tag of a template where it stands.
func withLines(file, src string) string {
	var b strings.Builder
	last := 0
	for _, at := range tagOrAction.FindAllStringIndex(src, -1) {
		b.WriteString(src[last:at[1]])
		if last = at[1]; src[at[0]+1] != '{' && src[at[0]+1] != '!' {
			fmt.Fprintf(&b, ` %s="%s:%d"`, TraceAttribute, file, lineOf(src, at[0]))
		}
	}
	b.WriteString(src[last:])
	return b.String()
}

// traced parses the templates once more, when somebody asks where an element is
// written.
func (m *mailTemplate) traced() (*template.Template, error) {
	m.once.Do(func() {
		m.trace.html = template.New("layout.html.tmpl").Funcs(htmlFuncs(m))
		for _, s := range m.trace.sources {
			if _, err := m.trace.html.New(s[0]).Parse(withLines(s[0], s[1])); err != nil && m.trace.err == nil {
				m.trace.err = fmt.Errorf("%w: %w", ErrTemplate, err)
			}
		}
	})
	return m.trace.html, m.trace.err
}

// Traced is a digest before inlining whose elements say where a template writes
// them: TraceAttribute. Merge fields stand in it as in any rendering.
func (r *Renderer) Traced(in DigestInput) (string, error) {
	m := r.mails["digest"]
	t, err := m.traced()
	if err != nil {
		return "", err
	}
	f, _ := r.digestFrame(in, len(in.Comparisons), quoteLimit)
	if err := m.headers(f); err != nil {
		return "", err
	}
	var b limitedBuffer
	if err := t.ExecuteTemplate(&b, "mail/layout.html.tmpl", f); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return b.String(), nil
}
