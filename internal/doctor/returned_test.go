package doctor

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/inbound"
)

type shelf struct {
	kept    []inbound.Kept
	reports []inbound.DMARC
	err     error
}

func (s shelf) Kept(context.Context) ([]inbound.Kept, error)   { return s.kept, s.err }
func (s shelf) DMARC(context.Context) ([]inbound.DMARC, error) { return s.reports, s.err }

func TestReturned(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	report := func(end time.Time, mails, failed int64, from string) inbound.DMARC {
		d := inbound.DMARC{End: end, Messages: mails, Failed: failed}
		if failed > 0 {
			d.Sources = []inbound.DMARCSource{{IP: from, Failed: failed}}
		}
		return d
	}
	kept := func(age time.Duration) []inbound.Kept { return []inbound.Kept{{At: now.Add(-age)}} }
	for name, c := range map[string]struct {
		shelf    shelf
		silent   bool
		returned Level
		reports  Level
		want     string
	}{
		"nothing":       {returned: Pass, reports: Skipped, want: "no DMARC report"},
		"nobody reads":  {silent: true, returned: Skipped, reports: Skipped, want: "complaints are not heard"},
		"kept":          {shelf: shelf{kept: kept(time.Hour)}, returned: Warn, reports: Skipped, want: "1 mail came back"},
		"kept long ago": {shelf: shelf{kept: kept(31 * 24 * time.Hour)}, returned: Pass, reports: Skipped},
		"all passed":    {shelf: shelf{reports: []inbound.DMARC{report(now, 900, 0, "")}}, returned: Pass, reports: Pass, want: "of 900 mails in 1 DMARC report of 30 days, 0 failed"},
		"a few failed":  {shelf: shelf{reports: []inbound.DMARC{report(now, 900, 3, "203.0.113.9")}}, returned: Pass, reports: Pass, want: "3 failed, most from 203.0.113.9 (3)"},
		"many failed":   {shelf: shelf{reports: []inbound.DMARC{report(now, 900, 3, "203.0.113.9"), report(now, 100, 50, "203.0.113.7")}}, returned: Pass, reports: Warn, want: "of 1000 mails in 2 DMARC reports of 30 days, 53 failed, most from 203.0.113.7 (50)"},
		"our own":       {shelf: shelf{reports: []inbound.DMARC{report(now, 9000, 1, "192.0.2.1")}}, returned: Pass, reports: Fail, want: "1 of them from your own"},
		"long ago":      {shelf: shelf{reports: []inbound.DMARC{report(now.AddDate(0, -2, 0), 90, 90, "192.0.2.1")}}, returned: Pass, reports: Skipped},
		"no database":   {shelf: shelf{err: errors.New("disk gone")}, returned: Fail, reports: Fail, want: "disk gone"},
	} {
		r := Returned{Shelf: c.shelf, Own: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Expect: !c.silent, Now: func() time.Time { return now }}
		found := Examine(t.Context(), r.Checks())
		all := ""
		for i, want := range []Level{c.returned, c.reports} {
			f := found[i]
			all += f.Detail + "\n"
			if f.Level != want || (f.Fix == "") != (f.Level == Pass) {
				t.Errorf("%s: got %+v, want %s", name, f, want)
			}
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%s: got %q, want %q in it", name, all, c.want)
		}
	}
}
