// Package refusaltest has replies as servers give them, at least one for each row
// of package refusal's table, so that whatever uses the table can be tested with
// all of it.
package refusaltest

import (
	_ "embed"
	"strings"
)

// A Reply is a server's reply in one line, and what is to be found of it.
type Reply struct {
	Text     string // "550 5.7.30 This mail …"
	Provider string // "": it is not explained
	Fault    string
	Check    string // one of doctor's that proves it; "": none does
}

//go:embed replies.txt
var replies string

// Replies gives them all.
func Replies() []Reply {
	var list []Reply
	for line := range strings.Lines(replies) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimRight(line, "\n"), " | ")
		for i := range f {
			f[i] = strings.TrimPrefix(f[i], "-")
		}
		list = append(list, Reply{f[0], f[1], f[2], f[3]})
	}
	return list
}

// Parts are its reply code, its enhanced code ("": none) and its words.
func (r Reply) Parts() (code int, enhanced, text string) {
	number, rest, _ := strings.Cut(r.Text, " ")
	for _, c := range number {
		code = code*10 + int(c-'0')
	}
	if first, after, _ := strings.Cut(rest, " "); strings.Count(first, ".") == 2 && strings.Trim(first, "0123456789.") == "" {
		return code, first, after
	}
	return code, "", rest
}
