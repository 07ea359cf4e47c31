package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/sqlite"
)

// withNext adds to the error that ended a send the command that goes on.
func withNext(w edition.Week, err error) error {
	for _, row := range []struct {
		is   error
		next string
	}{
		{delivery.ErrJournalAhead, "'digest resume --week %s --reconcile' does that"},
		{delivery.ErrPaused, "mend the cause, then 'digest resume --week %s' goes on"},
		{delivery.ErrUnreachable, "nobody was lost: 'digest send --week %s' goes on"},
		{context.Canceled, "stopped before the end: 'digest send --week %s' goes on"},
	} {
		if errors.Is(err, row.is) {
			return fmt.Errorf("%w\n"+row.next, err, w)
		}
	}
	return err
}

// noEdition says what makes an edition that is not recorded.
func noEdition(w edition.Week, err error) error {
	if !errors.Is(err, edition.ErrNotFound) {
		return fmt.Errorf("%s: %w", w, err)
	}
	return fmt.Errorf("%s: %w; 'digest edition build --week %s' makes it", w, edition.ErrNotFound, w)
}

// fileHint says what to do when the operating system does not let a file, which
// err names, be read or written; "" for other errors.
func fileHint(err error) string {
	var file *fs.PathError
	var db *sqlite.FileError
	named := errors.As(err, &file) || errors.As(err, &db)
	switch {
	case errors.Is(err, syscall.EROFS):
		return "that file system is read-only: the kernel's log (dmesg) may say why; mount it writable, then run the command again"
	case errors.Is(err, fs.ErrPermission) && named:
		return fmt.Sprintf("this ran as user %d: run it as the owner of the file and its folder, or give both to that user", os.Geteuid())
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room there, then run the command again"
	case errors.Is(err, syscall.EIO):
		return "the disk failed: see the kernel's log (dmesg). What is on it may be sound: run the command again before you restore a backup"
	}
	return ""
}
