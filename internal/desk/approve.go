package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// An Approval is what an approval came to.
type Approval struct {
	Edition edition.Edition
	By      []string // who approves this content
	Missing int      // how many more have to; 0: the edition is approved
}

// Approvals is how many have to approve an edition.
func (d *Desk) Approvals() int { return max(d.in.Approvals, 1) }

// Releases reports whether an edition as it is recorded goes out at its slot
// without anything more.
func (d *Desk) Releases(e edition.Edition) bool { return d.in.Pipeline.Releases(e) }

// Approve approves the build with this hash; "" is the current build, and eight
// characters of a hash name it. Where several have to approve, the edition is
// approved with the last of them. It fails with edition.ErrChanged when the
// current build is another, and with ErrNoEditor.
func (d *Desk) Approve(ctx context.Context, w edition.Week, hash string) (a Approval, err error) {
	if a.Edition, err = d.Edition(ctx, w); err != nil {
		return a, err
	}
	edits, err := d.Edits(ctx, w)
	if err == nil {
		err = a.Edition.Knows(edits)
	}
	if err != nil {
		return a, err
	}
	if hash != "" && len(hash) < shortestHash {
		return a, fmt.Errorf("%s: %w", hash, ErrShortHash)
	}
	if hash == "" || strings.HasPrefix(a.Edition.Hash, hash) {
		hash = a.Edition.Hash
	}
	return d.approve(ctx, a, hash)
}

// ApproveShown records a week's mail as it would go out now and approves it, if
// its content is what was seen: the one with this hash. Else it fails with
// edition.ErrChanged and records nothing.
func (d *Desk) ApproveShown(ctx context.Context, w edition.Week, hash string) (a Approval, err error) {
	if d.in.Editions == nil || d.in.Book == nil {
		return a, ErrNoDatabase
	}
	if err := d.mayApprove(); err != nil {
		return a, err
	}
	draft, err := d.in.Pipeline.Draft(ctx, w)
	if err != nil {
		return a, err
	}
	if draft.Build.Hash != hash {
		return a, fmt.Errorf("edition %s is not what you have seen: %w; look at it again and approve that", w, edition.ErrChanged)
	}
	if a.Edition, err = d.keep(ctx, draft); err != nil {
		return a, err
	}
	return d.approve(ctx, a, hash)
}

// mayApprove fails where more than one editor has to approve and the desk is
// nobody's of them: two names of one person would count twice.
func (d *Desk) mayApprove() error {
	if d.in.Approvals < 2 {
		return nil
	}
	if _, ok := d.in.Roster().Find(d.by); !ok {
		return fmt.Errorf("%d editors have to approve, and %s is %w: %s", d.in.Approvals, d.by, ErrNoEditor, strings.Join(d.in.Roster(), ", "))
	}
	return nil
}

// approve counts an approval of the current build. A build of another hash, or
// a state that cannot be approved, is refused before anything is kept.
func (d *Desk) approve(ctx context.Context, a Approval, hash string) (Approval, error) {
	if err := d.mayApprove(); err != nil {
		return a, err
	}
	w, by := a.Edition.Week, d.by
	if editor, ok := d.in.Roster().Find(by); ok {
		by = editor // one person, however the address is typed
	}
	if _, err := a.Edition.Approve(hash, by); err != nil {
		return a, err
	}
	err := d.in.Editions.Together(ctx, func(ctx context.Context) error {
		err := d.in.Book.AddApproval(ctx, w, hash, by, d.in.Now())
		if err == nil {
			a.By, err = d.in.Book.Approvals(ctx, w, hash)
		}
		if err != nil {
			return err
		}
		if a.Missing = max(0, d.Approvals()-len(a.By)); a.Missing == 0 {
			a.Edition, err = d.in.Editions.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Approve(hash, strings.Join(a.By, ", ")) })
		}
		if err != nil {
			return err
		}
		return d.record(ctx, w, "approved", "content "+hash[:min(len(hash), 12)])
	})
	return a, err
}

// keep records a draft, unless the edition has this very content already: it may
// be held, and its record need not change.
func (d *Desk) keep(ctx context.Context, draft pipeline.Draft) (edition.Edition, error) {
	e, err := d.Edition(ctx, draft.Plan.Week)
	if err == nil && e.Hash == draft.Build.Hash && e.EditsVersion == draft.Edits.Version {
		return e, nil
	}
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return e, err
	}
	return d.in.Pipeline.Keep(ctx, draft)
}

// Hold keeps an edition from being sent until it is approved; approvals that were
// given count no more. A week that nobody has built is recorded first.
func (d *Desk) Hold(ctx context.Context, w edition.Week) (edition.Edition, error) {
	if err := d.recorded(ctx, w); err != nil {
		return edition.Edition{}, err
	}
	var e edition.Edition
	err := d.in.Editions.Together(ctx, func(ctx context.Context) (err error) {
		if e, err = d.change(ctx, w, edition.Edition.Hold, "held", ""); err != nil {
			return err
		}
		return d.in.Book.DropApprovals(ctx, w)
	})
	return e, err
}

// recorded records a week's draft if nobody has.
func (d *Desk) recorded(ctx context.Context, w edition.Week) error {
	_, err := d.Edition(ctx, w)
	if !errors.Is(err, edition.ErrNotFound) {
		return err
	}
	draft, err := d.Draft(ctx, w)
	if err == nil {
		_, err = d.in.Pipeline.Keep(ctx, draft)
	}
	return err
}

// GoBack saves the edits of an earlier version again, over those of version from.
func (d *Desk) GoBack(ctx context.Context, w edition.Week, from, to int) (edition.Edits, error) {
	if d.in.Editions == nil {
		return edition.Edits{}, ErrNoDatabase
	}
	savings, err := d.in.Editions.Savings(ctx, w)
	if err != nil {
		return edition.Edits{}, err
	}
	var old edition.Edits // version 0: nothing is decided
	if at := slices.IndexFunc(savings, func(e edition.Edits) bool { return e.Version == to }); at >= 0 {
		old = savings[at]
	} else if to != 0 {
		return old, fmt.Errorf("%w: edition %s has no edits of version %d", edition.ErrEdits, w, to)
	}
	old.Version = from
	saved, kept, err := d.save(ctx, w, old)
	if err != nil {
		return saved, err
	}
	return saved, d.Record(ctx, w, "went back", fmt.Sprintf("to version %d of the edits: %s", to, edition.Words(kept.Differences(old))))
}
