package courier

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/refusal/refusaltest"
	"verdicts.example/digest/internal/render"
)

// Each row of package refusal's table stands in the mails about it.
func TestEachRefusalIsExplained(t *testing.T) {
	t.Parallel()
	c := New(Parts{Sheet: Sheet{Zone: time.UTC}})
	for _, reply := range refusaltest.Replies() {
		row, ok := refusal.ExplainLine(reply.Text)
		want := render.Explained{}
		if ok {
			want = render.Explained{Meaning: row.Meaning, Action: row.Action, Checks: strings.Join(row.Checks, ", ")}
			if row.Provider != "any" {
				want.Meaning = row.Provider + ": " + want.Meaning
			}
		}
		_, data, _ := c.toEditors(outbox.Refused{Reply: reply.Text})
		if got := data.(render.RefusedData).Explained; got != want {
			t.Errorf("%s, of a mail: got %+v, want %+v", reply.Text, got, want)
		}
		_, data, _ = c.toEditors(outbox.Returned{Reply: reply.Text})
		if got := data.(render.ReturnedData).Explained; got != want {
			t.Errorf("%s, of an edition: got %+v, want %+v", reply.Text, got, want)
		}
	}
}
