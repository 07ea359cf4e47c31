package strictyaml

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

// IsAbsent is for a key that is not there or has no value ("key:" or null).
func IsAbsent(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Anchor == ""
}

// Describe names a value's kind for a message.
func Describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a set of keys"
	case n.Kind == yaml.AliasNode:
		return "an alias (*" + n.Value + "), which is not allowed here"
	case n.Anchor != "" && n.Value == "":
		return "a name for an alias (&" + n.Anchor + ")"
	}
	switch n.ShortTag() {
	case "!!null":
		return "empty"
	case "!!str":
		return "the text " + spelling.Clip(n.Value)
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return n.Value
	case "!!timestamp":
		return "the date " + n.Value
	}
	return "of the type " + n.Tag
}

// Join extends a path by a key.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Leaf is the last key of a path.
func Leaf(path string) string { return path[strings.LastIndex(path, ".")+1:] }

// in says where a key stands: " in review 3 of tool 1", "" at the top.
func in(path string) string {
	if path == "" {
		return ""
	}
	parts := strings.Split(path, ".")
	for i, p := range parts {
		name, index, isItem := strings.Cut(strings.TrimSuffix(p, "]"), "[")
		if n, err := strconv.Atoi(index); isItem && err == nil {
			parts[i] = strings.TrimSuffix(name, "s") + " " + strconv.Itoa(n+1)
		}
	}
	words := ""
	for i := len(parts) - 1; i >= 0; i-- {
		if words != "" {
			words += " of "
		}
		words += parts[i]
	}
	return " in " + words
}

// code marks what somebody has written or would write, on one line.
func code(s string) string {
	return "`" + strings.Trim(spelling.Clip(s), `"`) + "`"
}
