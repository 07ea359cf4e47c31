package mailbox

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A file of new/ is the message as it came, after a trace of its envelope: a
// Return-Path and a Delivered-To a recipient. Its name is the arrival in
// nanoseconds, so that names sort by arrival, and random digits.
var idPattern = regexp.MustCompile(`^[0-9]{19}\.[0-9a-f]{8}$`)

const suffix = ".eml"

// prepare makes the folders and counts the messages.
func prepare(dir string) (int, error) {
	for _, sub := range []string{"tmp", "new"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return 0, fmt.Errorf("mailbox: make folder: %w", err)
		}
	}
	ids, err := ids(dir)
	return len(ids), err
}

// store writes a message and its envelope's trace.
func (m *Mailbox) store(from string, to []string, r io.Reader) (err error) {
	if err := m.room(); err != nil {
		return err
	}
	var random [4]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	name := fmt.Sprintf("%019d.%s%s", time.Now().UnixNano(), hex.EncodeToString(random[:]), suffix)
	tmp := filepath.Join(m.dir, "tmp", name)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(tmp)
		}
	}()
	if _, err = io.WriteString(f, trace(from, to)); err != nil {
		return err
	}
	if _, err = io.Copy(f, r); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp, filepath.Join(m.dir, "new", name)); err != nil {
		return err
	}
	m.stored.Add(1)
	return nil
}

// room refuses when the mailbox is full. The folder is counted again before a
// refusal: someone may have emptied it.
func (m *Mailbox) room() error {
	if m.stored.Load() < m.max {
		return nil
	}
	ids, err := ids(m.dir)
	if err != nil {
		return err
	}
	m.stored.Store(int64(len(ids)))
	if int64(len(ids)) < m.max {
		return nil
	}
	return fmt.Errorf("%w: %d messages; delete files in the new folder of the mailbox", ErrFull, len(ids))
}

// trace is the envelope as header lines. go-smtp lets no line break through.
func trace(from string, to []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", from)
	for _, rcpt := range to {
		fmt.Fprintf(&b, "Delivered-To: %s\r\n", rcpt)
	}
	return b.String()
}

// ids are the messages' names, the newest first.
func ids(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "new"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	var out []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), suffix); ok && idPattern.MatchString(id) {
			out = append(out, id)
		}
	}
	slices.Reverse(out) // ReadDir sorts by name
	return out, nil
}

// open opens a message by its ID, which may come from a URL.
func open(dir, id string) (*os.File, error) {
	if !idPattern.MatchString(id) {
		return nil, ErrNotFound
	}
	f, err := os.Open(filepath.Join(dir, "new", id+suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	return f, nil
}

// arrival is the time in an ID.
func arrival(id string) time.Time {
	var ns int64
	for _, c := range id[:19] {
		ns = ns*10 + int64(c-'0')
	}
	return time.Unix(0, ns).UTC()
}

// recipients reads a file's trace only: a search reads thousands of files.
func recipients(r *bufio.Reader) []string {
	var to []string
	for {
		line, err := r.ReadSlice('\n')
		value, ok := strings.CutPrefix(string(line), "Delivered-To: ")
		switch {
		case ok:
			to = append(to, strings.TrimSpace(value))
		case len(to) > 0 || err != nil || !strings.HasPrefix(string(line), "Return-Path:"):
			return to
		}
	}
}
