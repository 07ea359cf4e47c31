package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A Keeper keeps a process among the nodes of its database.
type Keeper struct {
	registry Registry
	log      *slog.Logger
	now      func() time.Time

	mu       sync.Mutex
	self     Node
	warnings []string
}

// NewKeeper makes a keeper. It says nothing before Join.
func NewKeeper(r Registry, self Node, log *slog.Logger, now func() time.Time) *Keeper {
	return &Keeper{registry: r, self: self, log: log, now: now}
}

// Join takes the node's name. A name that another host's process has had is waited
// for until that one has lapsed; while it says that it lives Join fails with
// ErrTaken.
func (k *Keeper) Join(ctx context.Context) error {
	for waited := time.Duration(0); ; waited += time.Second {
		err := k.Report(ctx)
		var taken *TakenError
		if !errors.As(err, &taken) || taken.Quiet < Every && waited > 2*Every || waited > 2*DeadAfter {
			return err
		}
		t := time.NewTimer(time.Second)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

// Run says that the node is alive until ctx ends, and then that it has ended.
func (k *Keeper) Run(ctx context.Context) {
	t := time.NewTicker(Every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if err := k.Report(ctx); err != nil && ctx.Err() == nil {
				k.log.Debug("can't record that this node is alive", "error", err)
			}
		case <-ctx.Done():
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), Every)
			defer cancel()
			if err := k.registry.Leave(late, k.Self()); err != nil {
				k.log.Debug("can't record that this node has ended; the others will notice by themselves", "error", err)
			}
			return
		}
	}
}

// Report says once that the node is alive, and logs what is not alike, when that is
// new.
func (k *Keeper) Report(ctx context.Context) error {
	self := k.Self()
	others, err := k.registry.Report(ctx, self, k.now())
	if err != nil {
		return err
	}
	found := Differences(self, others)
	k.mu.Lock()
	known := k.warnings
	k.warnings = found
	k.mu.Unlock()
	for _, w := range found {
		if !slices.Contains(known, w) {
			k.log.Warn("nodes of this list have different settings", "node", self.Name, "difference", w)
		}
	}
	return nil
}

// Self is this node.
func (k *Keeper) Self() Node {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.self
}

// Warnings are what is not alike now.
func (k *Keeper) Warnings() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.warnings)
}

// A TakenError is ErrTaken, with whose the name is.
type TakenError struct {
	Name, Host string
	PID        int
	Quiet      time.Duration // since it was heard of
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%v: %s is process %d on %s, heard of %s ago; give this one another name (node.name, --node)",
		ErrTaken, e.Name, e.PID, e.Host, e.Quiet.Round(time.Second))
}

// Is makes errors.Is(err, ErrTaken) true.
func (e *TakenError) Is(target error) bool { return target == ErrTaken }
