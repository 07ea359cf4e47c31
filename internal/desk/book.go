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

// ErrEmptyNote is a note without words.
var ErrEmptyNote = errors.New("the note is empty; write what should be looked at")

// A Page is what the desk knows of a week beside its mail. Without a database
// all of it is empty.
type Page struct {
	Acts      []edition.Act
	Notes     []edition.Note
	Savings   []edition.Edits
	Approvals []string // of the content that is shown
}

// OpenNotes gives the notes that nobody has resolved.
func (p Page) OpenNotes() []edition.Note {
	return slices.DeleteFunc(slices.Clone(p.Notes), func(n edition.Note) bool { return !n.Open() })
}

// Page reads what the desk knows of a week, whose content has this hash.
func (d *Desk) Page(ctx context.Context, w edition.Week, hash string) (p Page, err error) {
	if d.in.Book == nil {
		return p, nil
	}
	var errs [4]error
	p.Acts, errs[0] = d.in.Book.Acts(ctx, w)
	p.Notes, errs[1] = d.in.Book.Notes(ctx, w)
	p.Savings, errs[2] = d.in.Book.Savings(ctx, w)
	p.Approvals, errs[3] = d.in.Book.Approvals(ctx, w, hash)
	return p, errors.Join(errs[:]...)
}

// Record keeps that by did something to a week.
func (d *Desk) Record(ctx context.Context, w edition.Week, by, what, detail string) error {
	if d.in.Book == nil {
		return nil
	}
	return d.in.Book.Record(ctx, w, edition.Act{At: d.in.Now(), By: by, What: what, Detail: detail})
}

// AddNote keeps a note on a week, or on a comparison in it.
func (d *Desk) AddNote(ctx context.Context, w edition.Week, slug, text, by string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return ErrEmptyNote
	case d.in.Book == nil:
		return ErrNoDatabase
	}
	return d.in.Book.AddNote(ctx, w, edition.Note{Slug: slug, Text: text, By: by, At: d.in.Now()})
}

// ResolveNote settles a note of a week.
func (d *Desk) ResolveNote(ctx context.Context, w edition.Week, id int64, by string) error {
	if d.in.Book == nil {
		return ErrNoDatabase
	}
	return d.in.Book.ResolveNote(ctx, w, id, by, d.in.Now())
}

// An Approval is what an approval came to.
type Approval struct {
	Edition edition.Edition
	By      []string // who approves this content
	Missing int      // how many more have to; 0: the edition is approved
}

// ApproveShown records a week's mail as it would go out now and approves it, if
// its content is what by has seen: the one with this hash. Else it fails with
// edition.ErrChanged and records nothing. Where several have to approve, the
// edition is approved with the last of them.
func (d *Desk) ApproveShown(ctx context.Context, w edition.Week, hash, by string) (a Approval, err error) {
	if d.in.Editions == nil || d.in.Book == nil {
		return a, ErrNoDatabase
	}
	draft, err := d.in.Pipeline.Draft(ctx, w)
	if err != nil {
		return a, err
	}
	if draft.Build.Hash != hash {
		return a, fmt.Errorf("edition %s is not what you saw: %w; look at it again and approve that", w, edition.ErrChanged)
	}
	if a.Edition, err = d.keep(ctx, draft); err != nil {
		return a, err
	}
	if err := d.in.Book.AddApproval(ctx, w, hash, by, d.in.Now()); err != nil {
		return a, err
	}
	if a.By, err = d.in.Book.Approvals(ctx, w, hash); err != nil {
		return a, err
	}
	if a.Missing = max(0, max(d.in.Approvals, 1)-len(a.By)); a.Missing == 0 {
		a.Edition, err = d.Approve(ctx, w, hash, strings.Join(a.By, ", "))
	}
	if err != nil {
		return a, err
	}
	return a, d.Record(ctx, w, by, "approved", "content "+hash[:min(len(hash), 12)])
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
	return d.Build(ctx, draft)
}

// HoldShown holds a week by somebody's word; one that nobody has built is
// recorded first.
func (d *Desk) HoldShown(ctx context.Context, w edition.Week, by string) (edition.Edition, error) {
	if d.in.Editions == nil || d.in.Book == nil {
		return edition.Edition{}, ErrNoDatabase
	}
	if _, err := d.Edition(ctx, w); errors.Is(err, edition.ErrNotFound) {
		draft, err := d.Draft(ctx, w)
		if err == nil {
			_, err = d.Build(ctx, draft)
		}
		if err != nil {
			return edition.Edition{}, err
		}
	}
	e, err := d.Hold(ctx, w)
	if err != nil {
		return e, err
	}
	if err := d.in.Book.DropApprovals(ctx, w); err != nil {
		return e, err
	}
	return e, d.Record(ctx, w, by, "held", "")
}

// GoBack saves the edits of an earlier version again, over those of version from.
func (d *Desk) GoBack(ctx context.Context, w edition.Week, from, to int, by string) (edition.Edits, error) {
	if d.in.Book == nil {
		return edition.Edits{}, ErrNoDatabase
	}
	savings, err := d.in.Book.Savings(ctx, w)
	if err != nil {
		return edition.Edits{}, err
	}
	var old edition.Edits // version 0: nothing is decided
	if at := slices.IndexFunc(savings, func(e edition.Edits) bool { return e.Version == to }); at >= 0 {
		old = savings[at]
	} else if to != 0 {
		return old, fmt.Errorf("edition %s has no edits of version %d", w, to)
	}
	old.Version = from
	return d.SaveEdits(ctx, w, old, by)
}

// LastSent gives the newest edition before w that readers may have, with its
// mail; edition.ErrNotFound when there is none.
func (d *Desk) LastSent(ctx context.Context, w edition.Week) (e edition.Edition, b edition.Build, err error) {
	list, err := d.Editions(ctx)
	if err != nil {
		return e, b, err
	}
	for _, other := range list {
		if other.Frozen() && other.Week.Before(w) {
			e = other
		}
	}
	b, err = d.buildOf(ctx, e, e.Hash)
	return e, b, err
}

// Approved gives the build of a week that was approved; edition.ErrNotFound when
// none is.
func (d *Desk) Approved(ctx context.Context, w edition.Week) (edition.Build, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return edition.Build{}, err
	}
	return d.buildOf(ctx, e, e.ApprovedHash)
}

func (d *Desk) buildOf(ctx context.Context, e edition.Edition, hash string) (edition.Build, error) {
	if hash == "" {
		return edition.Build{}, edition.ErrNotFound
	}
	builds, err := d.in.Editions.Builds(ctx, e.Week)
	for _, b := range builds {
		if b.Hash == hash {
			return b, err
		}
	}
	return edition.Build{}, errors.Join(err, edition.ErrNotFound)
}
