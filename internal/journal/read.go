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

// Read calls fn with each intact record of a journal, in order, and
// gives the last sequence number. A torn last record is left out.
func (f *Folder) Read(h Header, fn func(Record) error) (last uint64, err error) {
	file, err := os.Open(f.Path(h.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w: %s", ErrNotFound, f.Path(h.Name))
	}
	if err != nil {
		return 0, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close() // only read
	last, _, err = scan(file, h, fn)
	if err != nil {
		return last, fmt.Errorf("read journal %s: %w", file.Name(), err)
	}
	return last, nil
}

// scan reads a journal from its start and says where its last intact record
// ends.
func scan(src io.Reader, h Header, fn func(Record) error) (last uint64, end int64, err error) {
	in := bufio.NewReaderSize(src, 64<<10)
	line, err := in.ReadSlice('\n')
	if len(line) == 0 && errors.Is(err, io.EOF) {
		return 0, 0, nil // made, but nothing was written before a crash
	}
	if errors.Is(err, io.EOF) && bytes.HasPrefix(h.encode(), line) {
		return 0, 0, nil // a torn header
	}
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		return 0, 0, fmt.Errorf("%w: it has no first line", ErrDamaged)
	}
	if err != nil {
		return 0, 0, err
	}
	if err := h.check(line); err != nil {
		return 0, 0, err
	}
	end = int64(len(line))
	frames := frameReader{in: in}
	for {
		r, n, err := frames.next()
		if errors.Is(err, io.EOF) {
			return last, end, nil
		}
		if errors.Is(err, errBad) {
			return last, end, fmt.Errorf("%w at byte %d: %w", ErrDamaged, end, err)
		}
		if err != nil { // what the disk does not give may be sound
			return last, end, err
		}
		end += int64(n)
		last = max(last, r.Seq)
		if err := fn(r); err != nil {
			return last, end, err
		}
	}
}

// A frameReader reads frames through a window that grows only to a frame's
// size.
type frameReader struct {
	in  *bufio.Reader
	buf []byte
	eof bool
}

// next gives io.EOF at the end and at a torn last frame. A frame that is not
// intact is torn when no intact one follows it.
func (f *frameReader) next() (Record, int, error) {
	for {
		r, n, err := readFrame(f.buf)
		switch {
		case err == nil:
			f.buf = f.buf[n:]
			return r, n, nil
		case errors.Is(err, errShort) && !f.eof:
			if err := f.fill(); err != nil {
				return Record{}, 0, err
			}
			continue
		case len(f.buf) == 0:
			return Record{}, 0, io.EOF
		}
		if err := f.findLater(); err != nil {
			return Record{}, 0, err
		}
		return Record{}, 0, io.EOF
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
		if rest[i] != frameMagic {
			continue
		}
		if _, _, err := readFrame(rest[i:]); err == nil {
			return errBad
		}
	}
	return nil
}
