package node

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
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	self := Node{Name: "a", Settings: map[string]string{"site.base_url": "https://a.example", "templates": "1"}}
	other := func(name, base string, alive bool, quiet, skew time.Duration) Node {
		return Node{Name: name, Alive: alive, Quiet: quiet, Skew: skew, Settings: map[string]string{"site.base_url": base, "templates": "1", "newer": "x"}}
	}
	for name, c := range map[string]struct {
		others []Node
		want   []string
	}{
		"alone": {nil, nil},
		"alike": {[]Node{other("b", "https://a.example", true, 0, time.Second)}, nil},
		"another address": {
			[]Node{other("b", "https://b.example", true, 0, 0)},
			[]string{`site.base_url is "https://a.example" here and "https://b.example" on node b`},
		},
		"what a dead one was told does not count beside a living one": {
			[]Node{other("b", "https://b.example", false, time.Minute, 0), other("c", "https://a.example", true, 0, 0)}, nil,
		},
		"the last one of another list": {
			[]Node{other("b", "https://b.example", false, 2*time.Hour, 0), other("c", "https://a.example", false, 3*time.Hour, 0)},
			[]string{`site.base_url is "https://a.example" here and "https://b.example" on node b`},
		},
		"a clock an hour ahead":  {[]Node{other("b", "https://a.example", true, 0, time.Hour)}, []string{"the clock of node b is 1h0m0s ahead of the database's"}},
		"a clock an hour behind": {[]Node{other("b", "https://a.example", true, 0, -time.Hour)}, []string{"the clock of node b is 1h0m0s behind the database's"}},
	} {
		if got := Differences(self, c.others); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A registry of one name, which another process had: heard of last at a time, again
// and again if it lives.
type registry struct {
	seen   time.Time
	lives  bool
	others []Node
	left   bool
}

func (r *registry) Report(_ context.Context, n Node, now time.Time) ([]Node, error) {
	if r.lives {
		r.seen = now.Truncate(Every)
	}
	if quiet := now.Sub(r.seen); quiet < DeadAfter {
		return nil, &TakenError{Name: n.Name, Host: "elsewhere", PID: 7, Quiet: quiet}
	}
	return r.others, nil
}
func (r *registry) Leave(context.Context, Node) error     { r.left = true; return nil }
func (r *registry) Nodes(context.Context) ([]Node, error) { return nil, nil }

// The name of a process that has died elsewhere is waited for; one that lives keeps
// it.
func TestJoin(t *testing.T) {
	t.Parallel()
	for _, lives := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := &registry{seen: time.Now(), lives: lives}
			k := NewKeeper(r, Node{Name: "mail"}, slog.New(slog.DiscardHandler), time.Now)
			err := k.Join(t.Context())
			if errors.Is(err, ErrTaken) != lives {
				t.Errorf("the other lives, %t: got %v", lives, err)
			}
			if lives && !strings.Contains(err.Error(), "mail is process 7 on elsewhere") {
				t.Errorf("got %v, want whose the name is", err)
			}
		})
	}
}

// What is not alike is logged once, as long as it stays so.
func TestKeeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := &registry{others: []Node{{Name: "b", Alive: true, Settings: map[string]string{"dkim": "2"}}}}
		k := NewKeeper(r, Node{Name: "a", Settings: map[string]string{"dkim": "1"}}, slog.New(slog.NewTextHandler(&log, nil)), time.Now)
		if err := k.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go k.Run(ctx)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := strings.Count(log.String(), "different settings"); got != 1 || len(k.Warnings()) != 1 {
			t.Errorf("got %d lines and %q, want one of each: %s", got, k.Warnings(), log.String())
		}
		cancel()
		synctest.Wait()
		if !r.left {
			t.Error("got no word of its end")
		}
	})
}
