package message

import (
	"fmt"
	"slices"

	"verdicts.example/digest/internal/mergefield"
)

// An op says which of the reader's values follows a piece of literal bytes,
// and how it is written there. The numbers are stored.
type op uint8

const (
	opNone      op = iota
	opTo           // header: the mailbox after "To: "
	opMessageID    // header: between the angle brackets
	opTokenURL     // header: within a URL
	opToken        // body: within a URL
	opEmail        // body
	opName         // body; the fallback for readers without a name
	opVote         // body: the token of a link, within a URL
	opSave
	opSaved
	opPreferences
	opLeave // header: the tag of an unsubscribe address

	opIfChanges  // body: a block begins, for who has a line in it
	opEachChange // body: what is repeated for each line begins
	opChange     // body: the line
	opNextChange // body: what is repeated ends
	opEndChanges // body: the block ends

	opKinds // how many there are

	// What may be added to a body op.
	opHTML op = 0x40 // the value stands in HTML
	opSoft op = 0x80 // a soft line break ends the value, if it has any characters
)

func (o op) kind() op { return o &^ (opHTML | opSoft) }

func (o op) inHead() bool { return o >= opTo && o <= opTokenURL || o == opLeave }

func (o op) inBody() bool {
	k := o.kind()
	return k >= opToken && k <= opPreferences || k >= opIfChanges && k <= opEndChanges
}

// inURL reports whether the value is a token within a URL of the body.
func (o op) inURL() bool {
	k := o.kind()
	return k == opToken || k >= opVote && k <= opPreferences
}

// A piece is literal bytes and the value after them.
type piece struct {
	lit []byte
	op  op
}

// A Frozen mail is one edition's message, complete but for the readers'
// values. It is immutable and safe for concurrent use.
type Frozen struct {
	identity identity
	fallback string  // what a name field says to a reader without a name
	head     []piece // up to and with the blank line
	body     []piece

	static int          // bytes of all literals
	shared int          // those of them that Split does not copy
	counts [opKinds]int // how often each value is spliced in
	again  int          // bytes of what is repeated for each line of a block
}

// identity is what a mail's Message-IDs and envelope senders are made of.
type identity struct {
	week         string // ISO week, "2026-W47"
	idDomain     string // of Message-IDs
	bounceDomain string // of VERP envelope senders; "" = none
	from         string // the author's address: the envelope sender without VERP
}

// Week is the edition's ISO week, such as "2026-W47".
func (f *Frozen) Week() string { return f.identity.week }

// From is the address in the From field.
func (f *Frozen) From() string { return f.identity.from }

// measure prepares what Size needs.
func (f *Frozen) measure() {
	for _, p := range slices.Concat(f.head, f.body) {
		f.static += len(p.lit)
		f.counts[p.op.kind()]++
	}
	within := false
	for _, p := range f.body {
		if len(p.lit) >= sharedFrom {
			f.shared += len(p.lit)
		}
		if within {
			f.again += len(p.lit)
		}
		switch p.op.kind() {
		case opEachChange:
			within = true
		case opNextChange:
			within = false
		}
	}
}

// Append appends the reader's whole message to dst. It allocates only when dst
// has less room than Size says. For a reader who does not pass Check the
// message is harmless, but need not reach anybody.
func (f *Frozen) Append(dst []byte, r *Reader) []byte {
	p := Parts{own: slices.Grow(dst, f.Size(r)), whole: true}
	f.write(&p, r)
	return p.own
}

func (f *Frozen) write(p *Parts, r *Reader) {
	p.own = appendHead(p.own, f.head, r)
	var once bodyValues
	walk := walker{body: f.body, lines: len(r.Changes)}
	for i, ok := walk.next(); ok; i, ok = walk.next() {
		p.literal(f.body[i].lit)
		p.own = once.append(p.own, f, f.body[i].op, r, walk.line)
	}
}

// check says why the reader can have no such mail, as Reader.Check does.
func (f *Frozen) check(r *Reader) error {
	if r.Token == "" && f.counts[opToken]+f.counts[opTokenURL] > 0 {
		return fmt.Errorf("%w: the mail has unsubscribe links, the reader has no token for them", ErrReader)
	}
	if r.Leave == "" && f.TakesLeave() {
		return fmt.Errorf("%w: the mail has an unsubscribe address, the reader has no tag for it", ErrReader)
	}
	for o := opVote; o <= opPreferences; o++ {
		if f.counts[o] > 0 && r.link(o) == "" {
			return fmt.Errorf("%w: the mail has links of the reader's own, the reader lacks a token for one", ErrReader)
		}
	}
	return r.Check()
}

// Uses reports whether the mail has a place for this field's value.
func (f *Frozen) Uses(field mergefield.Field) bool { return f.counts[fieldOp(field)] > 0 }

// TakesLeave reports whether the mail has an unsubscribe address, which needs
// Reader.Leave.
func (f *Frozen) TakesLeave() bool { return f.counts[opLeave] > 0 }

// Size is an upper bound, in bytes, of the reader's message.
func (f *Frozen) Size(r *Reader) int {
	name := len(r.Name)
	if f.nameless(r) {
		name = len(f.fallback)
	}
	links := 0
	for o := opVote; o <= opPreferences; o++ {
		links += f.counts[o] * valueBound(len(r.link(o)))
	}
	return f.static + links +
		f.counts[opTo]*(wordsBound(len(r.Name))+len("\r\n <>")+max(len(r.Email), len(noMailbox))) +
		f.counts[opMessageID]*max(len(r.MessageID), len(noMessageID)) +
		f.counts[opTokenURL]*3*len(r.token()) +
		f.counts[opLeave]*len(r.leave()) +
		f.counts[opToken]*valueBound(len(r.token())) +
		f.counts[opEmail]*valueBound(len(r.Email)) +
		f.counts[opName]*valueBound(name) +
		f.sizeOfChanges(r)
}

func (f *Frozen) sizeOfChanges(r *Reader) int {
	n := len(r.Changes) * f.again
	for _, line := range r.Changes {
		n += f.counts[opChange] * valueBound(len(line))
	}
	return n
}

// worstByte is the most quoted-printable characters that a byte of a value can
// become: U+FFFD, for a byte that is not UTF-8; also %XX with each quoted.
const worstByte = len("=EF=BF=BD")

func valueBound(n int) int {
	encoded := worstByte * n
	return encoded + (encoded/(qpLine-2)+1)*len("=\r\n")
}

// wordsBound counts each encoded word as no fuller than it must be.
func wordsBound(n int) int {
	encoded := worstByte * n
	return encoded + (encoded/32+1)*(wordCost+len("\r\n "))
}
