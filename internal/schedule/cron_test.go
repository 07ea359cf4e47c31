package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func mustCron(t testing.TB, spec string) Cron {
	t.Helper()
	c, err := ParseCron(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseCronRefuses(t *testing.T) {
	t.Parallel()
	for spec, why := range map[string]string{
		"":                           "it is empty",
		"   ":                        "it is empty",
		"TZ=0":                       "schedule.timezone",
		"TZ=Europe/Berlin 0 9 * * 1": "schedule.timezone",
		"CRON_TZ=UTC 0 9 * * 1":      "schedule.timezone",
		"@every 1h":                  "five fields",
		"@weekly":                    "five fields",
		"0 0 9 * * MON":              "seconds",
		"0 9 * *":                    "4 fields",
		"0 9 * * 7":                  "0 or SUN",
		"0 9 * * MONDAY":             "MONDAY",
		"60 9 * * MON":               "60",
		"0 24 * * MON":               "24",
		"0 9 1 * MON":                "both",
		"0 9 */2 * MON":              "both",
		"0 9 30 2 *":                 "no such date",
		"0 9 31 4,6,9,11 *":          "no such date",
		"0 9 * * ,":                  "not a valid field",
		"0 9 * * MON,":               "not a valid field",
		"*-5 9 * * MON":              "not a valid field",
		"*/0 9 * * MON":              "positive",
		"-1 9 * * MON":               "-1",
	} {
		_, err := ParseCron(spec)
		if !errors.Is(err, ErrCron) || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "0 9 * * MON") {
			t.Errorf("%q: got %v, want ErrCron that says %q and gives an example", spec, err, why)
		}
	}
}

func TestParseCronTakes(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"0 9 * * MON", "0 9 * * 1", "*/15 9-17 * * mon-fri", "0 9 ? * 0", "30 2 29 2 *", "0 0 1 * *", " 0  9 * * MON "} {
		if c, err := ParseCron(spec); err != nil || c.String() != strings.Join(strings.Fields(spec), " ") {
			t.Errorf("%q: got %q, %v, want it taken", spec, c, err)
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, s := range []string{"0 9 * * MON", "TZ=0", "@every 1h", "*/15 9-17/2 1,15 * ?", ", , , , ,", "0 0 29 2 *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		c, err := ParseCron(spec)
		if err != nil {
			if !errors.Is(err, ErrCron) {
				t.Errorf("%q: got %v, want ErrCron", spec, err)
			}
			return
		}
		if _, err := ParseCron(c.String()); err != nil {
			t.Errorf("%q: got %v for its own form %q", spec, err, c)
		}
		if !c.fires() {
			t.Errorf("%q: got taken, but it never fires", spec)
		}
	})
}

func TestCronNext(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, c := range []struct{ spec, after, want string }{
		{"30 3 * * *", "2026-11-23 03:29", "2026-11-23 03:30"},
		{"30 3 * * *", "2026-11-23 03:30", "2026-11-24 03:30"},
		{"30 2 * * *", "2027-03-27 12:00", "2027-03-28 03:00"}, // that hour does not exist
		{"0 0 * * SUN", "2026-11-29 00:00", "2026-12-06 00:00"},
		{"0 9 29 2 *", "2026-11-23 09:00", "2028-02-29 09:00"},
	} {
		cron, err := ParseCron(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if got := cron.Next(at(c.after), berlin); !got.Equal(at(c.want)) {
			t.Errorf("%s after %s: got %s, want %s", c.spec, c.after, got, c.want)
		}
	}
}
