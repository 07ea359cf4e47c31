package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The pages for whoever carries on name what is there, and all of it: flow.md
// every package, dependencies.md every direct dependency; and the files that
// flow.md and the glossary lead to exist.
func TestDocsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	story, _, _ := strings.Cut(read("docs/flow.md"), "```imports")
	for pkg := range packages(t) {
		if !strings.Contains(story, "`"+pkg) {
			t.Errorf("docs/flow.md does not say what %s is for", pkg)
		}
	}
	direct, _, _ := strings.Cut(read("go.mod"), ")")
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v`).FindAllStringSubmatch(direct, -1) {
		if !strings.Contains(read("docs/dependencies.md"), "`"+m[1]+"`") {
			t.Errorf("docs/dependencies.md has no reason for %s", m[1])
		}
	}
	file := regexp.MustCompile("`((?:internal|subscribers|cmd|templates)/[a-z0-9_/]*\\.[a-z]+)`")
	for _, m := range file.FindAllStringSubmatch(story+read("docs/glossary.md"), -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("the docs lead to a file that is gone: %v", err)
		}
	}
}
