package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
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
	p.Savings, errs[2] = d.in.Editions.Savings(ctx, w)
	p.Approvals, errs[3] = d.in.Book.Approvals(ctx, w, hash)
	e, err := d.Edition(ctx, w)
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return p, err
	}
	p.Acts = withSend(p.Acts, e)
	return p, errors.Join(errs[:]...)
}

// Program is who does what nobody does.
const Program = "the program"

// withSend puts what the program did by itself among the acts, the newest first.
func withSend(acts []edition.Act, e edition.Edition) []edition.Act {
	if e.Frozen() {
		acts = append(acts, edition.Act{At: e.FrozenAt, By: Program, What: "began to send"})
	}
	if !e.FinishedAt.IsZero() && (e.State == edition.Sent || e.State == edition.Missed || e.State == edition.Skipped && e.SkippedBy == "") {
		what := map[edition.State]string{edition.Sent: "ended the send", edition.Missed: "missed the slot", edition.Skipped: "skipped the week: " + e.SkippedBecause()}[e.State]
		acts = append(acts, edition.Act{At: e.FinishedAt, By: Program, What: what})
	}
	slices.SortStableFunc(acts, func(a, b edition.Act) int { return b.At.Compare(a.At) })
	return acts
}

// Record keeps that something was done to a week, by whom the desk is. Verbs do it
// themselves.
func (d *Desk) Record(ctx context.Context, w edition.Week, what, detail string) error {
	if err := d.record(ctx, w, what, detail); err != nil {
		return fmt.Errorf("it is done, but not recorded who did it: %w", err)
	}
	return nil
}

// record is Record in the transaction of what was done.
func (d *Desk) record(ctx context.Context, w edition.Week, what, detail string) error {
	if d.in.Book == nil || d.by == "" {
		return nil
	}
	return d.in.Book.Record(ctx, w, edition.Act{At: d.in.Now(), By: d.by, What: what, Detail: detail})
}

// AddNote keeps a note on a week, or on a comparison in it.
func (d *Desk) AddNote(ctx context.Context, w edition.Week, slug, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return ErrEmptyNote
	case d.in.Book == nil:
		return ErrNoDatabase
	}
	return d.in.Book.AddNote(ctx, w, edition.Note{Slug: slug, Text: text, By: d.by, At: d.in.Now()})
}

// ResolveNote settles a note of a week.
func (d *Desk) ResolveNote(ctx context.Context, w edition.Week, id int64) error {
	if d.in.Book == nil {
		return ErrNoDatabase
	}
	return d.in.Book.ResolveNote(ctx, w, id, d.by, d.in.Now())
}

// A Seen keeps what editors saw last of a week.
type Seen interface {
	// See keeps that an editor saw a content.
	See(ctx context.Context, editor string, b edition.Build, at time.Time) error
	// Before gives the content that an editor saw last before the one with this hash;
	// edition.ErrNotFound when there is none.
	Before(ctx context.Context, editor string, w edition.Week, hash string) (edition.Build, error)
}

// See keeps that the desk's editor saw a content.
func (d *Desk) See(ctx context.Context, b edition.Build) error {
	if d.in.Seen == nil || d.by == "" {
		return nil
	}
	return d.in.Seen.See(ctx, d.by, b, d.in.Now())
}

// SeenBefore gives what the desk's editor saw last before the content with this
// hash; edition.ErrNotFound when there is none, ErrNoDatabase when it is not kept.
func (d *Desk) SeenBefore(ctx context.Context, w edition.Week, hash string) (edition.Build, error) {
	if d.in.Seen == nil {
		return edition.Build{}, ErrNoDatabase
	}
	return d.in.Seen.Before(ctx, d.by, w, hash)
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

// BuildOf gives a week's build with this hash; edition.ErrNotFound when it is not
// kept.
func (d *Desk) BuildOf(ctx context.Context, w edition.Week, hash string) (edition.Build, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return edition.Build{}, err
	}
	return d.buildOf(ctx, e, hash)
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

// shownCorrections is how many fields of a correction the history names.
const shownCorrections = 12

// Corrected keeps in a week's history what was corrected in a comparison: each field
// as it was and as it is.
func (d *Desk) Corrected(ctx context.Context, w edition.Week, was, now comparison.Comparison) error {
	var words []string
	for i, x := range comparison.Differences(was, now) {
		if i == shownCorrections {
			words = append(words, "and more")
			break
		}
		words = append(words, x.String())
	}
	if len(words) == 0 {
		return nil // the file was written anew as it was
	}
	return d.Record(ctx, w, "corrected", was.Slug+": "+strings.Join(words, "; "))
}
