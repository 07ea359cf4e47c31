package config

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed example.yaml
var example string

// Answers are what a new list's settings begin with; "" keeps the example's.
type Answers struct {
	Name          string
	BaseURL       string
	PostalAddress string
	From          string
	Relay         string
}

// Example gives the commented settings of a new list.
func Example(a Answers) []byte {
	text := example
	for _, s := range []struct{ key, value string }{
		{"  name:", a.Name}, {"  base_url:", a.BaseURL}, {"  postal_address:", a.PostalAddress},
		{"  from:", a.From}, {"  host:", a.Relay},
	} {
		if s.value != "" {
			text = replaceValue(text, s.key, s.value)
		}
	}
	return []byte(text)
}

// replaceValue sets the value of the first line that begins with a key, and
// keeps the line's comment.
func replaceValue(text, key, value string) string {
	before, rest, found := strings.Cut(text, "\n"+key)
	if !found {
		return text
	}
	line, after, _ := strings.Cut(rest, "\n")
	comment := ""
	if i := strings.Index(line, "   #"); i >= 0 {
		comment = line[i:]
	}
	return before + "\n" + key + " " + strconv.Quote(value) + comment + "\n" + after
}
