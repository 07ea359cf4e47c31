package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/sqlite"
)

const restoreLong = `Put the backup FILE in place of the database. It is checked and brought up to date
beside the database first; the database that was there is kept under another name.

The journals beside the database stay: they know whose messages have left since
the backup. What they know and the backup does not is shown before the question,
and recorded with the restore: those readers are unknown, and are never mailed that
edition again without your word. The same goes for a send that only the database that
was there knows of. Stop 'digest serve' first.`

func newRestoreCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in place of the database, with what the journals know",
		Long:  restoreLong,
		Args:  exactArgs("a FILE"),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.restore(cmd.Context(), args[0]) },
	}
	a.yesFlag(cmd)
	return cmd
}

// restore unpacks the backup beside the database, shows what is known of the time
// since, asks, and only then replaces anything.
func (a *app) restore(ctx context.Context, file string) (err error) {
	w, err := a.wire()
	if err != nil {
		return err
	}
	if w.cfg.UsesServer() {
		return fmt.Errorf("restore %s: %w", w.cfg.DatabaseName(), postgres.ErrRestore)
	}
	path := w.cfg.Database
	fresh := path + ".restoring"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // one that an earlier restore left
	}
	defer func() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(fresh + suffix) // gone when it is in place
		}
	}()
	row, err := a.prepare(ctx, w, file, fresh)
	if err != nil {
		return err
	}
	aside := path + ".before-restore-" + a.now().UTC().Format("20060102T150405.000Z")
	if err := sqlite.Replace(ctx, fresh, path, aside); err != nil {
		return err
	}
	if _, err := os.Stat(aside); err == nil {
		row.Kept = aside
		return a.did(row, "%s is restored; the database that was there is %s", path, aside)
	}
	return a.did(row, "%s is restored", path)
}

// prepare makes the database as it is to be, and asks.
func (a *app) prepare(ctx context.Context, w *wiring, file, fresh string) (row api.Restore, err error) {
	db, contents, err := sqlite.Unpack(ctx, file, fresh)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	row = api.Restore{Backup: file, Database: w.cfg.Database, Subscribers: contents.Subscribers, Editions: contents.Editions, Journals: []string{}}
	a.say("the backup %s has %s and %s", file, count(contents.Subscribers, "subscriber"), count(contents.Editions, "edition"))
	since, err := a.sayCurrent(ctx, w.cfg.Database, contents, db)
	if err != nil {
		return row, err
	}
	ledger, err := w.Ledger(db.Deliveries(), db.Leases())
	if err != nil {
		return row, err
	}
	gaps, err := ledger.Gaps(ctx)
	if err != nil {
		return row, err
	}
	gaps = delivery.WithSends(gaps, since.Unknown)
	for _, g := range gaps {
		row.Journals = append(row.Journals, g.String())
		a.say("since the backup: %s", g)
	}
	if len(gaps) == 0 {
		a.say("the journals know of nothing that left since")
	}
	gaps = slices.DeleteFunc(gaps, func(g delivery.Gap) bool {
		return g.Unknown && !slices.Contains(since.Sent, g.Week) && a.stillDue(w, g.Week)
	})
	if err := a.confirm(ctx, fmt.Sprintf("replace %s with this backup?", w.cfg.Database)); err != nil {
		return row, err
	}
	return row, ledger.Close(ctx, gaps, a.now().UTC().Truncate(time.Millisecond))
}

// sayCurrent says what the current database has and the backup does not, and gives
// what it knows of the time since. One that can't be read is no hindrance: that
// is what backups are for.
func (a *app) sayCurrent(ctx context.Context, path string, backup sqlite.Contents, fresh *sqlite.DB) (since sqlite.Since, err error) {
	old, err := sqlite.Inspect(ctx, path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return since, nil
	case err != nil:
		a.say("the current database can't be read: %s", err)
		return since, nil
	case old.List != backup.List:
		return since, fmt.Errorf("%w; if you mean it, move that database and its journal folder away first", sqlite.ErrOtherList)
	}
	a.say("the current database has %s and %s", count(old.Subscribers, "subscriber"), count(old.Editions, "edition"))
	if since, err = fresh.Since(ctx, path); err != nil {
		return since, err
	}
	if since.Left > 0 {
		a.say("%s in the backup must not be mailed any more (left, suppressed or erased since): compare 'digest subscribers export' of both databases", count(since.Left, "reader"))
	}
	return since, nil
}

// stillDue reports whether a week's send may have been under way and can go on:
// then it is not recorded as sent, so that the others get it too.
func (a *app) stillDue(w *wiring, week string) bool {
	which, err := edition.ParseWeek(week)
	if err != nil {
		return false
	}
	if !w.sched.StillDue(which, a.now()) {
		return false
	}
	a.say("edition %s can still be sent: 'digest send --week %[1]s' stops at the journal, and 'digest resume %[1]s --reconcile' goes on with those who have not got it", week)
	return true
}
