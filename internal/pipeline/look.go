package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
)

// A Look is a week's edition with what a release of it would come to. Nothing
// of it is recorded.
type Look struct {
	Draft                      // of a frozen edition: its mail as it is frozen
	Edition    edition.Edition // as it would be recorded; a frozen one as it is
	Cuts       Cuts
	Overlaps   []Overlap
	Refusal    error // why it would not be sent; nil when it would
	recordable bool  // the draft may be recorded, refused or not
}

// GoesOn reports whether the edition is being sent already: its send goes on.
func (l Look) GoesOn() bool { return l.Edition.State == edition.Sending }

// An Overlap is what an open edition of another week shares with this one.
type Overlap struct {
	Week  edition.Week
	State edition.State
	Slugs []string
}

func (o Overlap) String() string {
	return fmt.Sprintf("edition %s (%s) holds %s too: the first that is sent takes it from the other", o.Week, o.State, strings.Join(o.Slugs, ", "))
}

// Overlaps gives what other weeks' open editions share with items: whichever is
// sent first takes it from the other.
func Overlaps(w edition.Week, items []edition.Item, history []edition.Edition) []Overlap {
	var out []Overlap
	for _, e := range history {
		if e.Week == w || e.State.Finished() {
			continue
		}
		o := Overlap{Week: e.Week, State: e.State}
		for _, it := range items {
			for _, other := range e.Items {
				if it.Slug == other.Slug {
					o.Slugs = append(o.Slugs, it.Slug)
				}
			}
		}
		if len(o.Slugs) > 0 {
			out = append(out, o)
		}
	}
	return out
}

// Look says what a release of week w would come to now. A refusal is one of
// edition.ErrSent, ErrState, ErrNothing and ErrNotApproved, of ErrChecks,
// ErrEarly and ErrUnready, of delivery.ErrPaused, and, when the database was
// restored from a backup, of those of delivery.Ledger.CheckOthers.
func (p *Pipeline) Look(ctx context.Context, w edition.Week) (Look, error) {
	all, err := p.all(ctx)
	if err != nil {
		return Look{}, err
	}
	history := edition.Weekly(all)
	l := Look{Edition: edition.Edition{Week: w, State: edition.Draft}}
	for _, e := range all {
		if e.Week == w {
			l.Edition = e
		}
	}
	if e := l.Edition; e.Frozen() || e.State == edition.Cancelled {
		l.Refusal = p.over(e)
		if e.Frozen() {
			l.Draft, err = p.kept(ctx, e)
		}
		if errors.Is(err, edition.ErrNotFound) && l.Refusal != nil {
			err = nil // taken over from its journals after a restore: its mail is not known
		}
		return l, err
	}
	if l.Draft, err = p.Draft(ctx, w); err != nil {
		return l, buildError(w, err)
	}
	if l.Refusal = p.timely(l.Plan); l.Refusal != nil {
		l.Edition.Slot = l.Plan.Slot
		return l, nil
	}
	l.recordable = true
	if !l.Selection.Nothing() {
		if l.Cuts, err = p.cut(ctx, &l.Draft); err != nil {
			return l, err
		}
	}
	if l.Edition, err = l.Edition.Revise(l.revision(p.parts.Now())); err != nil {
		return l, err
	}
	l.Overlaps = Overlaps(w, l.Selection.Featured, history)
	l.Refusal = p.releasable(l.Edition, l.Draft)
	if (l.Refusal == nil || errors.Is(l.Refusal, edition.ErrNothing)) && p.parts.Transport.Journals != nil { // a week without news must not hide it
		if err := p.parts.Transport.CheckOthers(ctx, w.String()); err != nil {
			l.Refusal = err
		}
	}
	return l, nil
}

// over says why an edition that is frozen or cancelled is not sent; nil when its
// send goes on.
func (p *Pipeline) over(e edition.Edition) error {
	switch {
	case e.State == edition.Sent:
		return e.Refuse(edition.ErrSent, "%s", e.Status())
	case e.State != edition.Sending:
		return e.Refuse(edition.ErrState, "%s", e.Status())
	case e.PauseReason != "":
		return fmt.Errorf("%w: %s", delivery.ErrPaused, e.PauseReason)
	}
	return p.unready()
}

// unready is nil when the settings may mail readers.
func (p *Pipeline) unready() error {
	if err := p.parts.Settings.Unready; err != nil {
		return fmt.Errorf("%w:\n%w", ErrUnready, err)
	}
	return nil
}

// Mail is a week's mail: as it is frozen, or as it would be built now.
func (p *Pipeline) Mail(ctx context.Context, w edition.Week) (Draft, error) {
	if p.parts.Archive == nil {
		return p.Draft(ctx, w)
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return Draft{}, err
	}
	if err == nil && e.Frozen() {
		return p.kept(ctx, e)
	}
	return p.Draft(ctx, w)
}

