package comparison

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// bare is a comparison without where it was read.
func bare(c Comparison) Comparison {
	c.File, c.lines, c.cuts = "", nil, nil
	return c
}

// assertSame compares all that a comparison says.
func assertSame(t testing.TB, what string, got, want Comparison) {
	t.Helper()
	if reflect.DeepEqual(bare(got), bare(want)) {
		return
	}
	g, _ := json.MarshalIndent(got, "", " ")
	w, _ := json.MarshalIndent(want, "", " ")
	t.Errorf("%s:\ngot %s\nwant %s", what, g, w)
}

func replaceOnce(t *testing.T, src, old, new string) string {
	t.Helper()
	if !strings.Contains(src, old) {
		t.Fatalf("the fixture does not hold %q", old)
	}
	return strings.Replace(src, old, new, 1)
}

// lineOf is the 1-based line that begins with text.
func lineOf(t *testing.T, src, text string) int {
	t.Helper()
	if text == "" {
		return 1 + strings.Count(strings.TrimSpace(src), "\n")
	}
	before, _, found := strings.Cut("\n"+src, "\n"+text)
	if !found {
		t.Fatalf("no line begins with %q", text)
	}
	return 1 + strings.Count(before, "\n")
}
