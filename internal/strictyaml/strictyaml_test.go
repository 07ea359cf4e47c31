package strictyaml

import (
	"fmt"
	"strings"
	"testing"
)

// read reads a document of known keys and gives what was reported.
func read(t *testing.T, src string) (values map[string]any, reports []string) {
	t.Helper()
	values = map[string]any{}
	root, err := Document([]byte(src))
	if err != nil {
		return values, []string{err.Error()}
	}
	if root == nil {
		return values, nil
	}
	r := Reader{
		Report: func(line int, _, message string) { reports = append(reports, fmt.Sprintf("%d: %s", line, message)) },
		Homes:  []Home{{Place: "in a tool", Keys: []string{"name", "url"}}},
	}
	m, ok := r.Mapping("", root, []string{"text", "written", "whole", "number", "flag", "list", "tools"})
	if !ok {
		return values, reports
	}
	for key, n := range m.Values {
		if IsAbsent(n) {
			continue
		}
		switch key {
		case "text":
			values[key], _ = r.Text(key, n)
		case "written":
			values[key], _ = r.Written(key, n)
		case "whole":
			values[key], _ = r.Int(key, n)
		case "number":
			values[key], _ = r.Number(key, n)
		case "flag":
			values[key], _ = r.Bool(key, n)
		case "list", "tools":
			items, _ := r.Items(key, n)
			for i, item := range items {
				if key == "tools" {
					r.Mapping(fmt.Sprintf("tools[%d]", i), item, []string{"name", "url"})
				}
			}
			values[key] = len(items)
		}
	}
	return values, reports
}

