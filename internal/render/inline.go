package render

import (
	"fmt"
	"strings"

	"github.com/vanng822/go-premailer/premailer"

	"verdicts.example/digest/internal/mergefield"
)

// keptMarker makes the inliner leave a style element alone; it is taken off
// afterwards.
const keptMarker = ` data-premailer="ignore"`

// inline writes the sheet's declarations into style attributes. The kept style
// elements stay verbatim; their marker goes.
//
// Options: CSS is not copied to attributes, because the inliner would write
// width="33.3" on any element; classes stay, because the kept rules need them.
func inline(doc string) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = "", fmt.Errorf("%w: the inliner gave up: %v (an attribute pr-el-id makes it do so; take it out of the template)", ErrTemplate, r)
		}
	}()
	options := premailer.NewOptions(
		premailer.WithCssToAttributes(false),
		premailer.WithKeepBangImportant(false),
		premailer.WithRemoveClasses(false),
	)
	p, err := premailer.NewPremailerFromString(doc, options)
	if err != nil {
		return "", fmt.Errorf("%w: parse the HTML: %w", ErrTemplate, err)
	}
	if out, err = p.Transform(); err != nil {
		return "", fmt.Errorf("%w: inline the style sheet: %w", ErrTemplate, err)
	}
	out = strings.ReplaceAll(out, "<style"+keptMarker, "<style")
	for _, s := range mergefield.All() {
		if got, want := strings.Count(out, string(s)), strings.Count(doc, string(s)); got != want {
			return "", fmt.Errorf("%w: inlining left %d of %d places for %s", ErrTemplate, got, want, s)
		}
	}
	return out, nil
}
