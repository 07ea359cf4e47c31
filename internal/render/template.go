package render

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync"
	texttemplate "text/template"
)

// maxOutput bounds what a template may write, so that an operator's endless
// range ends in an error and not in memory.
const maxOutput = 4 << 20

// A mailTemplate is one mail's HTML and text.
type mailTemplate struct {
	name         string
	html         *template.Template
	text         *texttemplate.Template
	conditionals []string // conditional comments by token number, as the template's author wrote them
	once         sync.Once
	trace        trace
}

// A frame is what every template gets: the sender, the envelope's words, the
// style sheets and the mail's own data.
type frame struct {
	Site      Site
	Subject   string
	Preheader string
	Sheet     template.CSS // mail/mail.css, to be inlined
	Kept      template.CSS // mail/kept.css, kept in the head
	Outlook   template.CSS // mail/ogsc.css, kept in a block of its own
	Data      any
}

// parseMail reads layout.html.tmpl with name.html.tmpl, and the same for text.
func parseMail(files fs.FS, name string) (*mailTemplate, error) {
	m := &mailTemplate{name: name}
	m.html = template.New("layout.html.tmpl").Funcs(htmlFuncs(m))
	m.text = texttemplate.New("layout.txt.tmpl").Funcs(textFuncs())
	for _, file := range []string{"mail/layout.html.tmpl", "mail/" + name + ".html.tmpl"} {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("%w %s: %w", ErrTemplate, file, err)
		}
		if err := checkSource(file, string(src)); err != nil {
			return nil, err
		}
		prepared, err := m.liftConditionals(file, trimIndent(string(src)))
		if err != nil {
			return nil, err
		}
		m.trace.sources = append(m.trace.sources, [2]string{file, prepared})
		t, err := m.html.New(file).Parse(prepared)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
		}
		if err := checkOutside(file, t.Tree); err != nil {
			return nil, err
		}
	}
	for _, file := range []string{"mail/layout.txt.tmpl", "mail/" + name + ".txt.tmpl"} {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("%w %s: %w", ErrTemplate, file, err)
		}
		t, err := m.text.New(file).Parse(string(src))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
		}
		if err := checkOutside(file, t.Tree); err != nil {
			return nil, err
		}
	}
	return m, m.checkFields()
}

// trimIndent takes the indentation off every line, which is for the author of
// a template and would be a fifth of the mail's bytes. Lines keep their
// numbers.
func trimIndent(src string) string {
	lines := strings.Split(src, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " \t")
	}
	return strings.Join(lines, "\n")
}

// headers executes the blocks "subject" and "preheader" of a text template.
func (m *mailTemplate) headers(f *frame) error {
	for block, to := range map[string]*string{"subject": &f.Subject, "preheader": &f.Preheader} {
		if *to != "" || m.text.Lookup(block) == nil {
			continue
		}
		var b limitedBuffer
		if err := m.text.ExecuteTemplate(&b, block, f); err != nil {
			return fmt.Errorf("%w: %w", ErrTemplate, err)
		}
		*to = oneLine(b.String())
	}
	return nil
}

// executeHTML gives the mail before inlining, with tokens for its conditional
// comments.
func (m *mailTemplate) executeHTML(f *frame) (string, error) {
	var b limitedBuffer
	if err := m.html.ExecuteTemplate(&b, "mail/layout.html.tmpl", f); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return squeezeLines(b.String()), nil
}

func (m *mailTemplate) executeText(f *frame) (string, error) {
	var b limitedBuffer
	if err := m.text.ExecuteTemplate(&b, "mail/layout.txt.tmpl", f); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return tidyText(b.String()), nil
}

// squeezeLines drops empty lines, which mean nothing in HTML.
func squeezeLines(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(line)
		}
	}
	return b.String()
}

// A limitedBuffer refuses to grow above maxOutput.
type limitedBuffer struct{ bytes.Buffer }

var errOutput = errors.New("the template writes more than 4 MiB")

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		return 0, errOutput
	}
	return b.Buffer.Write(p)
}
