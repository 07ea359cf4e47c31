package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// A Maildir is read: mails of its new/ are taken and moved to its folder
// ".Taken", as IMAP servers name it, from where they go after a while. A mail
// that was taken but not yet moved is taken again after a crash, and counts once.
type Maildir struct {
	Dir   string
	Taker Taker
	Now   func() time.Time
	Log   *slog.Logger

	unread map[string]bool // files that could not be read, as the log has told
}

// How often new/ is looked at, and how long mails that were taken stay.
const (
	maildirEvery = 5 * time.Second
	takenFor     = 30 * 24 * time.Hour
)

// Open makes what is missing of the folders: a mail server may not have brought
// anything yet.
func (m *Maildir) Open() error {
	m.unread = map[string]bool{}
	for _, sub := range []string{"new", "cur", "tmp", ".Taken/new", ".Taken/cur", ".Taken/tmp"} {
		if err := os.MkdirAll(filepath.Join(m.Dir, sub), 0o700); err != nil {
			return fmt.Errorf("make its folders: %w", err)
		}
	}
	return nil
}

// Run looks into the folder until ctx ends.
func (m *Maildir) Run(ctx context.Context) {
	cleaned := time.Time{}
	for {
		if _, err := m.Look(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("can't read the Maildir of returned messages; trying again", "error", err)
		}
		if now := m.Now(); now.Sub(cleaned) >= time.Hour {
			cleaned = now
			if err := m.Clean(now); err != nil {
				m.Log.Error("can't remove old messages from the Maildir", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(maildirEvery):
		}
	}
}

// Look takes what is in new/, and says how many mails that were. It ends at the
// first error of the database. A file that cannot be read stays, and keeps no other.
func (m *Maildir) Look(ctx context.Context) (n int, err error) {
	dir, err := os.Open(filepath.Join(m.Dir, "new"))
	if err != nil {
		return 0, err
	}
	defer dir.Close() // it was only read
	for ctx.Err() == nil {
		entries, err := dir.ReadDir(1000)
		for _, e := range entries {
			if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || ctx.Err() != nil {
				continue
			}
			taken, err := m.take(ctx, e.Name())
			if err != nil {
				return n, err
			}
			if taken {
				n++
			}
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// take takes one file and moves it away.
func (m *Maildir) take(ctx context.Context, name string) (bool, error) {
	file := filepath.Join(m.Dir, "new", name)
	raw, err := readMail(file)
	if errors.Is(err, fs.ErrNotExist) { // somebody else was faster
		return false, nil
	}
	if err != nil {
		if !m.unread[name] {
			m.unread[name] = true
			m.Log.Error("a message in the Maildir can't be read; it stays there", "file", file, "error", err)
		}
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeTime)
	defer cancel()
	taken, err := m.Taker.Take(ctx, raw)
	if err != nil {
		return false, err
	}
	told(m.Log, "maildir", taken)
	base, _, _ := strings.Cut(name, ":")
	err = os.Rename(file, filepath.Join(m.Dir, ".Taken/cur", base+":2,S"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return true, err
}

// readMail reads as much of a mail as is looked at.
func readMail(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	return io.ReadAll(io.LimitReader(f, inbound.MaxMail))
}

// Clean removes mails that were brought long ago, and taken since.
func (m *Maildir) Clean(now time.Time) error {
	dir := filepath.Join(m.Dir, ".Taken/cur")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || now.Sub(info.ModTime()) < takenFor {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
