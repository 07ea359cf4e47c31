package pipeline_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/pipeline"
)

// The report says what became of the first part of the list.
func TestReportTellsOfTheFirstPart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.in.Transport.Pacing.Canary = delivery.Canary{Readers: 2}
	d.Pipeline = pipeline.New(d.in)
	d.readers("ada@example.com", "grace@example.com", "mary@example.com")
	_, _, err := d.release(t.Context(), week48)
	fatal(t, err)
	sum, err := d.Deliver(t.Context(), week48, pipeline.DeliverOptions{})
	if err != nil || sum.Counts[delivery.Accepted] != 3 {
		t.Fatalf("got %v, %v, want 3 accepted", sum.Counts, err)
	}
	if want := "2 readers: 2 accepted; nothing came back"; !strings.Contains(d.told(), want) {
		t.Errorf("the editors are not told %q:\n%s", want, d.told())
	}
}
