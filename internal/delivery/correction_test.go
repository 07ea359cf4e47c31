package delivery_test

import (
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/edition"
)

// A correction goes to those whose copy is older than the last variant that has all of
// the edition: not to who has that, nor to who had neither, nor to who has left.
func TestCorrectionGoesToOlderCopies(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 7)
	ctx, db := t.Context(), f.Database
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	first := f.FreezeOf(f.Edition)
	first.Cuts = []edition.Variant{{Number: 1, Message: []byte("part"), Slugs: []string{"a-vs-b"}}, {Number: 2, Message: []byte("amended")}}
	_, err := f.Stores.Freezer.Freeze(ctx, first)
	try(err)
	for _, v := range []struct {
		upTo    int64
		variant int
	}{{7, 2}, {4, 1}, {2, 0}} {
		try(db.Vary(f.Edition, v.upTo, v.variant))
	}
	try(db.Settle(f.Edition, delivery.Accepted, 3, "250 OK", first.At))
	try(db.Settle(f.Edition, delivery.Failed, 1, "550 5.1.1 no", first.At)) // 4, who would have the part
	try(db.Settle(f.Edition, delivery.Accepted, 3, "250 OK", first.At))     // 5 to 7, amended
	try(db.Leave(2))
	c := f.FreezeOf(f.AddEdition("2026-C47"))
	c.Corrects = f.Edition
	got, err := f.Stores.Freezer.Freeze(ctx, c)
	if err != nil || got.Recipients != 2 || got.Duplicates != 0 {
		t.Fatalf("got %+v, %v, want 2 readers: 1 and 3", got, err)
	}
	list, err := f.Store.List(ctx, c.Edition, delivery.Queued, 0, 10)
	if err != nil || len(list) != 2 || list[0].ID != 1 || list[1].ID != 3 {
		t.Errorf("got %+v, %v, want readers 1 and 3", list, err)
	}
	if again, err := f.Stores.Freezer.Freeze(ctx, c); err != nil || !again.Resumed || again.Recipients != 2 {
		t.Errorf("again: got %+v, %v, want the same 2, resumed", again, err)
	}
}
