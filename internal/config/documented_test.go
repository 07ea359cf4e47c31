package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every setting has a row in the operators' manual, and the manual's table names
// no setting that there is not.
func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	_, rest, _ := strings.Cut(string(manual), "\n## Settings\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	for line := range strings.SplitSeq(section, "\n") {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			key, _, _ := strings.Cut(cell, "`")
			rows[key] = true
		}
	}
	for _, key := range leaves(reflect.TypeFor[Config](), "") {
		if !rows[key] {
			t.Errorf("docs/operating.md: got no row for %s in its table of settings, want one", key)
		}
		delete(rows, key)
	}
	for key := range rows {
		t.Errorf("docs/operating.md: got a row for %s, want none: there is no such setting", key)
	}
}
