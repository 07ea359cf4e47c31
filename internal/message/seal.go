package message

import (
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"fmt"
	"hash"
	"slices"
	"sync"
	"time"
)

// A Sealed mail is a frozen mail with its canonicalisation done: the literals
// of the body are canonical, and the hashes of what all readers share (the
// body up to the first value, the fields without a value) are kept as states
// to resume from. It is immutable and safe for concurrent use.
type Sealed struct {
	frozen  *Frozen
	now     func() time.Time
	marks   []signature
	varying []headField // with readers' values, in the order of h=

	headState []byte // SHA-256 after the shared fields
	bodyState []byte // SHA-256 after the body's first literal
	canonical [][]byte

	pool sync.Pool // of *sealScratch
}

// sealScratch is what one message is signed with.
type sealScratch struct {
	head, body hash.Hash
	state      []byte // of the head's hash after all fields but the signature
	raw, canon []byte // a field and its canonical form
	sum        [sha256.Size]byte
}

// Seal does once what all of the edition's signatures have in common.
func (s *Signer) Seal(f *Frozen) (*Sealed, error) {
	z := &Sealed{frozen: f, now: s.now}
	z.pool.New = func() any { return &sealScratch{head: sha256.New(), body: sha256.New()} }
	if len(s.keys) == 0 {
		return z, nil
	}
	names, err := z.sealHead()
	if err != nil {
		return nil, err
	}
	if err := z.sealBody(); err != nil {
		return nil, err
	}
	for _, k := range s.keys {
		mark, err := newSignature(k, names)
		if err != nil {
			return nil, err
		}
		z.marks = append(z.marks, mark)
	}
	return z, nil
}

// sealHead hashes the shared fields and gives the names for h=, in the order
// of hashing: the shared fields, the others, and those that must not be added.
func (z *Sealed) sealHead() (names []string, err error) {
	fields := splitFields(z.frozen.head)
	h := sha256.New()
	for _, name := range signedFields() {
		i := slices.IndexFunc(fields, func(f headField) bool { return f.name == name })
		if i < 0 {
			continue
		}
		if fields[i].static() {
			h.Write(appendRelaxedField(nil, fields[i].pieces[0].lit))
			names = append(names, name)
		} else {
			z.varying = append(z.varying, fields[i])
		}
	}
	for _, f := range z.varying {
		names = append(names, f.name)
	}
	z.headState, err = appendState(nil, h)
	return append(names, oversignedFields()...), err
}

func (z *Sealed) sealBody() (err error) {
	for _, p := range z.frozen.body {
		z.canonical = append(z.canonical, relaxedLiteral(p.lit))
	}
	h := sha256.New()
	h.Write(z.canonical[0])
	z.bodyState, err = appendState(nil, h)
	return err
}

// Append appends the reader's whole message, signatures first, to dst. It
// allocates what the signature algorithms do, and room in dst when it has less
// than Size says. An error wraps ErrReader, or is the key's; dst is then
// unchanged.
func (z *Sealed) Append(dst []byte, r *Reader) ([]byte, error) {
	p := Parts{own: slices.Grow(dst, z.Size(r)), whole: true}
	if err := z.write(&p, r); err != nil {
		return dst, err
	}
	return p.own, nil
}

func (z *Sealed) write(p *Parts, r *Reader) error {
	if err := z.frozen.check(r); err != nil {
		return err
	}
	if len(z.marks) == 0 {
		z.frozen.write(p, r)
		return nil
	}
	start := len(p.own)
	for _, m := range z.marks {
		p.own = append(p.own, m.field...)
	}
	head := len(p.own)
	p.own = appendHead(p.own, z.frozen.head, r)
	s := z.pool.Get().(*sealScratch)
	defer z.pool.Put(s)
	err := z.writeBody(p, r, s)
	if err == nil {
		err = z.sign(p.own[start:head], r, s)
	}
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// Size is an upper bound, in bytes, of the reader's signed message.
func (z *Sealed) Size(r *Reader) int {
	n := z.frozen.Size(r)
	for _, m := range z.marks {
		n += len(m.field)
	}
	return n
}

// writeBody writes the body and leaves its hash in s.sum. Values are their own
// canonical form.
func (z *Sealed) writeBody(p *Parts, r *Reader, s *sealScratch) error {
	if err := resume(s.body, z.bodyState); err != nil {
		return err
	}
	var once bodyValues
	walk := walker{body: z.frozen.body, lines: len(r.Changes)}
	for i, ok := walk.next(); ok; i, ok = walk.next() {
		if i > 0 {
			s.body.Write(z.canonical[i])
		}
		p.literal(z.frozen.body[i].lit)
		start := len(p.own)
		p.own = once.append(p.own, z.frozen, z.frozen.body[i].op, r, walk.line)
		s.body.Write(p.own[start:])
	}
	s.body.Sum(s.sum[:0])
	return nil
}

// sign fills the signature fields at the start of the message in.
func (z *Sealed) sign(fields []byte, r *Reader, s *sealScratch) error {
	if err := z.hashHead(r, s); err != nil {
		return err
	}
	bodyHash, now := s.sum, z.now().Unix()
	for _, m := range z.marks {
		field := fields[:len(m.field)]
		fields = fields[len(m.field):]
		m.describe(field, max(now, 0), bodyHash[:])
		if err := resume(s.head, s.state); err != nil {
			return err
		}
		s.canon = appendRelaxedField(s.canon[:0], field[:m.value])
		s.head.Write(s.canon[:len(s.canon)-len("\r\n")]) // RFC 6376 §3.7: without the trailing CRLF
		if err := m.sign(field, s.head.Sum(s.sum[:0])); err != nil {
			return err
		}
	}
	return nil
}

// hashHead leaves the state after all signed fields in s.state.
func (z *Sealed) hashHead(r *Reader, s *sealScratch) (err error) {
	if err := resume(s.head, z.headState); err != nil {
		return err
	}
	for _, f := range z.varying {
		s.raw = appendHead(s.raw[:0], f.pieces, r)
		s.canon = appendRelaxedField(s.canon[:0], s.raw)
		s.head.Write(s.canon)
	}
	s.state, err = appendState(s.state[:0], s.head)
	return err
}

// appendState appends h's state; crypto/sha256 promises that it has one.
func appendState(dst []byte, h hash.Hash) ([]byte, error) {
	a, ok := h.(encoding.BinaryAppender)
	if !ok {
		return nil, fmt.Errorf("SHA-256 keeps no state: %T", h)
	}
	return a.AppendBinary(dst)
}

func resume(h hash.Hash, state []byte) error {
	u, ok := h.(encoding.BinaryUnmarshaler)
	if !ok {
		return fmt.Errorf("SHA-256 keeps no state: %T", h)
	}
	return u.UnmarshalBinary(state)
}

// base64Of is the length of n bytes in base64.
func base64Of(n int) int { return base64.StdEncoding.EncodedLen(n) }
