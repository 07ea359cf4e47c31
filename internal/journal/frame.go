package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
)

// A frame is: a byte that names its kind, the payload's length (uvarint), the
// payload, CRC-32C of all before it (4 bytes, little-endian). A payload is
// uvarints; a list of ids is their number and their deltas.
//
//	0xD5 closed    seq, time, first ids, again ids
//	0xD6 record    the same; ids of the record before it whose messages did not
//	               leave; the boot that it was written in, as 0 or 8 and so many bytes
//	0xD7 settled   seq of the record before it, ids of it whose messages did not leave
//
// A closed record needs no settling: those of earlier programs and of compacted
// journals. The next record is written over a settled frame and repeats it, so that
// what is synced at a time is one frame.
const (
	frameClosed  = 0xD5
	frameRecord  = 0xD6
	frameSettled = 0xD7

	crcBytes   = 4
	maxPayload = 1 << 20 // a group has at most one id a connection; a compacted frame compactIDs
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli) // read only

// Why a frame cannot be read; both mean that the file ends or is damaged here.
var (
	errShort = errors.New("the record is cut off")
	errBad   = errors.New("the record is not intact")
)

// A frame is one entry of a journal.
type frame struct {
	kind   byte
	record Record  // of a settled frame, Seq only
	void   []int64 // ascending; whose messages of the record before did not leave
	boot   []byte  // that the record was written in; nil: that of the record before
}

// appendFrame encodes f; its ids must ascend.
func appendFrame(dst []byte, f frame) []byte {
	payload := binary.AppendUvarint(make([]byte, 0, 64), f.record.Seq)
	if f.kind != frameSettled {
		payload = binary.AppendUvarint(payload, uint64(max(f.record.At, 0)))
		payload = appendIDs(payload, f.record.First)
		payload = appendIDs(payload, f.record.Again)
	}
	if f.kind != frameClosed {
		payload = appendIDs(payload, f.void)
	}
	if f.kind == frameRecord {
		payload = append(binary.AppendUvarint(payload, uint64(len(f.boot))), f.boot...)
	}
	start := len(dst)
	dst = append(dst, f.kind)
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

func isFrame(kind byte) bool { return kind >= frameClosed && kind <= frameSettled }

// readFrame decodes the frame that src begins with and says how long it is.
func readFrame(src []byte) (f frame, n int, err error) {
	if len(src) == 0 {
		return frame{}, 0, errShort
	}
	if !isFrame(src[0]) {
		return frame{}, 0, errBad
	}
	size, w := binary.Uvarint(src[1:])
	if w == 0 {
		return frame{}, 0, errShort
	}
	if w < 0 || size > maxPayload {
		return frame{}, 0, errBad
	}
	body := 1 + w
	end := body + int(size)
	if len(src) < end+crcBytes {
		return frame{}, 0, errShort
	}
	if crc32.Checksum(src[:end], castagnoli) != binary.LittleEndian.Uint32(src[end:]) {
		return frame{}, 0, errBad
	}
	if f, err = decodePayload(src[0], src[body:end]); err != nil {
		return frame{}, 0, err
	}
	return f, end + crcBytes, nil
}

func decodePayload(kind byte, p []byte) (frame, error) {
	d := decoder{p: p}
	f := frame{kind: kind, record: Record{Seq: d.uvarint()}}
	if kind != frameSettled {
		f.record.At = int64(d.uvarint())
		f.record.First = d.ids()
		f.record.Again = d.ids()
	}
	if kind != frameClosed {
		f.void = d.ids()
	}
	if kind == frameRecord {
		f.boot = d.bytes()
	}
	if d.bad || len(d.p) != 0 {
		return frame{}, errBad
	}
	return f, nil
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

// bytes reads a length and so many bytes; nil for none.
func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if d.bad || n > uint64(len(d.p)) {
		d.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	b := slices.Clone(d.p[:n])
	d.p = d.p[n:]
	return b
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
