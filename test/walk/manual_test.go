package walk

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A block is a fenced block of the manual.
type block struct {
	language string // "sh", "dns", "yaml"
	text     string
}

// manualSteps are the blocks of a section of docs/operating.md, by the number of the
// step ("**4. The mail server**") that they stand below.
func manualSteps(t *testing.T, section string) map[string][]block {
	t.Helper()
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+section+"\n")
	if !found {
		t.Fatalf("docs/operating.md has no section %q", section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	numbered := regexp.MustCompile(`^\*\*(\d+)\. `)
	steps, step := map[string][]block{}, ""
	var open *block
	for line := range strings.Lines(rest) {
		fence, isFence := strings.CutPrefix(line, "```")
		switch m := numbered.FindStringSubmatch(line); {
		case open == nil && m != nil:
			step = m[1]
		case open == nil && isFence:
			open = &block{language: strings.TrimSpace(fence)}
		case isFence:
			steps[step] = append(steps[step], *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	return steps
}

// of is the step's block of a language; want exactly one.
func of(t *testing.T, steps map[string][]block, step, language string) []string {
	t.Helper()
	var out []string
	for _, b := range steps[step] {
		if b.language == language {
			out = append(out, b.text)
		}
	}
	if len(out) == 0 {
		t.Fatalf("step %s of the manual has no block of %s", step, language)
	}
	return out
}

// scripts are the blocks of shell of a part of docs/operating.md below a heading.
func scripts(t *testing.T, heading string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n### "+heading+"\n")
	if !found {
		t.Fatalf("docs/operating.md has no part %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	for _, g := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(rest, -1) {
		list = append(list, g[1])
	}
	if len(list) == 0 {
		t.Fatalf("part %q of the manual has no block of sh", heading)
	}
	return list
}
