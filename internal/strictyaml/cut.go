package strictyaml

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Cut is a text that ends, or is missing, because YAML took the rest of its
// line for a comment.
type Cut struct {
	Line int
	Rest string // what YAML took for a comment: "# one"
}

// FindCut looks for one in a key's value: a plain text, or nothing, and one space
// before the "#". Two spaces or more, or a tab, are how people set off a comment.
func FindCut(src []byte, key, value *yaml.Node) (Cut, bool) {
	comment := value.LineComment
	if comment == "" && IsAbsent(value) {
		comment = key.LineComment
	}
	const written = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	if comment == "" || value.Kind != yaml.ScalarNode || value.Style&written != 0 {
		return Cut{}, false
	}
	line := 0
	for text := range bytes.Lines(src) {
		if line++; line < key.Line {
			continue
		}
		before, found := strings.CutSuffix(strings.TrimRight(string(text), " \t\r\n"), comment)
		if !found {
			if line > value.Line && strings.TrimSpace(before) == "" {
				break
			}
			continue
		}
		alone := strings.TrimRight(before, " \t")
		return Cut{line, comment}, len(before)-len(alone) == 1 && strings.HasSuffix(before, " ") && alone != ""
	}
	return Cut{}, false
}