// kept is a frozen edition's mail, checked anew.
func (p *Pipeline) kept(ctx context.Context, e edition.Edition) (Draft, error) {
	builds, err := p.parts.Archive.Builds(ctx, e.Week)
	if err != nil {
		return Draft{}, err
	}
	c, err := p.composer(ctx, e.Week)
	if err != nil {
		return Draft{}, err
	}
	lib, err := p.parts.Library()
	if err != nil {
		return Draft{}, fmt.Errorf("read the comparisons: %w", err)
	}
	d := Draft{
		Plan:      edition.Plan{Week: e.Week, Slot: e.Slot, Since: e.Since, Cutoff: e.Cutoff},
		Selection: edition.Selection{Featured: e.Items, Carried: e.Carried},
		Frozen:    c.whole().frozen,
	}
	for _, it := range e.Items {
		d.Selection.Decisions = append(d.Selection.Decisions, edition.Decision{Slug: it.Slug, Title: it.Title(), In: true, Reason: "in the mail as it was frozen"})
	}
	for _, it := range e.Items { // in the mail's order
		if i := slices.IndexFunc(lib.Comparisons, func(c comparison.Comparison) bool { return c.Slug == it.Slug }); i >= 0 {
			d.Selection.Comparisons = append(d.Selection.Comparisons, lib.Comparisons[i])
		}
	}
	for _, b := range builds {
		if b.Hash == e.Hash {
			d.Build = b
			d.Rendered = render.Rendered{Subject: b.Subject, Preheader: b.Preheader, HTML: b.HTML, Uninlined: b.Uninlined, Text: b.Text}
		}
	}
	return d, p.inspect(&d, p.parts.Now())
}

// Release records and freezes what was looked at: from then on the edition is
// being sent, with these bytes and recipients. One that is being sent is given
// back as it is, so that a send that was cut short goes on with the same bytes.
// It fails with l.Refusal or delivery.ErrNobody, and begins no send then.
func (p *Pipeline) Release(ctx context.Context, l Look) (edition.Edition, delivery.Frozen, error) {
	return p.releaseAnd(ctx, l, func(context.Context, edition.Edition, error) error { return nil })
}

// releaseAnd is Release that calls refused for a refusal, in the transaction that
// records the draft.
func (p *Pipeline) releaseAnd(ctx context.Context, l Look, refused func(context.Context, edition.Edition, error) error) (edition.Edition, delivery.Frozen, error) {
	looked := l
	err := p.parts.Archive.Together(ctx, func(ctx context.Context) (err error) {
		if l = looked; l.recordable {
			if l.Edition, err = p.Keep(ctx, l.Draft); err != nil {
				return err
			}
			if l.Refusal == nil { // somebody may have held it meanwhile
				l.Refusal = p.releasable(l.Edition, l.Draft)
			}
		}
		if l.Refusal == nil {
			return nil
		}
		return refused(ctx, l.Edition, l.Refusal)
	})
	switch {
	case err != nil:
		return p.frozenMeanwhile(ctx, looked.Edition.Week, err)
	case l.Refusal != nil:
		return l.Edition, delivery.Frozen{}, l.Refusal
	case l.GoesOn():
		return l.Edition, delivery.Frozen{Resumed: true}, nil
	}
	return p.begin(ctx, l)
}

// begin freezes an edition that may be sent.
func (p *Pipeline) begin(ctx context.Context, l Look) (edition.Edition, delivery.Frozen, error) {
	p.froze.note(l.Edition.Week)
	frozen, err := p.freezeEdition(ctx, l.Edition, l.Draft, l.Cuts)
	if errors.Is(err, delivery.ErrNobody) && l.Cuts.None > 0 {
		return l.Edition, frozen, l.Edition.Refuse(delivery.ErrNobody, "ready, but has nothing of the topics that readers chose")
	}
	if errors.Is(err, delivery.ErrNobody) {
		return l.Edition, frozen, l.Edition.Refuse(delivery.ErrNobody, "ready, but the list has no active reader")
	}
	if err != nil {
		return l.Edition, frozen, fmt.Errorf("release edition %s: %w", l.Edition.Week, err)
	}
	e, err := p.parts.Archive.Find(ctx, l.Edition.Week)
	return e, frozen, err
}

// frozenMeanwhile is for an edition that could not be recorded: another process
// that looked at it too may have released it, and this one goes on with that send.
func (p *Pipeline) frozenMeanwhile(ctx context.Context, w edition.Week, failed error) (edition.Edition, delivery.Frozen, error) {
	if !errors.Is(failed, edition.ErrState) && !errors.Is(failed, edition.ErrSent) {
		return edition.Edition{Week: w}, delivery.Frozen{}, failed
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil || !e.Frozen() {
		return e, delivery.Frozen{}, errors.Join(failed, err)
	}
	return e, delivery.Frozen{Resumed: true}, p.over(e)
}

// releasable says what keeps a built edition from being sent.
func (p *Pipeline) releasable(e edition.Edition, d Draft) error {
	switch {
	case e.State == edition.Held:
		return e.Refuse(edition.ErrNotApproved, "held; approve it to release it")
	case d.Selection.Nothing() && len(d.Problems) > 0:
		return &brokenError{week: e.Week, problems: d.Problems}
	case d.Selection.Nothing():
		return fmt.Errorf("edition %s has nothing new: %w", e.Week, edition.ErrNothing)
	case check.Failed(d.Findings):
		return fmt.Errorf("edition %s is not sent: %w", e.Week, failures(d.Findings))
	case !e.Released(p.parts.Settings.ApprovalRequired):
		return fmt.Errorf("edition %s waits for approval of its last build: %w", e.Week, edition.ErrNotApproved)
	}
	return p.unready()
}

// Releases reports whether an edition may go out as it is recorded. One that
// nobody has built yet is like a draft.
func (p *Pipeline) Releases(e edition.Edition) bool {
	if e.ID == 0 {
		e.State = edition.Draft
	}
	return e.Released(p.parts.Settings.ApprovalRequired)
}
