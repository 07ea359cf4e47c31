package main

import (
	"fmt"

	"verdicts.example/digest/internal/check"
)

// sayFindings names what is not a pass, for a person.
func (a *app) sayFindings(findings []check.Finding) {
	passed := 0
	for _, f := range findings {
		if f.Level == check.Pass {
			passed++
			continue
		}
		a.say("%s  %s: %s%s", f.Level, f.Check, f.Detail, remedy(f))
	}
	a.say("%d checks passed, %d did not", passed, len(findings)-passed)
}

// printFindings writes every finding as data.
func (a *app) printFindings(findings []check.Finding) {
	for _, f := range findings {
		fmt.Fprintf(a.stdout, "%-4s  %-24s %s%s\n", f.Level, f.Check, f.Detail, remedy(f))
	}
}

func remedy(f check.Finding) string {
	if f.Fix == "" {
		return ""
	}
	return " → " + f.Fix
}
