package library_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/library"
)

// A script answers one fetch after the other and notes when they came. Only the
// time is under test here, which a real server's would not be.
type script struct {
	start time.Time
	steps []func() ([]byte, error)
	at    []time.Duration
}

func (s *script) GetNewer(context.Context, string, fetch.Version) ([]byte, fetch.Version, error) {
	n := len(s.at)
	s.at = append(s.at, time.Since(s.start))
	body, err := s.steps[min(n, len(s.steps)-1)]()
	return body, fetch.Version{}, err
}

func run(t *testing.T, s *script, due func(time.Time) time.Time, long time.Duration) (log string) {
	t.Helper()
	var out bytes.Buffer
	s.start = time.Now()
	p := &library.Poller{
		Puller: &library.Puller{Shelf: library.NewShelf(t.TempDir(), slog.New(slog.DiscardHandler)), URL: "https://site.example/feed.json", Fetcher: s},
		Due:    due, Log: slog.New(slog.NewTextHandler(&out, nil)), Now: time.Now,
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	ready := 0
	p.Run(ctx, func() { ready++ })
	if ready != 1 {
		t.Errorf("ready: got %d calls, want 1", ready)
	}
	return out.String()
}

func never(time.Time) time.Time { return time.Time{} }

func TestPollsEachHourAndBeforeWhatIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unchanged := func() ([]byte, error) { return nil, fetch.ErrNotModified }
		s := &script{steps: []func() ([]byte, error){unchanged}}
		send := time.Now().Add(90 * time.Minute)
		run(t, s, func(after time.Time) time.Time {
			if send.After(after) {
				return send
			}
			return time.Time{}
		}, 3*time.Hour)
		want := []time.Duration{0, 60 * time.Minute, 88 * time.Minute, 148 * time.Minute}
		if !slices.Equal(s.at, want) {
			t.Errorf("got pulls at %v, want %v", s.at, want)
		}
	})
}

func TestPollBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := func() ([]byte, error) { return nil, errors.New("connection refused") }
		s := &script{steps: []func() ([]byte, error){down, down, down, down, down, down, down, down, func() ([]byte, error) { return nil, fetch.ErrNotModified }}}
		log := run(t, s, never, 5*time.Hour)
		var gaps []time.Duration
		for i := range s.at[1:] {
			gaps = append(gaps, (s.at[i+1] - s.at[i]).Round(time.Second))
		}
		m := time.Minute
		if want := []time.Duration{m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m, 60 * m, 60 * m}; !slices.Equal(gaps, want) {
			t.Errorf("got pauses %v, want %v", gaps, want)
		}
		if got := strings.Count(log, "connection refused"); got != 8 {
			t.Errorf("got %d failures in the log, want 8", got)
		}
	})
}

// The same problem and the same change are said once, not each hour.
func TestPollReportsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		feed := func(items ...string) func() ([]byte, error) {
			return func() ([]byte, error) {
				return []byte(`{"version": "https://jsonfeed.org/version/1.1", "items": [` + strings.Join(items, ",\n") + `]}`), nil
			}
		}
		s := &script{steps: []func() ([]byte, error){
			feed(item("a", "Old."), item("BAD", "x")), feed(item("a", "New."), item("BAD", "x")), feed(item("a", "New."), item("BAD", "x")),
		}}
		log := run(t, s, never, 150*time.Minute)
		for what, want := range map[string]int{"was taken from the feed": 1, "differs in the feed": 1, "was left out": 1} {
			if got := strings.Count(log, what); got != want {
				t.Errorf("%q: got %d times, want %d in\n%s", what, got, want, log)
			}
		}
	})
}
