package postgres_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
)

// After a promotion nobody sends until each node has compared its journal: one does
// so by itself when it comes, of another an operator says that it is lost. What the
// new server has forgotten is unknown then, and nobody gets it twice.
func TestPromotedStandby(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		f, db := fixture(t, version)
		const n = 40
		f.AddReaders(n)
		f.Edition = f.AddEdition(deliverytest.Week)
		f.Freeze()
		server := &deliverytest.Server{}
		run := func(node string, limit int64) (delivery.Summary, error) {
			opt := f.Options(server)
			opt.Node, opt.Limit = node, limit
			return delivery.Run(t.Context(), opt)
		}
		if _, err := run("a", 10); err != nil {
			t.Fatal(err)
		}
		a := server.Received()
		if _, err := run("b", 10); err != nil {
			t.Fatal(err)
		}
		forget := func() { // the last messages of either node
			err := errors.Join(
				db.Exec(`UPDATE deliveries SET state = 0, dots = 0, attempts = 0 WHERE state = 3`),
				db.Exec(`UPDATE send_journals SET seq = 0, server = 'another'`))
			if err != nil {
				t.Fatal(err)
			}
		}
		forget()
		_, err := run("a", 0)
		if !errors.Is(err, delivery.ErrServerMoved) || !strings.Contains(err.Error(), "journals: b") {
			t.Fatalf("before b has compared its journal: got %v, want %v that names b", err, delivery.ErrServerMoved)
		}
		if _, err := run("b", 5); err != nil {
			t.Fatalf("b by itself: got %v, want it to go on", err)
		}
		forget()
		if _, err := run("a", 0); !errors.Is(err, delivery.ErrServerMoved) {
			t.Fatalf("b is gone: got %v, want %v", err, delivery.ErrServerMoved)
		}
		if err := os.Remove(f.Journals.Path(journal.Name{Week: deliverytest.Week, Node: "b"})); err != nil {
			t.Fatal(err)
		}
		if err := f.AcceptJournalLoss(t.Context(), f.Edition, time.Now(), "b"); err != nil {
			t.Fatal(err)
		}
		if sum, err := run("a", 0); err != nil || !sum.Finished {
			t.Fatalf("got %+v, %v, want the end", sum, err)
		}
		for to, times := range server.Received() {
			if times > 1 && a[to] > 0 { // of b's, whose journal is lost, nobody can tell
				t.Errorf("%s: got %d messages, want 1", to, times)
			}
		}
	})
}
