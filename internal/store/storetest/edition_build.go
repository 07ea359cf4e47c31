package storetest

import (
	"fmt"
	"testing"

	"verdicts.example/digest/internal/edition"
)

func (s Editions) revise(t *testing.T) {
	e := s.built(t, week(0), "h1")
	if e.Hash != "h1" || e.Subject != "subject h1" || e.Preheader != "preheader h1" || !e.BuiltAt.Equal(monday()) {
		t.Errorf("got %+v, want the build's headline", e)
	}
	r := revision("h2")
	r.Slot, r.Since, r.Cutoff = monday().AddDate(0, 0, 1), monday().AddDate(0, 0, -1), monday().AddDate(0, 0, 2)
	r.Items, r.Carried = r.Items[1:], nil
	e, err := s.ReviseEdition(t.Context(), week(0), r)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Slot.Equal(r.Slot) || !e.Since.Equal(r.Since) || !e.Cutoff.Equal(r.Cutoff) {
		t.Errorf("got window %v (%v, %v], want the revision's", e.Slot, e.Since, e.Cutoff)
	}
	if len(e.Items) != 1 || e.Items[0] != r.Items[0] || len(e.Carried) != 0 {
		t.Errorf("got items %v, carried %v, want a-vs-b only", e.Items, e.Carried)
	}
	for _, state := range []edition.State{edition.Missed, edition.Skipped} {
		if err := s.MoveEdition(t.Context(), week(0), state, monday()); err != nil {
			t.Fatal(err)
		}
		if e, err = s.ReviseEdition(t.Context(), week(0), revision("h3")); err != nil || e.State != edition.Draft || !e.FinishedAt.IsZero() {
			t.Errorf("build after %s: got %s finished %v, %v, want a draft", state, e.State, e.FinishedAt, err)
		}
	}
}

func (s Editions) builds(t *testing.T) {
	s.built(t, week(1), "other")
	s.built(t, week(0), "h0")
	for _, n := range []int{1, 1, 2, 3, 4, 5, 1} {
		if _, err := s.ReviseEdition(t.Context(), week(0), revision(fmt.Sprint("h", n))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.EditionBuilds(t.Context(), week(0))
	if err != nil {
		t.Fatal(err)
	}
	var hashes string
	for _, b := range got {
		hashes += b.Hash
	}
	if want := "h1h5h4h3h2"; hashes != want {
		t.Fatalf("got builds %s, want %s: the last %d, the newest first, unchanged ones once", hashes, want, edition.KeepBuilds)
	}
	want := *revision("h1").Build
	want.Week, want.BuiltAt = week(0), monday()
	if got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if other, err := s.EditionBuilds(t.Context(), week(1)); err != nil || len(other) != 1 {
		t.Errorf("the other edition: got %d builds, %v, want its own 1", len(other), err)
	}
}

func (s Editions) approvalVoided(t *testing.T) {
	ctx, w := t.Context(), week(0)
	s.built(t, w, "h1")
	if err := s.ApproveEdition(ctx, w, "h1", "ed@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := s.ApproveEdition(ctx, w, "h1", "someone else"); err != nil {
		t.Errorf("approve twice: got %v, want nil", err)
	}
	e := s.wantState(t, w, edition.Approved)
	if e.ApprovedHash != "h1" || e.ApprovedBy != "ed@example.org" {
		t.Errorf("got approval of %q by %q, want h1 by the first editor", e.ApprovedHash, e.ApprovedBy)
	}
	if e, err := s.ReviseEdition(ctx, w, revision("h1")); err != nil || e.State != edition.Approved {
		t.Errorf("the same content built again: got %s, %v, want approved", e.State, err)
	}
	e, err := s.ReviseEdition(ctx, w, revision("h2"))
	if err != nil || e.State != edition.Draft || e.ApprovedHash != "" || e.ApprovedBy != "" {
		t.Errorf("other content: got %s approved %q by %q, %v, want a draft", e.State, e.ApprovedHash, e.ApprovedBy, err)
	}
}

func (s Editions) approvalRefused(t *testing.T) {
	ctx, w := t.Context(), week(0)
	s.insert(t, draftOf(w))
	wantError(t, "never built", s.ApproveEdition(ctx, w, "", "ed"), edition.ErrNotBuilt)
	if _, err := s.ReviseEdition(ctx, w, revision("h1")); err != nil {
		t.Fatal(err)
	}
	wantError(t, "another hash", s.ApproveEdition(ctx, w, "h0", "ed"), edition.ErrChanged)
	s.wantState(t, w, edition.Draft)
	wantError(t, "move to approved", s.MoveEdition(ctx, w, edition.Approved, monday()), edition.ErrState)
	if err := s.MoveEdition(ctx, w, edition.Cancelled, monday()); err != nil {
		t.Fatal(err)
	}
	wantError(t, "cancelled", s.ApproveEdition(ctx, w, "h1", "ed"), edition.ErrState)
	_, err := s.ReviseEdition(ctx, w, revision("h2"))
	wantError(t, "build when cancelled", err, edition.ErrState)
}

func (s Editions) hold(t *testing.T) {
	ctx, w := t.Context(), week(0)
	e := s.built(t, w, "h1")
	if err := s.ApproveEdition(ctx, w, "h1", "ed"); err != nil {
		t.Fatal(err)
	}
	if err := s.MoveEdition(ctx, w, edition.Held, monday()); err != nil {
		t.Fatal(err)
	}
	wantError(t, "freeze when held", s.Freeze(ctx, e.ID, "h1", []byte("m"), monday(), edition.Approved, edition.Draft), edition.ErrState)
	held, err := s.ReviseEdition(ctx, w, revision("h2"))
	if err != nil || held.State != edition.Held || held.ApprovedHash != "" || held.Hash != "h2" {
		t.Errorf("built when held: got %s %+v, %v, want held without approval", held.State, held, err)
	}
	if err := s.ApproveEdition(ctx, w, "h2", "ed"); err != nil {
		t.Errorf("release: got %v", err)
	}
	s.wantState(t, w, edition.Approved)
}

func (s Editions) nothingToSend(t *testing.T) {
	ctx, w := t.Context(), week(0)
	s.built(t, w, "h1")
	if err := s.ApproveEdition(ctx, w, "h1", "ed"); err != nil {
		t.Fatal(err)
	}
	r := revision("")
	r.Build, r.Items = nil, nil
	e, err := s.ReviseEdition(ctx, w, r)
	if err != nil || e.State != edition.Skipped || e.Hash != "" || e.Subject != "" || !e.FinishedAt.Equal(monday()) {
		t.Errorf("got %+v, %v, want skipped, with neither subject nor hash", e, err)
	}
	if len(e.Items) != 0 || len(e.Carried) != 1 {
		t.Errorf("got items %v, carried %v, want what was carried over", e.Items, e.Carried)
	}
}
