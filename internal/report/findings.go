package report

import (
	"fmt"
	"io"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/spelling"
)

// Findings shows every finding about a mail, the gravest first, and a total.
func Findings(w io.Writer, found []check.Finding) {
	s := sheet{w}
	byLevel(s, found, []check.Level{check.Fail, check.Warn, check.Pass}, func(f check.Finding) check.Level { return f.Level }, func(f check.Finding) {
		s.line("%-4s  %-24s %s%s", f.Level, f.Check, f.Detail, remedy(f))
	})
}

// Checkup shows what doctor found, the gravest first, and a total.
func Checkup(w io.Writer, found []doctor.Finding) {
	s := sheet{w}
	levels := []doctor.Level{doctor.Fail, doctor.Warn, doctor.Skipped, doctor.Pass}
	byLevel(s, found, levels, func(f doctor.Finding) doctor.Level { return f.Level }, func(f doctor.Finding) {
		s.line("%-7s  %-14s  %s", f.Level, f.Check, f.Detail)
		if f.Fix != "" {
			s.line("%25s→ %s", "", f.Fix)
		}
	})
}

// byLevel writes findings in the order of levels, and how many there are of each.
func byLevel[F any, L comparable](s sheet, found []F, levels []L, of func(F) L, write func(F)) {
	var total []string
	for _, level := range levels {
		n := 0
		for _, f := range found {
			if of(f) == level {
				write(f)
				n++
			}
		}
		total = append(total, fmt.Sprintf("%d %v", n, level))
	}
	s.line("%d checks: %s", len(found), strings.Join(total, ", "))
}

// Concerns names what is not a pass, after a build.
func Concerns(w io.Writer, found []check.Finding) {
	s, n := sheet{w}, map[check.Level]int64{}
	for _, f := range found {
		if n[f.Level]++; f.Level != check.Pass {
			s.line("%s  %s: %s%s", f.Level, f.Check, f.Detail, remedy(f))
		}
	}
	s.line("%d checks passed, %s", n[check.Pass], spelling.Count(n[check.Warn], "warning"))
	if failed := n[check.Fail]; failed > 0 {
		s.line("%s failed: the edition is not sent until that is fixed", spelling.Count(failed, "check"))
	}
}

func remedy(f check.Finding) string {
	if f.Fix == "" {
		return ""
	}
	return " → " + f.Fix
}
