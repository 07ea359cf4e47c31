// Package templates holds the built-in mail and page templates with their
// style sheets, and lays an operator's own files over them.
//
// The package promises that an override is file by file, that a file which
// overrides nothing is an error (a typo never silently does nothing), and that
// an operator's folder is read through os.Root: a symbolic link that leads out
// of it is refused.
package templates

import "embed"

// builtin has mail/*.html.tmpl and mail/*.txt.tmpl with mail/*.css, and pages/.
//
//go:embed mail pages
var builtin embed.FS
