package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/transfer"
	"verdicts.example/digest/subscribers"
)

// errCutShort is a send that was interrupted.
var errCutShort = errors.New("stopped before the end")

// cutShort says of a send's error whether somebody interrupted it.
func cutShort(err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %w", errCutShort, err)
	}
	return err
}

// A hint is what to do about an error.
type hint struct {
	is   error
	text string // with " WEEK" where the week belongs, which is left out when it is not known
}

// hints are asked in this order: the cause before what it comes to.
func hints() []hint {
	return []hint{
		{desk.ErrNoDatabase, "another folder? -C DIR or --config FILE names it; here 'digest serve', 'digest edition build', 'digest send', 'digest subscribers import' (or 'add') or 'digest restore' makes one"},
		{store.ErrMeanwhile, "run the command again"},
		{store.ErrOnlyJournals, "put the database back where it was, or 'digest restore BACKUP'; for a new list, move the folder of journals away first"},
		{postgres.ErrRestore, "then 'digest status' says what the journals know since, and 'digest resume WEEK --reconcile' records it"},
		{store.ErrElsewhere, "name the database that it has moved to as 'database' in config.yaml"},
		{store.ErrMoving, "run 'digest migrate --to' with the database that the list leaves in config.yaml again: it goes on; 'digest migrate --stay' gives the move up"},
		{transfer.ErrSending, "'digest status' shows it; the list can move when it is sent or cancelled"},
		{transfer.ErrTaken, "name an empty database, or another schema of it: add schema=NAME to the URL"},
		{transfer.ErrOpen, "stop 'digest serve' on every host"},
		{errCutShort, "'digest send WEEK' goes on, with nobody twice"},
		{delivery.ErrJournalAhead, "'digest resume WEEK --reconcile' marks those readers as unknown and goes on with the rest"},
		{delivery.ErrSentBefore, "'digest resume --reconcile' of the edition that is named records it as sent, so that its content does not come again; nothing is sent before"},
		{delivery.ErrJournalLost, "find the folder \"journal\" of this database, or 'digest resume WEEK --accept-journal-loss' if the database was not restored since"},
		{delivery.ErrFormerServer, "point 'database' at the primary of now, and keep the former one from starting; as a standby of the new one (pg_rewind) it is of use"},
		{delivery.ErrServerMoved, "start 'digest serve' on each of these hosts: it compares by itself; of one whose disk is gone, 'digest settle LOG' with the relay's log, then 'digest resume WEEK --lost-node NAME'"},
		{journal.ErrDamaged, "if the database was not restored since, 'digest resume WEEK --accept-journal-loss' sets the file aside and begins a new one"},
		{journal.ErrForeign, "if this is a new list, move the file away"},
		{delivery.ErrPaused, "fix the cause, then 'digest resume WEEK' goes on"},
		{delivery.ErrUnreachable, "run it again later: nobody is mailed twice, and nobody is lost"},
		{delivery.ErrDayLimit, "'digest send WEEK' goes on tomorrow, and 'digest serve' does so without being asked"},
		{delivery.ErrLocked, "'digest status WEEK --watch' follows it"},
		{delivery.ErrLeaseLost, "'digest status WEEK --watch' follows it"},
		{delivery.ErrNobody, "'digest subscribers import FILE' brings in readers, 'digest subscribers list' shows who is on the list"},
		{delivery.ErrNotFound, "'digest edition show WEEK' shows where it stands"},
		{desk.ErrNoEditor, "--by ADDRESS says whose approval it is"},
		{edition.ErrNotFound, "'digest edition build WEEK' makes it, 'digest edition list' shows which there are"},
		{edition.ErrNotBuilt, "'digest edition build WEEK' builds it"},
		{edition.ErrNotApproved, "'digest preview WEEK' shows it, 'digest edition diff WEEK' what changed, 'digest edition approve WEEK' approves it"},
		{edition.ErrChanged, "'digest edition diff WEEK' shows what changed"},
		{edition.ErrStale, "'digest edition edit WEEK' shows what is decided now"},
		{edition.ErrNothing, "'digest edition explain WEEK' says why"},
		{edition.ErrSent, "'digest status WEEK' shows how it went, 'digest verify WEEK' proves it"},
		{edition.ErrNoSlot, "'digest schedule next' lists the slots"},
		{edition.ErrState, "'digest edition show WEEK' shows where it stands"},
		{pipeline.ErrChecks, "'digest preview WEEK --check' lists every check"},
		{pipeline.ErrUnready, "set them in config.yaml or with --set; 'digest send --to EMAIL' and 'digest preview' work meanwhile"},
		{pipeline.ErrCorrection, "'digest edition correct' makes it"},
		{pipeline.ErrEarly, "'digest schedule next' lists the slots"},
		{schedule.ErrClockBack, "if the clock is right now, 'digest schedule reset-clock' goes on"},
		{message.ErrNoKeyFile, "'digest dkim generate' makes a key"},
		{desk.ErrOneBuild, "'digest edition build WEEK' makes another"},
		{subscribers.ErrNotFound, "'digest subscribers list --search TEXT' finds addresses and names"},
	}
}

// hintFor says what to do about err, "" when nothing is known.
func hintFor(err error) string {
	if text := fileHint(err); text != "" {
		return text
	}
	week := ""
	var about *weekError
	if errors.As(err, &about) {
		week = " " + about.week.String()
	}
	for _, h := range hints() {
		if errors.Is(err, h.is) {
			return strings.ReplaceAll(h.text, " WEEK", week)
		}
	}
	return ""
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
	case db != nil && errors.Is(err, syscall.ENOENT):
		return "bring the file back, or 'digest restore' a backup; then start 'digest serve' again"
	case errors.Is(err, syscall.EIO):
		return "the disk failed: see the kernel's log (dmesg). What is on it may be sound: run the command again before you restore a backup"
	}
	return ""
}
