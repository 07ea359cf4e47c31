package web

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

// A digest that went before its slot is not announced again.
func TestHomeNamesTheNextDigest(t *testing.T) {
	t.Parallel()
	all := sentEditions()
	all.all[0].Slot = monday().AddDate(0, 0, 7)
	all.all[0].State = edition.Sent
	s := serve(t, nil, func(d *Deps) {
		d.Editions = all
		d.Now = func() time.Time { return monday().AddDate(0, 0, 4) }
	})
	body := s.get(t, "/").body
	if !strings.Contains(body, "Monday 7 December, 09:00") || strings.Contains(body, "goes out on Monday 30 November") {
		t.Errorf("got %s", body)
	}
}
