package sqlite

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/storetest"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	storetest.RunLedger(t, func(t *testing.T) storetest.Ledger {
		db := openEditions(t)
		return storetest.Ledger{
			Ledger: db.Schedule(), Clock: db.Schedule(), Editions: db.Editions(),
			Send: func(t *testing.T, w edition.Week) {
				e := draftWithBuild(t, db, w)
				if err := editionsOf(db).Freeze(t.Context(), delivery.Freeze{Edition: e.ID, Hash: e.Hash, Message: []byte("m"), At: time.Now()}); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
