package report

import (
	"fmt"
	"io"
	"strings"

	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/subscribers"
)

// Faults names what was not taken of a file of readers, and what it cannot say.
func Faults(w io.Writer, r subscribers.ImportReport) {
	s := sheet{w}
	for _, x := range r.Rejected {
		s.line("%s", x)
	}
	for _, x := range r.Notes {
		s.line("%s", x)
	}
	if r.MoreNotes > 0 {
		s.line("and %s like these", spelling.Count(r.MoreNotes, "more note"))
	}
	for _, warning := range r.Warnings {
		s.line("warning: %s", warning)
	}
}

// Import says what an import did, or would do.
func Import(w io.Writer, r subscribers.ImportReport) {
	s, verb := sheet{w}, ""
	if r.Batch == 0 {
		verb = "would be "
	}
	s.line("%s %sadded, %d updated, %d unchanged, %s rejected", spelling.Count(r.Added, "reader"), verb, r.Updated, r.Unchanged, spelling.Count(len(r.Rejected), "line"))
	if away := standings(r); away != "" {
		s.line("the file has %s", away)
	}
	for _, column := range r.Ignored {
		s.line("column %q is not used", column)
	}
	if r.Added+r.Updated > 0 && r.Batch != 0 {
		s.line("until the next send, 'digest subscribers import --undo %d' takes it back", r.Batch)
	}
}

// standings counts a file's rows by what they are; "" when all are active.
func standings(r subscribers.ImportReport) string {
	var parts []string
	for _, s := range subscribers.Standings() {
		if n := r.Standings[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 || len(parts) == 1 && r.Standings[subscribers.StandsActive] > 0 {
		return ""
	}
	return strings.Join(parts, ", ")
}
