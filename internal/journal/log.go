package journal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"verdicts.example/digest/internal/atomicfile"
)

// A Log is one edition's journal, open for appending. One goroutine at a time uses
// it.
//
// While it is open its file is longer than what is in it, filled up with zeros:
// to sync a write that makes no file longer takes a third of the time. Close
// cuts the zeros off; those that a crash leaves end the journal as a torn record
// does.
type Log struct {
	file *os.File
	ending
	boot []byte // to be noted with the next record; nil: it is noted
	size int64  // of the file
	buf  []byte
	err  error // the first failed write: what is on the disk is unknown from then on
}

// ahead is how much longer the file is made at a time.
const ahead = 64 << 10

// Open opens a journal, making it where there is none, and cuts a torn last record
// off. Before anything is appended, a last record that is Unsettled has to be
// settled.
func (f *Folder) Open(h Header) (*Log, error) {
	path := f.Path(h.Name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	l := &Log{file: file, boot: boot()}
	if err := l.recover(h); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, errors.Join(err, file.Close()))
	}
	if err := atomicfile.SyncDir(f.path); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, errors.Join(err, file.Close()))
	}
	return l, nil
}

func (l *Log) recover(h Header) (err error) {
	if l.ending, err = scan(l.file, h, func(Record) error { return nil }); err != nil {
		return err
	}
	if err := l.file.Truncate(l.tail); err != nil {
		return err
	}
	first := h.encode()
	if _, err := l.file.WriteAt(first, 0); err != nil { // an earlier program's is as long
		return err
	}
	if l.end == 0 {
		l.end, l.tail = int64(len(first)), int64(len(first))
	}
	l.size = l.tail
	return datasync(l.file)
}

// Last is the last sequence number in the file, 0 for none.
func (l *Log) Last() uint64 { return l.seq }

// Unsettled gives the last record while it is not settled.
func (l *Log) Unsettled() (r Record, ok bool) { return l.open, l.open.Seq > 0 }

// Append writes one record and returns when it is on the disk; it is to be settled
// then. It sorts the record's ids in place. After a failure every further Append
// fails too.
func (l *Log) Append(r Record) error {
	switch {
	case l.err != nil:
		return l.err
	case l.open.Seq > 0:
		return fmt.Errorf("%w: %d", ErrOpen, l.open.Seq)
	case r.Seq <= l.seq:
		return fmt.Errorf("%w: %d after %d", ErrOrder, r.Seq, l.seq)
	}
	slices.Sort(r.First)
	slices.Sort(r.Again)
	l.buf = appendFrame(l.buf[:0], frame{kind: frameRecord, record: r, void: l.void, boot: l.boot})
	end := l.end + int64(len(l.buf))
	for l.end+int64(len(l.buf)) < l.tail { // nothing is to be left of what was there
		l.buf = append(l.buf, 0)
	}
	err := l.reserve(2*int64(len(l.buf)) + 64) // to settle it shall need no room on the disk
	if err == nil {
		err = l.write()
	}
	if err != nil {
		return err
	}
	if err := datasync(l.file); err != nil {
		l.err = fmt.Errorf("sync journal %s: %w", l.file.Name(), err)
		return l.err
	}
	l.seq, l.end, l.tail, l.void, l.boot, l.open = r.Seq, end, end, nil, nil, r
	return nil
}

// Settle notes which messages of the last record do not leave. It is to be called
// before the others are ended. What it writes is safe from the death of this
// process at once, from that of the machine with the next record. It sorts void in
// place.
func (l *Log) Settle(void []int64) error {
	if l.err != nil || l.open.Seq == 0 {
		return l.err
	}
	slices.Sort(void)
	l.buf = appendFrame(l.buf[:0], frame{kind: frameSettled, record: Record{Seq: l.open.Seq}, void: void})
	if err := l.write(); err != nil {
		return err
	}
	l.tail, l.void, l.open = l.end+int64(len(l.buf)), slices.Clone(void), Record{}
	return nil
}

// write puts buf behind the last record.
func (l *Log) write() error {
	if err := l.reserve(int64(len(l.buf))); err != nil {
		return err
	}
	if _, err := l.file.WriteAt(l.buf, l.end); err != nil {
		l.err = fmt.Errorf("write journal: %w", err)
	}
	return l.err
}

// reserve makes the file long enough for n bytes more.
func (l *Log) reserve(n int64) error {
	if l.end+n <= l.size {
		return nil
	}
	more := max(n, ahead)
	if _, err := l.file.WriteAt(make([]byte, l.end+more-l.size), l.size); err != nil {
		l.err = fmt.Errorf("write journal: %w", err)
		return l.err
	}
	l.size = l.end + more
	return nil
}

// Close closes the file. The last settling is synced too; without it a power cut
// costs no more than it does in mid-send.
func (l *Log) Close() error {
	_ = l.file.Truncate(l.tail) // zeros that stay do no harm
	_ = datasync(l.file)
	return l.file.Close()
}

const compactIDs = 8192 // ids a compacted record

// Compact rewrites a journal with each reader once and in order: one
// or two bytes a reader. Sequence numbers but the last are forgotten, and with
// them which reader was sent to twice: verify first. With ids false, which
// readers they were is forgotten too, and only that the edition left is kept.
func (f *Folder) Compact(h Header, ids bool, at time.Time) error {
	var left Set
	last, err := f.Read(h, func(r Record) error {
		if ids && r.MayHaveLeft() {
			for _, id := range r.IDs() {
				left.Add(id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	out := compacted(h.encode(), &left, Record{Seq: last, At: at.Unix()})
	if err := replaceFile(f.Path(h.Name), out); err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	return atomicfile.SyncDir(f.path)
}

// compacted appends the set in frames like r; r alone when the set is empty.
func compacted(out []byte, left *Set, r Record) []byte {
	first := make([]int64, 0, compactIDs)
	some := false
	flush := func() {
		r.First = first
		out = appendFrame(out, frame{kind: frameClosed, record: r})
		first, some = first[:0], true
	}
	left.Each(func(id int64) {
		if first = append(first, id); len(first) == compactIDs {
			flush()
		}
	})
	if len(first) > 0 || !some && r.Seq > 0 {
		flush()
	}
	return out
}

// replaceFile puts content in path's place, whole or not at all.
func replaceFile(path string, content []byte) error {
	next := path + ".new" // one that a crash left is overwritten
	tmp, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return nil
}
