package outage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/store"
)

// A loop that meets the same outage every second is one line, and says later how many
// it would have been; another message, another fault and other errors are not kept back.
// What lasts is one line for each reason and each thing that is tried.
func TestLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := Log(slog.New(slog.NewTextHandler(&out, nil))).With("node", "a").Handler()
	at := time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)
	say := func(message string, err error) {
		t.Helper()
		r := slog.NewRecord(at, slog.LevelError, message, 0)
		r.AddAttrs(slog.Any("error", err))
		if err := h.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 { // with each its own port
		say("send", store.Away(fmt.Errorf("port %d", 50000+i)))
		at = at.Add(time.Second)
	}
	say("sign-ups", store.Away(errors.New("port 1")))
	say("send", store.ErrDisk)
	say("send", errors.New("other"))
	say("send", errors.New("other"))
	for _, week := range []string{"2026-W49", "2026-W49", "2026-W50"} {
		say("broken off", fmt.Errorf("send: %w", Lasting{week, errors.New("no journal of " + week)}))
	}
	say("broken off", Lasting{"2026-W49", errors.New("no journal of b")})
	at = at.Add(Every)
	say("send", store.Away(errors.New("port 2")))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{"port 50000", "msg=sign-ups", store.ErrDisk.Error(), "other", "other", "journal of 2026-W49", "journal of 2026-W50", "journal of b", "left_out=99"}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%s", len(lines), len(want), out.String())
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) || !strings.Contains(line, "node=a") {
			t.Errorf("line %d: got %s, want %s of node=a", i, line, want[i])
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	away, other := store.Away(errors.New("connection refused")), errors.New("wrong password")
	for name, tt := range map[string]struct {
		fails []error // one after another, then none
		tries int
		want  error
	}{
		"there":           {nil, 1, nil},
		"back":            {[]error{away, away}, 3, nil},
		"another fault":   {[]error{away, other, away}, 2, other},
		"away for long":   {[]error{away, away, away, away, away}, 4, store.ErrAway},
		"back at the end": {[]error{away, away, away}, 4, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tick := make(chan time.Time, 10)
			for range 10 {
				tick <- time.Time{}
			}
			tries := 0
			err := begin(t.Context(), slog.New(slog.DiscardHandler), tick, 3, func() error {
				tries++
				if tries > len(tt.fails) {
					return nil
				}
				return tt.fails[tries-1]
			})
			if !errors.Is(err, tt.want) || tries != tt.tries {
				t.Errorf("got %v after %d tries, want %v after %d", err, tries, tt.want, tt.tries)
			}
		})
	}
}

// Who is told to end does so in mid-wait.
func TestStartEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := begin(ctx, slog.New(slog.DiscardHandler), nil, 3, func() error { cancel(); return store.Away(errors.New("refused")) })
	if !errors.Is(err, store.ErrAway) {
		t.Errorf("got %v, want store.ErrAway", err)
	}
}
