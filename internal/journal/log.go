package journal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// A Log is one edition's journal, open for appending. One goroutine at a time
// appends.
//
// While it is open its file is longer than what is in it, filled up with zeros:
// to sync a write that makes no file longer takes a third of the time. Close
// cuts the zeros off; those that a crash leaves end the journal as a torn record
// does.
type Log struct {
	file *os.File
	last uint64
	end  int64 // of the last record
	size int64 // of the file
	buf  []byte
	err  error // the first failed write: what is on the disk is unknown from then on
}

// ahead is how much longer the file is made at a time.
const ahead = 64 << 10

// Open opens a journal, making it where there is none, and cuts a
// torn last record off.
func (f *Folder) Open(h Header) (*Log, error) {
	path := f.Path(h.Name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	l := &Log{file: file}
	if err := l.recover(h); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, errors.Join(err, file.Close()))
	}
	if err := syncDir(f.path); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, errors.Join(err, file.Close()))
	}
	return l, nil
}

func (l *Log) recover(h Header) error {
	last, end, err := scan(l.file, h, func(Record) error { return nil })
	if err != nil {
		return err
	}
	l.last = last
	if err := l.file.Truncate(end); err != nil {
		return err
	}
	l.end = end
	if end == 0 {
		n, err := l.file.WriteAt(h.encode(), 0)
		if err != nil {
			return err
		}
		l.end = int64(n)
	}
	l.size = l.end
	return datasync(l.file)
}

// Last is the last sequence number on the disk, 0 for none.
func (l *Log) Last() uint64 { return l.last }

// Append writes one record and returns when it is on the disk. It sorts the
// record's ids in place. After a failure every further Append fails too.
func (l *Log) Append(r Record) error {
	if l.err != nil {
		return l.err
	}
	if r.Seq <= l.last {
		return fmt.Errorf("%w: %d after %d", ErrOrder, r.Seq, l.last)
	}
	slices.Sort(r.First)
	slices.Sort(r.Again)
	l.buf = appendFrame(l.buf[:0], r)
	err := l.reserve(int64(len(l.buf)))
	if err == nil {
		_, err = l.file.WriteAt(l.buf, l.end)
	}
	if err != nil {
		l.err = fmt.Errorf("write journal: %w", err)
		return l.err
	}
	if err := datasync(l.file); err != nil {
		l.err = fmt.Errorf("sync journal %s: %w", l.file.Name(), err)
		return l.err
	}
	l.last = r.Seq
	l.end += int64(len(l.buf))
	return nil
}

// reserve makes the file long enough for n bytes more.
func (l *Log) reserve(n int64) error {
	if l.end+n <= l.size {
		return nil
	}
	more := max(n, ahead)
	if _, err := l.file.WriteAt(make([]byte, l.end+more-l.size), l.size); err != nil {
		return err
	}
	l.size = l.end + more
	return nil
}

// Close closes the file; everything is on the disk already.
func (l *Log) Close() error {
	_ = l.file.Truncate(l.end) // zeros that stay do no harm
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
		if ids {
			for _, id := range slices.Concat(r.First, r.Again) {
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
	return syncDir(f.path)
}

// compacted appends the set in frames like r; r alone when the set is empty.
func compacted(out []byte, left *Set, r Record) []byte {
	first := make([]int64, 0, compactIDs)
	some := false
	flush := func() {
		r.First = first
		out = appendFrame(out, r)
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

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
