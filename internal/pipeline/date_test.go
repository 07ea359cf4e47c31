package pipeline_test

import (
	"net/mail"
	"strings"
	"testing"

	"verdicts.example/digest/internal/pipeline"
)

// What an editor sends before its slot is dated when it goes, not days ahead.
func TestDateOfWhatGoesEarly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.now = friday
	d.readers("ada@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	fatal(t, err)
	got := d.sink.Messages()
	if len(got) != 1 {
		t.Fatalf("got %d messages, want 1", len(got))
	}
	msg := must(mail.ReadMessage(strings.NewReader(string(got[0].Data))))
	if at := must(msg.Header.Date()); at.After(d.now) {
		t.Errorf("got Date %s, want none after %s", at, d.now)
	}
}