func TestValues(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]map[string]any{
		"text: a b":          {"text": "a b"},
		"text: '2026'":       {"text": "2026"},
		"written: 2026":      {"written": "2026"},
		"written: 007":       {"written": "007"},
		"written: no":        {"written": "no"},
		"whole: -12":         {"whole": -12},
		"whole: 0":           {"whole": 0},
		"number: 2.5":        {"number": 2.5},
		"number: 0":          {"number": 0.0},
		"flag: true":         {"flag": true},
		"list: [a, b]":       {"list": 2},
		"text:":              {},
		"# nothing":          {},
		"text: null\n":       {},
		"list: []\n---\n":    nil, // two documents
		"text: a\n...\n":     {"text": "a"},
		"---\ntext: a\n":     {"text": "a"},
		"\"text\": \"a\\n\"": {"text": "a\n"},
	} {
		got, reports := read(t, src)
		if want == nil {
			continue
		}
		if len(reports) > 0 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: got %v and %v, want %v", src, got, reports, want)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"txt: a":                                "1: unknown key `txt`; did you mean `text`?",
		"tools:\n- x: 1\n- name: A\n  nmae: B":  "4: unknown key `nmae` in tool 2; did you mean `name`?",
		"tools:\n- flag: 1":                     "2: unknown key `flag` in tool 1; there are name, url",
		"url: x":                                "1: unknown key `url`; it belongs in a tool",
		"text: a\ntext: b":                      "2: `text` is given twice, first in line 1; delete one",
		"a: 1\na: 2":                            "2: `a` is given twice, first in line 1; delete one",
		"? [a]\n: b":                            "1: a list is a key; keys are words such as text",
		"[a]":                                   "1: is a list, but must have keys such as text and written",
		"just words":                            `1: is the text "just words", but must have keys such as text and written`,
		"text: 7":                               "1: text: is the number 7, but must be text; put it in quotes",
		"text: [a]":                             "1: text: is a list, but must be text; put it in quotes",
		"text: {x}":                             "1: text: is a set of keys, but must be text; put it in quotes",
		"text:\n  - a":                          "2: text: is a list, but must be text",
		"text: true":                            "1: text: is true, but must be text; put it in quotes",
		"text: !a b":                            "1: text: is of the type !a, but must be text",
		"text: &co":                             "1: text: is a name for an alias (&co), but must be text; put it in quotes",
		"text: &a x\nwritten: *a":               "2: written: is an alias (*a), which is not allowed here, but must be text",
		"written: 2026-11-18\ntext: 2026-11-18": "2: text: is the date 2026-11-18, but must be text; put it in quotes",
		"whole: 088":                            "1: whole: is the number 088, but must be a whole number; a number that begins with 0 may be read as octal: write 88",
		"whole: 010":                            "write 10",
		"whole: 00":                             "write 0",
		"number: 010":                           "write 10",
		"whole: 0x1F":                           "is the number 0x1F, but must be a whole number",
		"whole: 1_000":                          "is the number 1_000, but must be a whole number; write 1000",
		"whole: 1,000":                          `is the text "1,000", but must be a whole number; write 1000`,
		"whole: 75%":                            `is the text "75%", but must be a whole number; write 75`,
		"whole: many":                           `is the text "many", but must be a whole number`,
		"whole: 2.5":                            "is the number 2.5, but must be a whole number",
		"whole: 12345678901":                    "is the number 12345678901, but must be a whole number",
		"number: .inf":                          "is the number .inf, but must be a number",
		"flag: yes":                             `is the text "yes", but must be true or false`,
		"list: a":                               `is the text "a", but must be a list; begin each item with "- "`,
		"text: a\n---\ntext: b":                 "3: a second YAML document begins here; keep one in a file",
		"text: a\n\twritten: b":                 "2: is indented with a tab; YAML takes spaces only",
		"tools:\n\t- name: a":                   "2: is indented with a tab; YAML takes spaces only",
		"list:\n  -\ttext: a":                   "2: has a tab before a text; YAML takes spaces only",
		"text: !!str 5":                         "is the text \"5\", but must be text without a tag such as !!str",
		"list: [a, {text: The #1 editor}]":      "1: has a \" #\" between brackets",
		"text: >\n\ta":                          "2: is indented with a tab; YAML takes spaces only",
		"text: a: b":                            `1: has a second ": " in it; put the text after the first one in quotes`,
		"text: a\n  list: b":                    `2: has a key where none can be`,
		"text: @x":                              "1: has a text that begins with @; put it in quotes",
		"text: `x`":                             "1: has a text that begins with `; put it in quotes",
		"text: *x":                              "1: has a text that begins with * or &; put it in quotes",
		"text: 'it's'":                          "1: has text after a closing quotation mark; an apostrophe in single quotes is written twice",
		"text: \"C:\\q\"":                       `1: has a \ in double quotes; write \\, or use single quotes`,
		"text: \"a\nlist: b":                    "1: has a quotation mark that is never closed",
		"list: [a, b\ntext: c":                  "1: has a bracket that is never closed, or a comma is missing",
		"list: - a":                             `1: has a "- " where no list can begin; begin the list on a line of its own`,
	} {
		_, reports := read(t, src)
		if !strings.Contains(strings.Join(reports, "\n"), strings.TrimPrefix(want, "1: ")) || strings.Contains(strings.Join(reports, "\n"), "strconv") {
			t.Errorf("%q: got %q, want %q", src, reports, want)
		}
	}
}

func TestFindCut(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"text: C # one":                "1 # one",
		"text: The #1 editor":          "1 #1 editor",
		"text: #1 editor":              "1 #1 editor",
		"text: a\n  b # c\nlist: []":   "2 # c",
		"{text: a # b\n}":              "1 # b",
		"text: Free  # the price":      "",
		"text: Free\t# the price":      "",
		"text: 'C # one'":              "",
		"text: \"C\" # one":            "",
		"text: C# and F#":              "",
		"text: >- # folded\n  C # one": "",
		"text: a\n# b":                 "",
		"text:\n  # b\n  a":            "",
	} {
		root, err := Document([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		cut, found := FindCut([]byte(src), root.Content[0], root.Content[1])
		got := ""
		if found {
			got = fmt.Sprintf("%d %s", cut.Line, cut.Rest)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", src, got, want)
		}
	}
}

// FuzzDocument: nothing panics, and a syntax error names a line of the source.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{"text: a", "a: &a [*a]", "\t", "text: 'it's'", "? x", "a: |\n  x\n y", "tools:\n- {name: #}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		root, err := Document([]byte(src))
		if err != nil {
			if e, ok := err.(*SyntaxError); !ok || e.Line < 1 || e.Line > 1+strings.Count(src, "\n") || e.Message == "" {
				t.Errorf("got %#v, want a SyntaxError with a line of the source", err)
			}
			return
		}
		if root != nil && len(root.Content) > 1 {
			FindCut([]byte(src), root.Content[0], root.Content[1])
			read(t, src)
		}
	})
}
