package render

import (
	"fmt"
	"html/template"
	"io/fs"

	"verdicts.example/digest/internal/sheet"
)

// The style sheets of the mails.
const (
	sheetFile   = "mail/mail.css" // inlined
	keptFile    = "mail/kept.css" // media queries, dark mode, hover, client hacks
	outlookFile = "mail/ogsc.css" // [data-ogsc] and [data-ogsb], in a block of its own
)

// styles are the three sheets, checked and without their comments.
type styles struct{ sheet, kept, outlook template.CSS }

func loadStyles(files fs.FS) (styles, error) {
	var s styles
	var problems sheet.Problems
	for _, part := range []struct {
		file string
		lint func(file, src string) sheet.Problems
		to   *template.CSS
	}{
		{sheetFile, sheet.LintInlined, &s.sheet},
		{keptFile, sheet.LintKept, &s.kept},
		{outlookFile, sheet.LintOutlook, &s.outlook},
	} {
		src, err := fs.ReadFile(files, part.file)
		if err != nil {
			return s, fmt.Errorf("%w %s: %w", ErrStyle, part.file, err)
		}
		problems = append(problems, part.lint(part.file, string(src))...)
		*part.to = template.CSS(sheet.Strip(string(src)))
	}
	if err := problems.Err(); err != nil {
		return s, fmt.Errorf("%w: %w", ErrStyle, err)
	}
	return s, nil
}
