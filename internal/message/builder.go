package message

import "slices"

// A builder collects pieces.
type builder struct {
	pieces []piece
	lit    []byte
}

func (b *builder) text(s string) *builder {
	b.lit = append(b.lit, s...)
	return b
}

func (b *builder) field(o op) *builder {
	b.pieces = append(b.pieces, piece{slices.Clone(b.lit), o})
	b.lit = b.lit[:0]
	return b
}

// appendAll appends a part's pieces.
func (b *builder) appendAll(pieces []piece) {
	for _, p := range pieces {
		b.lit = append(b.lit, p.lit...)
		if p.op != opNone {
			b.field(p.op)
		}
	}
}

// done ends the collection with what was written last, which no value follows.
func (b *builder) done() []piece {
	return append(b.pieces, piece{slices.Clone(b.lit), opNone})
}

// A headBuilder writes the head of a mail, field after field.
type headBuilder struct{ pieces builder }

// field writes a field whose value write gives.
func (h *headBuilder) field(name string, write func(*headerWriter)) {
	w := headerWriter{dst: h.pieces.lit}
	w.ascii(name)
	w.ascii(": ")
	write(&w)
	h.pieces.lit = append(w.dst, '\r', '\n')
}

// line writes a field whose value needs no folding.
func (h *headBuilder) line(name, value string) {
	h.field(name, func(w *headerWriter) { w.ascii(value) })
}
