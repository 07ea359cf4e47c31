package intake

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// A LogFollower settles deliveries of unknown outcome from the relay's log as it
// grows. It needs no position of its own: while nothing is unknown it reads
// nothing, and a delivery that becomes unknown, in a crash that the log's lines
// were before, has the whole log read once, with the files that were rotated
// away. From there on only what is added is read.
type LogFollower struct {
	Path    string
	Settler inbound.Settler
	Tags    inbound.Tags
	Now     func() time.Time
	Log     *slog.Logger

	unknown map[inbound.Delivery]bool // asked for
	read    *inbound.RelayLog
	scanned time.Time // when the whole log was last read
	file    *os.File
	at      int64 // read so far of it
}

// How often the log is looked at, how often all of it is read at most, and how
// old a rotated file may be that is read too.
const (
	logEvery   = 10 * time.Second
	scanEvery  = time.Minute
	rotatedFor = 8 * 24 * time.Hour
)

// Run follows the log until ctx ends.
func (f *LogFollower) Run(ctx context.Context) {
	defer f.drop()
	told := ""
	for {
		n, err := f.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && err.Error() != told:
			told = err.Error()
			f.Log.Error("can't follow the relay's log; trying again", "error", err)
		case err == nil:
			told = ""
		}
		if n > 0 {
			f.Log.Info("deliveries of unknown outcome were settled from the relay's log", "deliveries", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(logEvery):
		}
	}
}

// Look settles what the log shows by now, and says how many deliveries that were.
func (f *LogFollower) Look(ctx context.Context) (int64, error) {
	unknown, err := f.Settler.Unknown(ctx)
	if err != nil {
		return 0, err
	}
	if len(unknown) == 0 {
		f.drop()
		return 0, nil
	}
	fresh := false
	for d := range unknown {
		fresh = fresh || !f.unknown[d]
	}
	switch now := f.Now(); {
	case fresh && (f.scanned.IsZero() || now.Sub(f.scanned) >= scanEvery):
		f.scanned, f.unknown = now, unknown
		err = f.scan(ctx, now)
	case f.read != nil:
		err = f.readOn()
	}
	if err != nil {
		f.drop()
		return 0, fmt.Errorf("inbound.relay_log: %w", err)
	}
	if f.read == nil {
		return 0, nil
	}
	found := slices.DeleteFunc(f.read.Found(), func(l inbound.Logged) bool { return !unknown[l.Delivery] })
	if len(found) == 0 {
		return 0, nil
	}
	return f.Settler.Settle(ctx, found, f.Now())
}

// drop forgets what was read: the next delivery of unknown outcome begins anew.
func (f *LogFollower) drop() {
	if f.file != nil {
		_ = f.file.Close() // it was only read
	}
	f.file, f.at, f.read, f.unknown = nil, 0, nil, nil
}

// scan reads the rotated files, the oldest first, and then the log.
func (f *LogFollower) scan(ctx context.Context, now time.Time) error {
	asked := f.unknown
	f.drop()
	f.unknown = asked
	f.read = inbound.NewRelayLog(f.Tags, func(d inbound.Delivery) bool { return asked[d] })
	old, err := rotated(f.Path, now)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.whole(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // rotated meanwhile
			return err
		}
	}
	return f.readOn()
}

// whole reads a file that grows no more.
func (f *LogFollower) whole(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	var r io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := f.read.Read(r); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.read.End()
	return nil
}

// readOn reads what was added. A log that was renamed is read to its end before
// its successor; one that was cut is read from its beginning.
func (f *LogFollower) readOn() error {
	for {
		if f.file == nil {
			file, err := os.Open(f.Path)
			if err != nil {
				return err
			}
			f.file, f.at = file, 0
		}
		info, err := f.file.Stat()
		if err != nil {
			return err
		}
		if info.Size() < f.at {
			f.at = 0
			f.read.End()
		}
		if _, err := f.file.Seek(f.at, io.SeekStart); err != nil {
			return err
		}
		added := &counted{r: f.file}
		if err := f.read.Read(added); err != nil {
			return err
		}
		f.at += added.n
		now, err := os.Stat(f.Path)
		if errors.Is(err, fs.ErrNotExist) { // between two names
			return nil
		}
		if err != nil || os.SameFile(info, now) {
			return err
		}
		f.read.End()
		_ = f.file.Close() // it was only read
		f.file = nil
	}
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// rotated lists the files that a log has become lately (mail.log.1,
// mail.log.2.gz, mail.log-20261129), the oldest first.
func rotated(path string, now time.Time) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	type old struct {
		name string
		at   time.Time
	}
	var list []old
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), filepath.Base(path))
		if !ok || rest == "" || rest[0] != '.' && rest[0] != '-' || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err == nil && now.Sub(info.ModTime()) < rotatedFor {
			list = append(list, old{filepath.Join(filepath.Dir(path), e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b old) int { return a.at.Compare(b.at) })
	var names []string
	for _, o := range list {
		names = append(names, o.name)
	}
	return names, nil
}
