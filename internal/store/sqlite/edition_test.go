package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/storetest"
)

func openEditions(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// editionsOf gives the store to the suite, with delivery's freeze of it.
func editionsOf(db *DB) storetest.Editions {
	return storetest.Editions{
		Store:  db.Editions(),
		Keeper: db.Editions(), EditStore: db.Editions(), Amender: db.Editions(),
		Freeze: func(ctx context.Context, f delivery.Freeze) error {
			return db.inTx(ctx, func(tx *sql.Tx) error { return plainsql.FreezeEdition(ctx, plainTx{tx}, f) })
		},
	}
}

func TestEditions(t *testing.T) {
	t.Parallel()
	storetest.RunEditions(t, func(t *testing.T) storetest.Editions { return editionsOf(openEditions(t)) })
}

func TestEditionsAnyWay(t *testing.T) {
	t.Parallel()
	storetest.CheckEditionStates(t, editionsOf(openEditions(t)))
}

// The schema itself refuses what no code should ask for.
func TestEditionSchemaRefuses(t *testing.T) {
	t.Parallel()
	db := openEditions(t)
	s := editionsOf(db)
	e := draftWithBuild(t, db, edition.Week{Year: 2026, Number: 47})
	if err := s.Freeze(t.Context(), delivery.Freeze{Edition: e.ID, Hash: e.Hash, Message: []byte("m"), At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for name, stmt := range map[string]string{
		"another message":           `UPDATE edition_frozen SET message = x'00'`,
		"a second edition":          `INSERT INTO editions (week, state, slot, since, cutoff, created_at) VALUES ('2026-W47', 'draft', 0, 0, 0, 0)`,
		"an approval of other code": `UPDATE editions SET approved_hash = 'other'`,
		"an unknown state":          `UPDATE editions SET state = 'lost'`,
		"sent, never frozen":        `UPDATE editions SET frozen_at = 0`,
		"a paused draft":            `UPDATE editions SET state = 'draft', pause_reason = 'why'`,
	} {
		_, err := db.w.ExecContext(t.Context(), stmt)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "constraint") && !strings.Contains(err.Error(), "never changes") {
			t.Errorf("%s: got %v, want a constraint error", name, err)
		}
	}
}

func draftWithBuild(t *testing.T, db *DB, w edition.Week) edition.Edition {
	t.Helper()
	_, _, err := db.Editions().Insert(t.Context(), edition.Edition{Week: w, State: edition.Draft, CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	e, err := db.Editions().Revise(t.Context(), w, edition.Revision{Build: &edition.Build{Hash: "h1"}, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
