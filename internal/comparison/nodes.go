package comparison

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

// isAbsent is for a key that is not there or has no value ("key:" or null).
func isAbsent(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// describe names a value's kind for a message.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a set of keys"
	case yaml.AliasNode:
		return "an alias (*" + n.Value + "), which is not allowed here"
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

// join extends a field's path by a key.
func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// leaf is the last key of a field's path.
func leaf(at string) string { return at[strings.LastIndex(at, ".")+1:] }

// prefix names a field in front of a message; the root needs no name.
func prefix(at string) string {
	if at == "" {
		return ""
	}
	return leaf(at) + ": "
}

// of says what a key is no key of.
func of(at string) string {
	switch last := leaf(at); {
	case at == "":
		return " of a comparison"
	case strings.HasPrefix(last, "tools["):
		return " of a tool"
	case strings.HasPrefix(last, "reviews["):
		return " of a review"
	default:
		return " of " + last
	}
}
