package comparison

import (
	"strings"
	"testing"
	"time"
)

func TestUpdated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		published, updated string
		problem, lint      string // "" for none
	}{
		{published: "2026-11-18", updated: "2026-11-24"},
		{published: "2026-11-18", updated: "2026-11-18"},
		{published: "2026-11-18T15:00:00Z", updated: "2026-11-18"},
		{published: "2026-11-18T15:00:00Z", updated: "2026-11-25T11:59:00Z"},
		{published: "2026-11-18", updated: "2026-11-25"},
		{published: "2026-11-18", updated: "2026-11-17", problem: "updated: 2026-11-17 is before published (2026-11-18)"},
		{published: "2026-11-18T15:00:00Z", updated: "2026-11-18T14:59:59Z", problem: "is before published"},
		{published: "2026-11-18", updated: "next week", problem: `updated: "next week" is neither a date`},
		{published: "2026-11-18", updated: "7", problem: "updated: is the number 7"},
		{published: "2026-11-18", updated: "2026-11-26", lint: "updated: 2026-11-26 is in the future"},
		{published: "2026-11-18", updated: "2026-11-25T12:00:01Z", lint: "is in the future"},
	}
	for _, tt := range tests {
		src := strings.Replace(goodYAML, "published: 2026-11-18\n", "published: "+tt.published+"\nupdated: "+tt.updated+"\n", 1)
		c, problems := Parse("x.yaml", []byte(src))
		assertProblem(t, tt.updated+" after "+tt.published, problems, tt.problem, lineOf(t, src, "updated"))
		if tt.problem == "" {
			assertProblem(t, "lint of "+tt.updated, c.Lint(now), tt.lint, lineOf(t, src, "updated"))
		}
	}
}

// assertProblem wants one problem with the text in the line, or none for "".
func assertProblem(t *testing.T, what string, got []Problem, want string, line int) {
	t.Helper()
	switch {
	case want == "" && len(got) == 0:
	case want != "" && len(got) == 1 && got[0].Line == line && strings.Contains(got[0].Message, want):
	default:
		t.Errorf("%s: got %v, want %q in line %d", what, got, want, line)
	}
}
