// Package refusal explains what mail servers say when they refuse: what a
// provider's code means, whose fault it is, what to do, and which check of doctor
// proves it. The table is data (table.txt), each row with its source and date.
//
// Explain is a pure function. A reply that no row fits is not explained: what the
// codes of RFC 3463 mean in general is delivery.Classify's affair.
package refusal

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Fault says whose a refusal is.
type Fault string

// The faults.
const (
	Setup      Fault = "setup"      // DNS, signature or TLS of the sender: the operator's
	Account    Fault = "account"    // the account at the relay, or the right to use it
	Reputation Fault = "reputation" // what readers, providers and lists think of the sender
	Rate       Fault = "rate"       // too much at a time
	Message    Fault = "message"    // what the message is
	Reader     Fault = "reader"     // the mailbox or its organisation
	Server     Fault = "server"     // a server on the way
)

// Operators reports whether only the operator can correct it: no waiting will, and
// no reader is to blame.
func (f Fault) Operators() bool { return f == Setup || f == Account }

// A Then says what follows from a refusal beside what its class asks for.
type Then string

// What follows.
const (
	Nothing Then = "-"
	Tell    Then = "tell"  // the operators are told at once
	Pause   Then = "pause" // they are told at once, and the send pauses when it repeats
)

// A Row explains one kind of refusal.
type Row struct {
	Provider string // "Gmail"; "any": several
	Fault    Fault
	Then     Then
	Checks   []string // of doctor
	Meaning  string   // half a sentence, without a full stop
	Action   string
	Source   string // where the provider says so
	Date     string // "2025-11", as of when

	class byte     // '4', '5', or '*'
	codes []string // "7.26"; none: any
	words []string // in lower case
	key   string
}

// Key tells kinds of refusals apart, shortly and without a reader's address:
// "gmail 7.30".
func (r Row) Key() string { return r.key }

// String says it in one sentence.
func (r Row) String() string {
	s := r.Meaning + "; " + r.Action
	if r.Provider != "any" {
		s = r.Provider + ": " + s
	}
	if len(r.Checks) > 0 {
		s += " ('digest doctor' checks: " + strings.Join(r.Checks, ", ") + ")"
	}
	return s
}

// Explain gives the row that fits a reply: its reply code (RFC 5321 §4.2), its
// enhanced status code (RFC 3463, "" for none) and its text.
func Explain(code int, enhanced, text string) (Row, bool) {
	class := byte('0' + code/100)
	if class != '4' && class != '5' {
		return Row{}, false
	}
	detail := ""
	if len(enhanced) > 2 && enhanced[1] == '.' {
		detail = enhanced[2:]
	}
	lower := strings.ToLower(text)
	for _, r := range Table() {
		if r.fits(class, detail, lower) {
			return r, true
		}
	}
	return Row{}, false
}

func (r *Row) fits(class byte, detail, lower string) bool {
	if r.class != '*' && r.class != class {
		return false
	}
	if len(r.codes) > 0 && !slices.ContainsFunc(r.codes, func(code string) bool { return covers(code, detail) }) {
		return false
	}
	for _, w := range r.words {
		if !strings.Contains(lower, w) {
			return false
		}
	}
	return true
}

// covers reports whether a row's code, or its range of codes of one subject, has this one.
func covers(code, detail string) bool {
	from, to, isRange := strings.Cut(code, "-")
	if !isRange {
		return code == detail
	}
	subject, number := numbered(detail)
	least, first := numbered(from)
	most, last := numbered(to)
	return subject == least && subject == most && first <= number && number <= last
}

// numbered takes "7.606" apart.
func numbered(detail string) (subject string, number int) {
	subject, digits, _ := strings.Cut(detail, ".")
	number, _ = strconv.Atoi(digits) // 0 is in no range
	return subject, number
}

// ExplainLine is Explain of a reply in one line, as it is recorded: "550 5.7.26
// This mail …".
func ExplainLine(reply string) (Row, bool) {
	code, rest, _ := strings.Cut(reply, " ")
	if len(code) != 3 || strings.Trim(code, "0123456789") != "" {
		return Row{}, false
	}
	n := int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	enhanced, text, _ := strings.Cut(rest, " ")
	if len(enhanced) < 5 || enhanced[1] != '.' || strings.Trim(enhanced, "0123456789.") != "" {
		enhanced, text = "", rest
	}
	return Explain(n, enhanced, text)
}

//go:embed table.txt
var table string

// Table gives all rows, in the order in which they are tried.
func Table() []Row { return rows() }

var rows = sync.OnceValue(func() []Row {
	list, err := parse(table)
	if err != nil {
		panic(err) // a test reads the table
	}
	return list
})

const fields = 11

func parse(text string) ([]Row, error) {
	var list []Row
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != fields {
			return nil, fmt.Errorf("table.txt:%d: %d fields, not %d", i+1, len(f), fields)
		}
		for k := range f {
			f[k] = strings.TrimSpace(f[k])
		}
		r := Row{
			Provider: f[0], class: f[1][0], codes: split(f[2], " "), words: split(f[3], ";"),
			Fault: Fault(f[4]), Then: Then(f[5]), Checks: split(f[6], " "),
			Meaning: f[7], Action: f[8], Source: f[9], Date: f[10],
		}
		r.key = strings.ToLower(r.Provider + " " + strings.Trim(strings.Join(append(split(f[2], " "), r.words...), " "), "[ "))
		list = append(list, r)
	}
	return list, nil
}

// split splits a field; "-" is empty.
func split(field, sep string) []string {
	if field == "-" {
		return nil
	}
	return strings.Split(field, sep)
}
