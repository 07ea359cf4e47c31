package storetest

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"

	"verdicts.example/digest/internal/edition"
)

func (s Editions) freeze(t *testing.T) {
	ctx, w := t.Context(), week(0)
	e := s.built(t, w, "h1")
	if err := s.ApproveEdition(ctx, w, "h1", "ed"); err != nil {
		t.Fatal(err)
	}
	msg := []byte("frozen\x00\r\n\xff")
	if err := s.Freeze(ctx, e.ID, "h1", msg, monday(), edition.Approved); err != nil {
		t.Fatal(err)
	}
	if e := s.wantState(t, w, edition.Sending); !e.FrozenAt.Equal(monday()) || e.ApprovedBy != "ed" {
		t.Errorf("got frozen at %v, approved by %q, want now, by ed", e.FrozenAt, e.ApprovedBy)
	}
	wantError(t, "freeze again", s.Freeze(ctx, e.ID, "h1", []byte("other"), monday(), edition.Approved, edition.Draft), edition.ErrState)
	_, err := s.ReviseEdition(ctx, w, revision("h2"))
	wantError(t, "build when frozen", err, edition.ErrState)
	if got, err := s.EditionMessage(ctx, w); err != nil || !bytes.Equal(got, msg) {
		t.Errorf("got %q, %v, want the frozen bytes", got, err)
	}
	if err := s.Finish(ctx, e.ID, monday()); err != nil {
		t.Fatal(err)
	}
	if e := s.wantState(t, w, edition.Sent); !e.FinishedAt.Equal(monday()) {
		t.Errorf("got finished at %v, want now", e.FinishedAt)
	}
}

func (s Editions) freezeRefused(t *testing.T) {
	ctx := t.Context()
	blank := s.insert(t, draftOf(week(0)))
	wantError(t, "never built", s.Freeze(ctx, blank.ID, "", nil, monday(), edition.Draft), edition.ErrNotBuilt)
	e := s.built(t, week(1), "h1")
	wantError(t, "not approved", s.Freeze(ctx, e.ID, "h1", nil, monday(), edition.Approved), edition.ErrNotApproved)
	wantError(t, "built again", s.Freeze(ctx, e.ID, "h0", nil, monday(), edition.Draft), edition.ErrChanged)
	_, err := s.EditionMessage(ctx, week(1))
	wantError(t, "nothing frozen", err, edition.ErrNotFound)
	s.wantState(t, week(1), edition.Draft)
}

func (s Editions) freezeAtOnce(t *testing.T) {
	ctx := t.Context()
	e := s.built(t, week(0), "h1")
	var done atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if s.Freeze(ctx, e.ID, "h1", []byte("m"), monday(), edition.Draft) == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if n := done.Load(); n != 1 {
		t.Errorf("got %d freezes of one edition, want 1", n)
	}
}

func (s Editions) pause(t *testing.T) {
	ctx, w := t.Context(), week(0)
	e := s.built(t, w, "h1")
	wantError(t, "pause a draft", s.PauseEdition(ctx, w, "why"), edition.ErrState)
	if err := s.Freeze(ctx, e.ID, "h1", []byte("m"), monday(), edition.Draft); err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"535 5.7.8 wrong password", "", "5 % hard failures"} {
		if err := s.PauseEdition(ctx, w, reason); err != nil {
			t.Fatal(err)
		}
		if e := s.wantState(t, w, edition.Sending); e.PauseReason != reason {
			t.Errorf("got reason %q, want %q", e.PauseReason, reason)
		}
	}
	if err := s.MoveEdition(ctx, w, edition.Cancelled, monday()); err != nil {
		t.Fatal(err)
	}
	if e := s.wantState(t, w, edition.Cancelled); e.PauseReason != "" || !e.Advances() {
		t.Errorf("got reason %q, advances %v, want none, true: it was frozen", e.PauseReason, e.Advances())
	}
}

// transitions tries every move from every state against the table.
func (s Editions) transitions(t *testing.T) {
	ctx := t.Context()
	n := 0
	for _, from := range edition.States() {
		for _, to := range edition.States() {
			n++
			w := week(n)
			s.bring(t, w, from)
			err := s.MoveEdition(ctx, w, to, monday())
			own := to == edition.Approved || to == edition.Sending
			if want := from.CanBecome(to) && !own; (err == nil) != want {
				t.Errorf("%s to %s: got %v, want allowed=%v", from, to, err, want)
			}
			if err != nil {
				wantError(t, string(from+" to "+to), err, edition.ErrState)
				s.wantState(t, w, from)
				continue
			}
			if e := s.wantState(t, w, to); e.FinishedAt.IsZero() == to.Finished() {
				t.Errorf("%s to %s: got finished at %v", from, to, e.FinishedAt)
			}
		}
	}
}

// bring makes an edition of w in the wanted state.
func (s Editions) bring(t *testing.T, w edition.Week, want edition.State) {
	t.Helper()
	ctx := t.Context()
	e := s.built(t, w, "h1")
	var err error
	switch want {
	case edition.Draft:
	case edition.Approved:
		err = s.ApproveEdition(ctx, w, "h1", "ed")
	case edition.Sending, edition.Sent:
		err = s.Freeze(ctx, e.ID, "h1", []byte("m"), monday(), edition.Draft)
		if err == nil && want == edition.Sent {
			err = s.Finish(ctx, e.ID, monday())
		}
	default:
		err = s.MoveEdition(ctx, w, want, monday())
	}
	if err != nil {
		t.Fatalf("bring %s to %s: got %v", w, want, err)
	}
	s.wantState(t, w, want)
}
