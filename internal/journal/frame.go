package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame is: 0xD5, the payload's length (uvarint), the payload, CRC-32C of all
// before it (4 bytes, little-endian). The payload is uvarints: seq, time, the
// number of first ids, their deltas, the number of again ids, their deltas.
const (
	frameMagic = 0xD5
	crcBytes   = 4
	maxPayload = 1 << 20 // a group has at most one id a connection; a compacted frame compactIDs
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli) // read only

// Why a frame cannot be read; both mean that the file ends or is damaged here.
var (
	errShort = errors.New("the record is cut off")
	errBad   = errors.New("the record is not intact")
)

// appendFrame encodes r; its ids must ascend.
func appendFrame(dst []byte, r Record) []byte {
	var payload []byte
	payload = binary.AppendUvarint(payload, r.Seq)
	payload = binary.AppendUvarint(payload, uint64(max(r.At, 0)))
	payload = appendIDs(payload, r.First)
	payload = appendIDs(payload, r.Again)

	start := len(dst)
	dst = append(dst, frameMagic)
	dst = binary.AppendUvarint(dst, uint64(len(payload)))
	dst = append(dst, payload...)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

func appendIDs(dst []byte, ids []int64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	var last int64
	for _, id := range ids {
		dst = binary.AppendUvarint(dst, uint64(id-last))
		last = id
	}
	return dst
}

// readFrame decodes the frame that src begins with and says how long it is.
func readFrame(src []byte) (r Record, n int, err error) {
	if len(src) == 0 {
		return Record{}, 0, errShort
	}
	if src[0] != frameMagic {
		return Record{}, 0, errBad
	}
	size, w := binary.Uvarint(src[1:])
	if w == 0 {
		return Record{}, 0, errShort
	}
	if w < 0 || size > maxPayload {
		return Record{}, 0, errBad
	}
	body := 1 + w
	end := body + int(size)
	if len(src) < end+crcBytes {
		return Record{}, 0, errShort
	}
	if crc32.Checksum(src[:end], castagnoli) != binary.LittleEndian.Uint32(src[end:]) {
		return Record{}, 0, errBad
	}
	if r, err = decodePayload(src[body:end]); err != nil {
		return Record{}, 0, err
	}
	return r, end + crcBytes, nil
}

func decodePayload(p []byte) (Record, error) {
	d := decoder{p: p}
	r := Record{Seq: d.uvarint(), At: int64(d.uvarint())}
	r.First = d.ids()
	r.Again = d.ids()
	if d.bad || len(d.p) != 0 {
		return Record{}, errBad
	}
	return r, nil
}

// A decoder reads uvarints until one is bad.
type decoder struct {
	p   []byte
	bad bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.p)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.p = d.p[n:]
	return v
}

func (d *decoder) ids() []int64 {
	n := d.uvarint()
	if d.bad || n > uint64(len(d.p)) { // an id takes at least a byte
		d.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	ids := make([]int64, 0, n)
	var last int64
	for range n {
		delta := d.uvarint()
		if d.bad || last+int64(delta) < last {
			d.bad = true
			return nil
		}
		last += int64(delta)
		ids = append(ids, last)
	}
	return ids
}
