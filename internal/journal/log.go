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
type Log struct {
	file *os.File
	last uint64
	buf  []byte
	err  error // the first failed write: what is on the disk is unknown from then on
}

// Open opens a journal, making it where there is none, and cuts a
// torn last record off.
func (f *Folder) Open(h Header) (*Log, error) {
	path := f.Path(h.Name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
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
	if end == 0 {
		if _, err := l.file.Write(h.encode()); err != nil {
			return err
		}
	}
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
	if _, err := l.file.Write(l.buf); err != nil {
		l.err = fmt.Errorf("write journal: %w", err)
		return l.err
	}
	if err := datasync(l.file); err != nil {
		l.err = fmt.Errorf("sync journal %s: %w", l.file.Name(), err)
		return l.err
	}
	l.last = r.Seq
	return nil
}

// Close closes the file; everything is on the disk already.
func (l *Log) Close() error { return l.file.Close() }

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
