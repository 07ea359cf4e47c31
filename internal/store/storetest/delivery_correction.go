package storetest

import (
	"slices"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// A correction goes to those whose copy is older than the last variant that has all of
// the edition: not to who has that, nor to who had neither, nor to who has left.
func correction(t *testing.T, d *deliveries) {
	ctx := t.Context()
	d.AddReaders(7)
	d.id = d.AddEdition("2026-W47")
	if _, err := d.Freeze(ctx, delivery.Freeze{
		Edition: d.id, Hash: "h", Message: []byte("m"), At: monday(),
		Cuts: []edition.Variant{{Number: 1, Message: []byte("part"), Slugs: []string{"a-vs-b"}}, {Number: 2, Message: []byte("amended")}},
	}); err != nil {
		t.Fatal(err)
	}
	d.Vary(d.id, 7, 2)
	d.Vary(d.id, 4, 1)
	d.Vary(d.id, 2, 0)
	d.Settle(d.id, delivery.Accepted, 3, "250 OK")       // 1 and 2 the first one, 3 the part
	d.Settle(d.id, delivery.Failed, 1, "550 5.1.1 no")   // 4, who would have had the part
	d.Settle(d.id, delivery.Accepted, 3, "250 OK again") // 5 to 7 the amended one
	d.Unsubscribe(2)
	c := delivery.Freeze{Edition: d.AddEdition("2026-C47"), Hash: "h", Message: []byte("c"), At: monday(), Corrects: d.id}
	got, err := d.Freeze(ctx, c)
	if err != nil || got.Recipients != 2 || got.Duplicates != 0 || got.Resumed {
		t.Fatalf("got %+v, %v, want 2 readers: 1 and 3", got, err)
	}
	list, err := d.List(ctx, c.Edition, delivery.Queued, 0, 10)
	var readers []int64
	for _, r := range list {
		readers = append(readers, r.ID)
	}
	if err != nil || !slices.Equal(readers, []int64{1, 3}) {
		t.Errorf("got readers %v, %v, want 1 and 3", readers, err)
	}
	if again, err := d.Freeze(ctx, c); err != nil || !again.Resumed || again.Recipients != 2 {
		t.Errorf("again: got %+v, %v, want the same 2, resumed", again, err)
	}
}
