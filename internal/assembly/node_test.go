package assembly

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// A node whose clock is an hour off acts on no slot, and says so; one that is a few
// seconds off does.
func TestScheduleOfANodeWhoseClockIsOff(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), postgres.Options{URL: postgrestest.Database(t, "15")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		off  time.Duration
		says string
	}{{10 * time.Second, ""}, {time.Hour, "ahead of the database's"}, {-time.Hour, "behind the database's"}} {
		s := comparedSchedule{db.Schedule(), db, func() time.Time { return time.Now().Add(c.off) }}
		_, err := s.Observe(t.Context(), time.Now())
		if c.says == "" && err != nil {
			t.Errorf("%v off: got %v, want it to act", c.off, err)
		}
		if c.says != "" && (!errors.Is(err, schedule.ErrClockOff) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%v off: got %v, want ErrClockOff that says %q", c.off, err, c.says)
		}
	}
}

// A node that only sends has no comparisons, and nobody is warned of that.
func TestSendersNeedNoComparisons(t *testing.T) {
	t.Parallel()
	for roles, warns := range map[string]bool{"": true, "web,schedule": true, "send": false, "send,inbound,courier": false} {
		var log strings.Builder
		in := Settings{Comparisons: Comparisons{Dir: filepath.Join(t.TempDir(), "nothere")}}
		if roles != "" {
			in.Roles = strings.Split(roles, ",")
		}
		New(in, Host{ShelfLog: slog.New(slog.NewTextHandler(&log, nil))})
		if got := strings.Contains(log.String(), "cannot be read"); got != warns {
			t.Errorf("roles %q: got a warning: %t, want %t: %s", roles, got, warns, &log)
		}
	}
}
