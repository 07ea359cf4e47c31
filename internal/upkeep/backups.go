package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/atomicfile"
)

// Backups are a folder of backups, and the journals as they were after the newest.
type Backups struct {
	Dir  string
	Keep int                                            // how many stay
	Next func(after time.Time) time.Time                // when the schedule wants one
	Copy func(ctx context.Context, path string) error   // writes a copy of the database to a new file, looked through
	Size func() (int64, error)                          // about how large a copy is, in bytes
	Free func(dir string) (uint64, error)               // bytes
	Logs func() (dir string, files []string, err error) // the journals
}

// A Backup is one file of the folder.
type Backup struct {
	Path  string
	At    time.Time
	Bytes int64
}

// A Taken is a backup that was just written.
type Taken struct {
	Backup
	Took   time.Duration
	Pruned int // older ones that went for it
}

const (
	stamp   = "20060102T150405Z"
	prefix  = "digest-"
	suffix  = ".db"
	partial = ".part" // of one that is being written
	// JournalsDir is the folder of the journals' copies among the backups.
	JournalsDir = "journal"
	spare       = 64 << 20
)

// ErrNoRoom is why a backup is not begun.
var ErrNoRoom = errors.New("there is not enough room for a backup")

// List gives the backups, the newest first; none where the folder is missing.
// Other files in the folder are left alone.
func (b *Backups) List() ([]Backup, error) {
	entries, err := os.ReadDir(b.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("backup.dir: %w", err)
	}
	var list []Backup
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		name, is := strings.CutPrefix(name, prefix)
		at, err := time.Parse(stamp, name)
		if !ok || !is || err != nil || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("backup.dir: %w", err)
		}
		list = append(list, Backup{filepath.Join(b.Dir, e.Name()), at, info.Size()})
	}
	slices.SortFunc(list, func(x, y Backup) int { return y.At.Compare(x.At) })
	return list, nil
}

// Due is when the next backup is to be written; with none there, now.
func (b *Backups) Due() (time.Time, error) {
	list, err := b.List()
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	return b.Next(list[0].At), nil
}

// Take writes a backup, then copies the journals, then prunes what the schedule does
// not keep. When it fails, all older ones are still there.
func (b *Backups) Take(ctx context.Context, at time.Time) (Taken, error) {
	began := time.Now()
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return Taken{}, fmt.Errorf("backup.dir: %w", err)
	}
	if err := b.sweep(); err != nil {
		return Taken{}, err
	}
	if err := b.room(); err != nil {
		return Taken{}, err
	}
	path := filepath.Join(b.Dir, prefix+at.UTC().Format(stamp)+suffix)
	if err := b.Copy(ctx, path+partial); err != nil {
		return Taken{}, err
	}
	if err := errors.Join(os.Rename(path+partial, path), atomicfile.SyncDir(b.Dir)); err != nil {
		return Taken{}, err
	}
	if err := b.CopyJournals(); err != nil {
		return Taken{}, fmt.Errorf("copy the journals beside the backup: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Taken{}, err
	}
	pruned, err := b.prune()
	return Taken{Backup{path, at, info.Size()}, time.Since(began), pruned}, err
}

// sweep removes what a killed process left half written.
func (b *Backups) sweep() error {
	left, err := filepath.Glob(filepath.Join(b.Dir, prefix+"*"+suffix+partial))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// room fails with ErrNoRoom when a backup would fill the disk, which may be the
// database's.
func (b *Backups) room() error {
	size, err := b.Size()
	if err != nil {
		return err
	}
	free, err := b.Free(b.Dir)
	if err != nil {
		return fmt.Errorf("backup.dir: %w", err)
	}
	if need := uint64(size) + spare; free < need {
		return fmt.Errorf("%w: %s has %d MiB free and needs %d MiB; free some, or set backup.dir to another disk", ErrNoRoom, b.Dir, free>>20, need>>20)
	}
	return nil
}

func (b *Backups) prune() (n int, err error) {
	list, err := b.List()
	if err != nil || len(list) <= b.Keep {
		return 0, err
	}
	for _, old := range list[b.Keep:] {
		if err := os.Remove(old.Path); err != nil {
			return n, fmt.Errorf("remove an old backup: %w", err)
		}
		n++
	}
	return n, nil
}

// CopyJournals brings the copies of the journals up to date. They are copied
// after the database, so that they know all that it knows. A journal only grows,
// or is compacted into one with another time.
func (b *Backups) CopyJournals() error {
	from, files, err := b.Logs()
	if err != nil {
		return err
	}
	to := filepath.Join(b.Dir, JournalsDir)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range files {
		if err := copyNewer(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return atomicfile.SyncDir(to)
}

// copyNewer replaces a copy (0600) that is not as its original is.
func copyNewer(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	if old, err := os.Stat(to); err == nil && old.Size() == info.Size() && old.ModTime().Equal(info.ModTime()) {
		return nil
	}
	dst, err := os.OpenFile(to+partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	err = errors.Join(err, dst.Sync(), dst.Close())
	if err == nil {
		err = errors.Join(os.Chtimes(to+partial, info.ModTime(), info.ModTime()), os.Rename(to+partial, to))
	}
	if err != nil {
		return errors.Join(err, os.Remove(to+partial))
	}
	return nil
}
