package render

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"

	"verdicts.example/digest/internal/templatecheck"
)

// checkFields finds what would fail only for a given edition: a field that the mail's
// data does not have, in whatever branch.
func (m *mailTemplate) checkFields() error {
	data := reflect.TypeOf(samples()[m.name])
	html := templatecheck.Set{Trees: map[string]*parse.Tree{}, Funcs: htmlFuncs(m), Data: data}
	for _, t := range m.html.Templates() {
		html.Trees[t.Name()] = t.Tree
	}
	text := templatecheck.Set{Trees: map[string]*parse.Tree{}, Funcs: textFuncs(), Data: data}
	for _, t := range m.text.Templates() {
		text.Trees[t.Name()] = t.Tree
	}
	dot := reflect.TypeFor[*frame]()
	wrong := html.Check("mail/layout.html.tmpl", dot)
	for _, part := range []string{"mail/layout.txt.tmpl", "subject", "preheader"} {
		wrong = append(wrong, text.Check(part, dot)...)
	}
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return nil
}

// checkOutside refuses what a mail's own file has outside of its blocks: the layout
// shows the blocks alone.
func checkOutside(file string, tree *parse.Tree) error {
	if strings.HasPrefix(file, "mail/layout.") {
		return nil
	}
	if err := templatecheck.Outside(tree); err != nil {
		return fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return nil
}
