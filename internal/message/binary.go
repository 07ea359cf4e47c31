package message

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"fmt"
)

// A stored mail is: magic, version, the identity's four strings and the
// fallback, the head's pieces, the body's pieces, and the SHA-256 of all that.
// A string is its length (uvarint) and its bytes; a list of pieces is their
// number, then for each its literal as a string and its op (one byte).
const (
	storedMagic   = "DGFM"
	storedVersion = 1
	storedMax     = 4 * maxPart // bytes
	minPiece      = 2           // bytes: an empty literal and an op
	maxPieces     = 1 << 16     // of a head or body
)

var (
	_ encoding.BinaryMarshaler = (*Frozen)(nil)
	_ encoding.BinaryAppender  = (*Frozen)(nil)
)

// MarshalBinary gives the bytes to store. They hold no secret and no reader's
// data, and are the same for the same mail.
func (f *Frozen) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// AppendBinary appends what MarshalBinary gives.
func (f *Frozen) AppendBinary(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, storedMagic...)
	dst = append(dst, storedVersion)
	id := f.identity
	for _, s := range []string{id.week, id.idDomain, id.bounceDomain, id.from, f.fallback} {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	for _, pieces := range [][]piece{f.head, f.body} {
		dst = binary.AppendUvarint(dst, uint64(len(pieces)))
		for _, p := range pieces {
			dst = binary.AppendUvarint(dst, uint64(len(p.lit)))
			dst = append(dst, p.lit...)
			dst = append(dst, byte(p.op))
		}
	}
	sum := sha256.Sum256(dst[start:])
	return append(dst, sum[:]...), nil
}

// Unfreeze reads what MarshalBinary gave. It copies data, checks its digest
// and that its messages keep the package's promises. Errors wrap ErrFrozen.
func Unfreeze(data []byte) (*Frozen, error) {
	content := len(data) - sha256.Size
	if content < len(storedMagic)+1 || len(data) > storedMax || string(data[:len(storedMagic)]) != storedMagic {
		return nil, fmt.Errorf("%w: these %d bytes are something else", ErrFrozen, len(data))
	}
	if v := data[len(storedMagic)]; v != storedVersion {
		return nil, fmt.Errorf("%w: it has format %d, this program reads format %d; use the program that froze it",
			ErrFrozen, v, storedVersion)
	}
	if sum := sha256.Sum256(data[:content]); !bytes.Equal(sum[:], data[content:]) {
		return nil, fmt.Errorf("%w: its checksum is wrong, so the stored bytes are damaged; restore the database from a backup", ErrFrozen)
	}
	r := &storedReader{rest: bytes.Clone(data[len(storedMagic)+1 : content])}
	f := r.frozen()
	if r.err == nil && len(r.rest) > 0 {
		r.damaged("%d bytes follow its end", len(r.rest))
	}
	if r.err == nil {
		r.err = f.validate()
	}
	if r.err != nil {
		return nil, r.err
	}
	f.measure()
	return f, nil
}

// A storedReader takes a stored mail apart; after an error it gives zeros.
type storedReader struct {
	rest []byte
	err  error
}

func (r *storedReader) damaged(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrFrozen, fmt.Sprintf(format, args...))
	}
	r.rest = nil
}

func (r *storedReader) frozen() *Frozen {
	f := &Frozen{identity: identity{
		week: r.string(), idDomain: r.string(), bounceDomain: r.string(), from: r.string(),
	}}
	f.fallback = r.string()
	f.head, f.body = r.pieces(), r.pieces()
	return f
}

// length reads a number of things of at least size bytes each, which the rest
// of the data must have room for: so a length allocates nothing by itself.
func (r *storedReader) length(size int) int {
	n, used := binary.Uvarint(r.rest)
	if used <= 0 || n > uint64((len(r.rest)-used)/size) {
		r.damaged("a length is wrong")
		return 0
	}
	r.rest = r.rest[used:]
	return int(n)
}

func (r *storedReader) bytes() []byte {
	n := r.length(1)
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *storedReader) string() string { return string(r.bytes()) }

func (r *storedReader) pieces() []piece {
	n := r.length(minPiece)
	if n > maxPieces {
		r.damaged("it has %d values, more than %d", n-1, maxPieces-1)
		return nil
	}
	pieces := make([]piece, 0, n)
	for range n {
		lit := r.bytes()
		if len(r.rest) == 0 {
			r.damaged("a piece is cut")
			return nil
		}
		pieces = append(pieces, piece{lit, op(r.rest[0])})
		r.rest = r.rest[1:]
	}
	return pieces
}
