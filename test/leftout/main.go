// Command leftout reads what "go test -json" writes and prints what a person
// wants of it: a line for each package, the output of each test that failed, and
// at the end each test that was left out with the reason. Without it a skipped
// test looks like one that passed. It exits with 1 unless every package passed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() { os.Exit(run(os.Stdin, os.Stdout)) }

// An event is a line of test2json; Test is empty in those of a package.
type event struct {
	Action, Package, Test, Output string
}

// A summary is what the events came to.
type summary struct {
	out      io.Writer
	output   map[string]*strings.Builder // of each test that still runs
	left     []string
	packages int
	failed   bool
}

func run(in io.Reader, out io.Writer) int {
	s := summary{out: out, output: map[string]*strings.Builder{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // of go itself
			continue
		}
		s.note(e)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(out, "read the tests' output:", err)
		s.failed = true
	}
	if len(s.left) > 0 {
		fmt.Fprintf(out, "\n%d left out:\n  %s\n", len(s.left), strings.Join(s.left, "\n  "))
	}
	if s.failed || s.packages == 0 {
		return 1
	}
	return 0
}

func (s *summary) note(e event) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(s.out, e.Output)
	case e.Action == "build-fail":
		s.failed = true
	case e.Test != "":
		s.test(e)
	case e.Action == "output" && e.Output != "PASS\n" && e.Output != "FAIL\n":
		fmt.Fprint(s.out, e.Output)
	case e.Action == "pass", e.Action == "fail", e.Action == "skip": // skip: it has no tests
		s.packages++
		s.failed = s.failed || e.Action == "fail"
		s.unfinished(e)
	}
}

// most is how much is printed of each test that did not end.
const most = 8 << 10

// unfinished prints what tests said that had not ended when their package did: it
// crashed, or its time was up.
func (s *summary) unfinished(e event) {
	for _, name := range slices.Sorted(maps.Keys(s.output)) {
		if !strings.HasPrefix(name, e.Package+" ") {
			continue
		}
		text := s.output[name].String()
		delete(s.output, name)
		if text == "" {
			continue
		}
		fmt.Fprintf(s.out, "%s did not end:\n%s\n", name, text[:min(len(text), most)])
	}
}

func (s *summary) test(e event) {
	name := e.Package + " " + e.Test
	switch e.Action {
	case "run":
		s.output[name] = &strings.Builder{}
	case "output":
		if b := s.output[name]; b != nil && !strings.HasPrefix(e.Output, "=== ") {
			b.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		text := ""
		if b := s.output[name]; b != nil {
			text = b.String()
		}
		delete(s.output, name)
		if e.Action == "fail" {
			fmt.Fprint(s.out, text)
		}
		if why, ok := reason(text); ok || e.Action == "skip" {
			s.left = append(s.left, name+": "+why)
		}
	}
}

// reason is what a test's output says of why it, or a part of it, was left out.
func reason(output string) (why string, said bool) {
	for line := range strings.Lines(output) {
		_, after, ok := strings.Cut(strings.TrimSpace(line), ".go:")
		if !ok {
			continue // not said by a test: a script shows its own commands
		}
		_, text, _ := strings.Cut(after, ": ")
		if part, ok := strings.CutPrefix(text, "left out: "); ok {
			return part, true
		}
		if why == "" {
			why = text
		}
	}
	return why, false
}
