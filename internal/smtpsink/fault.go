package smtpsink

import (
	"math/rand/v2"
	"path"
	"sync"
	"time"
)

// A Stage is a place in the dialogue where something can go wrong.
type Stage string

// The stages, in order. Data is DATA and every BDAT but the last; Body is the
// message's bytes; Dot is its end: the final dot or BDAT LAST.
const (
	Greeting Stage = "greeting"
	EHLO     Stage = "EHLO"
	STARTTLS Stage = "STARTTLS"
	AUTH     Stage = "AUTH"
	MAIL     Stage = "MAIL"
	RCPT     Stage = "RCPT"
	Data     Stage = "DATA"
	Body     Stage = "body"
	Dot      Stage = "dot"
	RSET     Stage = "RSET"
	NOOP     Stage = "NOOP"
	QUIT     Stage = "QUIT"
)

// An Action is what goes wrong.
type Action uint8

// The actions. What a command does (open a transaction, take a message) is done
// unless the action says otherwise.
const (
	// Reply answers with Fault.Reply; a 4xx or 5xx undoes the command, and a
	// 421 closes the connection after it, as RFC 5321 §3.8 wants.
	Reply Action = iota
	// DropBefore closes the connection; the command is not done.
	DropBefore
	// DropSilent does the command and closes the connection without a reply.
	DropSilent
	// DropAfter does the command, answers and closes the connection.
	DropAfter
	// Half does the command, writes half of the reply and closes.
	Half
	// Garbage does the command and answers with bytes that are no SMTP reply.
	Garbage
	// Stall does the command but waits Delay before the reply; with a Delay of
	// 0 until the sink is closed.
	Stall
	// Slow does the command and writes the reply a byte each Delay.
	Slow
)

// A Fault is one thing that goes wrong, once or always.
type Fault struct {
	At   Stage
	Do   Action
	From string // only when the envelope sender matches (path.Match); "" = any
	To   string // only when the recipient matches, from RCPT on; "" = any

	Nth    int     // only at the Nth time the rest matches, counted from 1, whether or not another fault happens then; 0 = each time
	After  int     // only after the rest has matched that often; 0 = from the first time
	Chance float64 // only with this probability; 0 = always

	Reply  string        // for Reply: the complete reply, lines separated by \n
	Delay  time.Duration // for Stall and Slow
	Offset int           // for Body: after Offset bytes of the message
}

// dice decides which fault happens. It is shared by all connections.
type dice struct {
	mu     sync.Mutex
	faults []Fault
	seen   []int
	rng    *rand.Rand
}

func newDice(faults []Fault, seed uint64) *dice {
	return &dice{
		faults: faults, seen: make([]int, len(faults)),
		rng: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)),
	}
}

// at returns the fault of this moment, or nil.
func (d *dice) at(st Stage, from, to string) *Fault {
	if len(d.faults) == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var first *Fault
	for i := range d.faults {
		f := &d.faults[i]
		if f.At != st || !matches(f.From, from) || !matches(f.To, to) {
			continue
		}
		d.seen[i]++
		if first == nil && f.due(d.seen[i]) && (f.Chance == 0 || d.rng.Float64() < f.Chance) {
			first = f
		}
	}
	return first
}

// due reports whether the fault may happen at the nth time that it matches.
func (f *Fault) due(nth int) bool { return nth > f.After && (f.Nth == 0 || nth == f.Nth) }

func matches(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, s)
	return err == nil && ok
}
