package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Read calls fn with each intact record of a journal, in order, less whose
// messages did not leave, and gives the sequence number of the last one that fn
// got. A torn last record is left out; so is one of which nothing left.
func (f *Folder) Read(h Header, fn func(Record) error) (last uint64, err error) {
	file, err := os.Open(f.Path(h.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w: %s", ErrNotFound, f.Path(h.Name))
	}
	if err != nil {
		return 0, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close() // only read
	_, err = scan(file, h, func(r Record) error {
		last = max(last, r.Seq)
		return fn(r)
	})
	if err != nil {
		return last, fmt.Errorf("read journal %s: %w", file.Name(), err)
	}
	return last, nil
}

// An ending is how a journal ends.
type ending struct {
	seq  uint64 // of the last record, whatever became of it
	end  int64  // where that record ends; 0 for a file without a first line
	tail int64  // where its settled frame ends, else the same
	open Record // the last record, while it is not settled; Seq 0: there is none
	void []int64
}

// scan reads a journal from its start and says how it ends.
func scan(src io.Reader, h Header, fn func(Record) error) (ending, error) {
	in := bufio.NewReaderSize(src, 64<<10)
	line, err := in.ReadSlice('\n')
	if len(line) == 0 && errors.Is(err, io.EOF) {
		return ending{}, nil // made, but nothing was written before a crash
	}
	if errors.Is(err, io.EOF) && bytes.HasPrefix(h.encode(), line) {
		return ending{}, nil // a torn header
	}
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		return ending{}, fmt.Errorf("%w: it has no first line", ErrDamaged)
	}
	if err != nil {
		return ending{}, err
	}
	if err := h.check(line); err != nil {
		return ending{}, err
	}
	s := scanner{fn: fn}
	s.end, s.tail = int64(len(line)), int64(len(line))
	frames := frameReader{in: in, whole: bytes.HasPrefix(line, []byte(magicLine))}
	for {
		f, n, err := frames.next()
		switch {
		case errors.Is(err, io.EOF):
			return s.ending, s.finish()
		case errors.Is(err, errBad):
			return s.ending, fmt.Errorf("%w at byte %d: %w", ErrDamaged, s.tail, err)
		case err != nil: // what the disk does not give may be sound
			return s.ending, err
		}
		if err := s.take(f, int64(n)); err != nil {
			return s.ending, err
		}
	}
}

// A scanner holds a record back until it is known what of it left.
type scanner struct {
	ending
	boot []byte
	fn   func(Record) error
}

func (s *scanner) take(f frame, n int64) error {
	s.tail += n
	if f.kind == frameSettled {
		if f.record.Seq != s.open.Seq {
			return nil // of no record that is open: nothing follows from it
		}
		return s.settle(f.void)
	}
	if err := s.settle(f.void); err != nil {
		return err
	}
	s.seq, s.end, s.void = max(s.seq, f.record.Seq), s.tail, nil
	if f.kind == frameClosed {
		return s.fn(f.record)
	}
	if f.boot != nil {
		s.boot = f.boot
	}
	s.open = f.record
	return nil
}

// settle gives the record that is open, less whose messages did not leave.
func (s *scanner) settle(void []int64) error {
	r, open := s.open, s.open.Seq > 0
	s.open, s.void = Record{}, void
	if r, some := r.without(void); open && some {
		return s.fn(r)
	}
	return nil
}

// finish gives the last record when nothing has settled it.
func (s *scanner) finish() error {
	if s.open.Seq == 0 {
		return nil
	}
	now := boot()
	s.open.Unsettled, s.open.Rebooted = true, now == nil || !bytes.Equal(now, s.boot)
	return s.fn(s.open)
}

// A frameReader reads frames through a window that grows only to a frame's
// size.
type frameReader struct {
	in    *bufio.Reader
	buf   []byte
	eof   bool
	whole bool // closed records are compacted ones: written in one piece, and never torn
}

// next gives io.EOF at the end and at a torn last frame. A frame that is not
// intact is torn when no intact one follows it.
func (f *frameReader) next() (frame, int, error) {
	for {
		fr, n, err := readFrame(f.buf)
		switch {
		case err == nil:
			f.buf = f.buf[n:]
			return fr, n, nil
		case errors.Is(err, errShort) && !f.eof:
			if err := f.fill(); err != nil {
				return frame{}, 0, err
			}
			continue
		case len(f.buf) == 0:
			return frame{}, 0, io.EOF
		case f.whole && f.buf[0] == frameClosed:
			return frame{}, 0, errBad
		}
		if err := f.findLater(); err != nil {
			return frame{}, 0, err
		}
		return frame{}, 0, io.EOF
	}
}

func (f *frameReader) fill() error {
	chunk := make([]byte, 32<<10)
	n, err := f.in.Read(chunk)
	f.buf = append(f.buf[:len(f.buf):len(f.buf)], chunk[:n]...)
	if errors.Is(err, io.EOF) {
		f.eof = true
		return nil
	}
	return err
}

// findLater fails with errBad when an intact frame follows the one that is
// not. It looks at the rest of the file once: this is the end, either way.
func (f *frameReader) findLater() error {
	rest, err := io.ReadAll(f.in)
	if err != nil {
		return err
	}
	rest = append(f.buf, rest...)
	for i := 1; i < len(rest); i++ {
		if !isFrame(rest[i]) {
			continue
		}
		if _, _, err := readFrame(rest[i:]); err == nil {
			return errBad
		}
	}
	return nil
}
