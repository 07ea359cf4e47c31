package message

import "slices"

// sharedFrom is from how many bytes on a literal is shared between messages
// instead of copied into each: below it, a copy costs less than a piece more to
// write.
const sharedFrom = 1 << 10

// Parts is one reader's message in pieces: the long literals, which all readers
// share, and the rest, which is this reader's. Written one after the other they
// are what Append gives; a gathering write (writev) sends them without copying
// the shared ones first. The zero value is ready; reuse it for the next reader,
// whose pieces take the place of this one's.
type Parts struct {
	Pieces [][]byte // read only

	own   []byte // what is this reader's, all in one
	cut   int    // own up to here is in Pieces
	whole bool   // everything is copied into own: Append
}

// reset prepares for a message with at most that many bytes of its own: a growing
// own would leave its earlier pieces behind.
func (p *Parts) reset(room int) {
	p.Pieces, p.own, p.cut = p.Pieces[:0], slices.Grow(p.own[:0], room), 0
}

func (p *Parts) literal(lit []byte) {
	if p.whole || len(lit) < sharedFrom {
		p.own = append(p.own, lit...)
		return
	}
	p.flush()
	p.Pieces = append(p.Pieces, lit)
}

func (p *Parts) flush() {
	if end := len(p.own); end > p.cut {
		p.Pieces = append(p.Pieces, p.own[p.cut:end:end])
		p.cut = end
	}
}

// Split gives the reader's whole message, signatures first, in pieces. Its
// errors are Append's.
func (z *Sealed) Split(p *Parts, r *Reader) error {
	p.whole = false
	p.reset(z.Size(r) - z.frozen.shared)
	if err := z.write(p, r); err != nil {
		return err
	}
	p.flush()
	return nil
}
