package main

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/check"
)

// sayFindings names what is not a pass, for a person.
func (a *app) sayFindings(findings []check.Finding) {
	n := map[check.Level]int64{}
	for _, f := range findings {
		if n[f.Level]++; f.Level != check.Pass {
			a.say("%s  %s: %s%s", f.Level, f.Check, f.Detail, remedy(f))
		}
	}
	a.say("%d checks passed, %s", n[check.Pass], count(n[check.Warn], "warning"))
	if failed := n[check.Fail]; failed > 0 {
		a.say("%s failed: the edition is not sent until that is fixed", count(failed, "check"))
	}
}

// printFindings writes every finding as data, the gravest first, and a total.
func (a *app) printFindings(findings []check.Finding) {
	var total []string
	for _, level := range []check.Level{check.Fail, check.Warn, check.Pass} {
		n := 0
		for _, f := range findings {
			if f.Level == level {
				a.printf("%-4s  %-24s %s%s\n", f.Level, f.Check, f.Detail, remedy(f))
				n++
			}
		}
		total = append(total, fmt.Sprintf("%d %s", n, level))
	}
	a.printf("%d checks: %s\n", len(findings), strings.Join(total, ", "))
}

func remedy(f check.Finding) string {
	if f.Fix == "" {
		return ""
	}
	return " → " + f.Fix
}
