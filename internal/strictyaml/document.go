// Package strictyaml reads YAML that people write by hand, for settings and for
// comparisons.
//
// The package promises that nothing is passed over: an unknown or doubled key, a
// value of another type, a number that YAML takes for octal and a second
// document are problems, each with its line and what would be right. All are
// found in one pass, and the messages are for people who know neither Go nor
// YAML's grammar.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A SyntaxError is why a source is not one YAML document.
type SyntaxError struct {
	Line    int // 1-based
	Message string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// Document reads a source's one document; nil when it holds nothing but
// comments. Aliases stay as they are, so an alias bomb stays as small as its
// file. The error is a *SyntaxError.
func Document(src []byte) (*yaml.Node, error) {
	docs, err := documents(src)
	switch {
	case err != nil:
		return nil, explain(src, err)
	case len(docs) == 0:
		return nil, nil
	case len(docs) > 1:
		return nil, &SyntaxError{docs[1].Line, "a second YAML document begins here; keep one in a file"}
	}
	return docs[0], nil
}

func documents(src []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	for dec := yaml.NewDecoder(bytes.NewReader(src)); ; {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc.Content...)
	}
}

var errorLine = regexp.MustCompile(`^line (\d+): `)

// explain gives a syntax error's line and says it in plain words. The parser
// names the line where the surrounding block begins, or none, or one too low;
// the line where the shortest failing beginning of the file ends is where a
// reader looks.
func explain(src []byte, err error) *SyntaxError {
	line, msg := split(err)
	const fewLines, fewBytes = 500, 64 << 10
	ends := lineEnds(src)
	if len(ends) <= fewLines && len(src) <= fewBytes { // it costs a parse a line
		line = 1
		for k := len(ends) - 1; k > 0; k-- {
			_, err := documents(src[:ends[k-1]])
			if err != nil {
				if _, m := split(err); m == msg {
					continue
				}
			}
			line = k + 1
			break
		}
	}
	line = max(line, 1)
	return &SyntaxError{line, inWords(src, line, msg)}
}

func split(err error) (line int, msg string) {
	msg = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := errorLine.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	return line, msg
}

var (
	tabIndent   = regexp.MustCompile(`^ *\t`)
	badStart    = regexp.MustCompile("(?:^|: +|- +|[,\\[{] *)([@`%])")
	textAfter   = regexp.MustCompile(`:\s+(["']).*`)
	tabBefore   = regexp.MustCompile(`(?:- *|: *)\t`)
	hashInFlow  = regexp.MustCompile(`[\[{].* #`)
	secondColon = regexp.MustCompile(`^[^:#]+: .*: `)
)

// inWords says what a parser's message means in this line.
func inWords(src []byte, line int, msg string) string {
	text := lineText(src, line)
	switch {
	case tabIndent.MatchString(text) || strings.Contains(msg, "tab character"):
		return "is indented with a tab; YAML takes spaces only"
	case strings.Contains(msg, "mapping values are not allowed") && secondColon.MatchString(text):
		return `has a second ": " in it; put the text after the first one in quotes`
	case strings.Contains(msg, "mapping values are not allowed"):
		return `has a key where none can be; is it indented too far, or does the line above lack a ":"?`
	case strings.Contains(msg, "cannot start any token"):
		if m := badStart.FindStringSubmatch(text); m != nil {
			return "has a text that begins with " + m[1] + "; put it in quotes"
		}
		if tabBefore.MatchString(text) {
			return "has a tab before a text; YAML takes spaces only"
		}
		return "has a character that no text can begin with; put the text in quotes"
	case strings.Contains(msg, "unexpected end of stream"):
		return "has a quotation mark that is never closed"
	case strings.Contains(msg, "unknown anchor"), strings.Contains(msg, "did not find expected alphabetic"):
		return "has a text that begins with * or &; put it in quotes"
	case strings.Contains(msg, "escape"):
		return `has a \ in double quotes; write \\, or use single quotes`
	case strings.Contains(msg, "did not find expected key") && textAfter.MatchString(text):
		return "has text after a closing quotation mark; an apostrophe in single quotes is written twice"
	case strings.Contains(msg, "sequence entries are not allowed"):
		return `has a "- " where no list can begin; begin the list on a line of its own`
	case strings.Contains(msg, "',' or ']'"), strings.Contains(msg, "',' or '}'"), strings.Contains(msg, "node content"):
		if hashInFlow.MatchString(text) {
			return `has a " #" between brackets, which begins a comment, so the bracket is never closed; put the text in quotes`
		}
		return "has a bracket that is never closed, or a comma is missing"
	}
	return "is not YAML; is it indented like the lines around it, and does it have a key and a \": \"?"
}

func lineText(src []byte, line int) string {
	for text := range bytes.Lines(src) {
		if line--; line == 0 {
			return strings.TrimRight(string(text), "\r\n")
		}
	}
	return ""
}

// lineEnds are the offsets behind each line.
func lineEnds(src []byte) []int {
	var ends []int
	at := 0
	for line := range bytes.Lines(src) {
		at += len(line)
		ends = append(ends, at)
	}
	return ends
}
