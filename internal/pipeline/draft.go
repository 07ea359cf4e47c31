package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
)

// A Draft is an edition as it would be built now. Nothing of it is recorded.
type Draft struct {
	Plan      edition.Plan
	Edits     edition.Edits // what an editor decided
	Selection edition.Selection
	Problems  []comparison.Problem    // comparisons that could not be read
	Library   []comparison.Comparison // those that could; of a Selection only
	Rendered  render.Rendered         // empty when there is nothing to send
	Build     edition.Build
	Frozen    *message.Frozen // the mail as readers would get it; nil when there is nothing
	Findings  []check.Finding

	voted render.Voted
	input render.DigestInput
}

// Draft picks, renders and checks the edition of week w as it would go out now:
// of an approved edition exactly what was approved, with the comparisons as they
// are.
func (p *Pipeline) Draft(ctx context.Context, w edition.Week) (Draft, error) {
	in, err := p.asApproved(ctx, w)
	if err != nil {
		return Draft{}, err
	}
	return p.draftOf(ctx, in)
}

// Selection is what Draft picks, without a mail made of it.
func (p *Pipeline) Selection(ctx context.Context, w edition.Week) (Draft, error) {
	in, err := p.asApproved(ctx, w)
	if err != nil {
		return Draft{}, err
	}
	d, library, err := p.selected(ctx, in)
	d.Library = library
	return d, err
}

// Pick is Draft for an editor who picks anew, also what is approved already.
func (p *Pipeline) Pick(ctx context.Context, w edition.Week) (Draft, error) {
	history, err := p.history(ctx)
	if err != nil {
		return Draft{}, err
	}
	return p.draftOf(ctx, pick{week: w, history: history, anew: true})
}

// asApproved begins a draft that keeps to what was approved.
func (p *Pipeline) asApproved(ctx context.Context, w edition.Week) (pick, error) {
	history, err := p.history(ctx)
	if err != nil {
		return pick{}, err
	}
	edits, err := p.edits(ctx, w)
	return pick{week: w, history: history, approved: edition.ApprovedItems(history, w, edits)}, err
}

// A pick is what a draft begins with.
type pick struct {
	week     edition.Week
	history  []edition.Edition
	approved []edition.Item // exactly these items; none: what the rules pick
	anew     bool           // an editor builds again
}

func (p *Pipeline) draftOf(ctx context.Context, in pick) (Draft, error) {
	d, library, err := p.selected(ctx, in)
	if err != nil || d.Selection.Nothing() {
		return d, err
	}
	if err := p.askReaders(ctx, &d, in, library); err != nil {
		return Draft{}, err
	}
	if err := p.render(&d); err != nil {
		return Draft{}, err
	}
	return d, p.inspect(&d, p.parts.Now())
}

// selected is a draft as far as its selection, and the comparisons that it was
// made from.
func (p *Pipeline) selected(ctx context.Context, in pick) (Draft, []comparison.Comparison, error) {
	if in.week.Correction {
		return Draft{}, nil, fmt.Errorf("%s is the correction of %s and has no content of the week: %w", in.week, in.week.Corrected(), ErrCorrection)
	}
	lib, err := p.parts.Library()
	if err != nil {
		return Draft{}, nil, fmt.Errorf("read the comparisons: %w", err)
	}
	history, err := p.before(ctx, in.week, in.history, lib)
	if err != nil {
		return Draft{}, nil, err
	}
	plan, err := edition.PlanFor(in.week, p.parts.Now(), p.parts.Settings.Calendar, history)
	if err != nil {
		return Draft{}, nil, err
	}
	d := Draft{Plan: plan, Problems: lib.Problems}
	if d.Edits, err = p.edits(ctx, in.week); err != nil {
		return Draft{}, nil, err
	}
	declined, err := p.declined(ctx, plan)
	if err != nil {
		return Draft{}, nil, err
	}
	d.Selection = edition.Select(edition.Candidates{
		Plan:        plan,
		Calendar:    p.parts.Settings.Calendar,
		Comparisons: lib.Comparisons,
		Broken:      lib.Broken,
		Options:     p.parts.Settings.Options,
		Edits:       d.Edits,
		Declined:    declined,
		Approved:    in.approved,
	})
	return d, lib.Comparisons, nil
}

// declined is what editors left out of a plan's past editions.
func (p *Pipeline) declined(ctx context.Context, plan edition.Plan) (slugs []string, err error) {
	for _, e := range plan.Past {
		edits, err := p.edits(ctx, e.Week)
		if err != nil {
			return nil, err
		}
		slugs = append(slugs, edits.LeftOut...)
	}
	return slugs, nil
}

// edits is what an editor decided about a week, nothing without a database.
func (p *Pipeline) edits(ctx context.Context, w edition.Week) (edition.Edits, error) {
	if p.parts.Archive == nil {
		return edition.Edits{}, nil
	}
	return p.parts.Archive.Edits(ctx, w)
}

func (p *Pipeline) render(d *Draft) error {
	subject, preheader := edition.Subject(d.Selection.Comparisons, d.Edits.Lead())
	subject, preheader = cmp.Or(d.Edits.Subject, subject), cmp.Or(d.Edits.Preheader, preheader)
	d.input = render.DigestInput{
		Week:        d.Plan.Week,
		Date:        d.Plan.Slot.In(p.parts.Settings.Calendar.Zone),
		Subject:     subject,
		Preheader:   preheader,
		Detail:      p.parts.Settings.Detail,
		Note:        d.Edits.Note,
		Lead:        d.Edits.Lead(),
		Comparisons: d.Selection.Comparisons,
		Quotes:      d.Edits.Quotes,
		Updates:     d.Selection.Updates,
		Voted:       d.voted,
	}
	rendered, err := p.parts.Renderer.Digest(d.input)
	if err != nil {
		return fmt.Errorf("render edition %s: %w", d.Plan.Week, err)
	}
	d.Rendered = rendered
	d.Build = p.buildOf(d.Plan.Week, rendered)
	d.Build.Readers = edition.Readers{Tallies: d.voted.Tallies}
	d.Frozen, err = p.freeze(d.Build, d.Plan.Slot)
	return err
}

// Traced is a draft's mail whose elements say which line of a template writes them
// (render.TraceAttribute); "" of a frozen edition, whose templates are not kept.
func (p *Pipeline) Traced(d Draft) (string, error) {
	if len(d.input.Comparisons) == 0 {
		return "", nil
	}
	return p.parts.Renderer.Traced(d.input)
}

// buildOf is what a rendering of a week's edition gave.
func (p *Pipeline) buildOf(w edition.Week, r render.Rendered) edition.Build {
	return edition.Build{
		Week: w, Hash: hashOf(r, p.senderNow()), Subject: r.Subject, Preheader: r.Preheader,
		HTML: r.HTML, Uninlined: r.Uninlined, Text: r.Text, BuiltAt: p.parts.Now(),
	}
}

// inspect runs the checks over the draft and a sample message.
func (p *Pipeline) inspect(d *Draft, now time.Time) error {
	d.Findings = check.Run(check.Mail{
		Rendered:    d.Rendered,
		Raw:         d.Frozen.Append(nil, SampleReader(p.parts.Settings.Headers.From.Address)),
		Site:        p.parts.Settings.Site,
		From:        d.Frozen.From(),
		DKIMDomain:  p.parts.Settings.DKIMDomain,
		Comparisons: d.Selection.Comparisons,
		Problems:    d.Problems,
		Decisions:   d.Selection.Decisions,
		Note:        d.Edits.Note,
		Now:         now,
		Zone:        p.parts.Settings.Calendar.Zone,
	})
	return nil
}

// hashOf is what an approval binds to: SHA-256 over everything that readers
// see, and whom it is from, each field with its length before it.
func hashOf(r render.Rendered, from edition.Sender) string {
	h := sha256.New()
	for _, s := range []string{r.Subject, r.Preheader, r.HTML, r.Text, from.From, from.ReplyTo, from.ListID} {
		fmt.Fprintf(h, "%d:", len(s))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}
