package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// An Amended is a correction of a paused send.
type Amended struct {
	Draft
	Edition edition.Edition
	Waiting int64 // readers who get it
}

// DraftAmendment renders a paused edition's comparisons as they are now, with
// its edits. Nothing is recorded. It fails with edition.ErrState, edition.ErrSame
// or ErrChecks.
func (p *Pipeline) DraftAmendment(ctx context.Context, w edition.Week, by string) (Draft, error) {
	history, err := p.history(ctx)
	if err != nil {
		return Draft{}, err
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil {
		return Draft{}, err
	}
	d, err := p.draftOf(ctx, pick{week: w, history: history, approved: e.Items})
	if err != nil {
		return d, err
	}
	if len(d.Selection.Featured) != len(e.Items) {
		return d, fmt.Errorf("amend edition %s: a comparison that it features is gone or cannot be read", w)
	}
	if _, err := e.Amend(d.Build, by); err != nil {
		return d, err
	}
	if check.Failed(d.Findings) {
		return d, fmt.Errorf("edition %s is not amended: %w", w, failures(d.Findings))
	}
	return d, nil
}

// Amend gives a correction to whoever waits for a paused edition, as by is
// answerable for. The send stays paused.
func (p *Pipeline) Amend(ctx context.Context, d Draft, by string) (Amended, error) {
	frozen, err := p.undelayed(d)
	if err != nil {
		return Amended{}, err
	}
	raw, err := frozen.MarshalBinary()
	if err != nil {
		return Amended{}, err
	}
	cuts, err := p.corrections(ctx, d)
	if err != nil {
		return Amended{}, err
	}
	e, n, err := p.parts.Archive.Amend(ctx, d.Plan.Week, edition.Amendment{
		Build: d.Build, Message: raw, Sender: p.senderNow(), By: by, At: p.parts.Now(), Cuts: cuts,
	})
	return Amended{Draft: d, Edition: e, Waiting: n}, err
}

// corrections are the parts of a corrected edition, each for those who wait for
// that part.
func (p *Pipeline) corrections(ctx context.Context, d Draft) ([]edition.Correction, error) {
	variants, err := p.parts.Archive.Frozen(ctx, d.Plan.Week)
	if err != nil {
		return nil, err
	}
	var c Cuts
	var of [][]int
	at := map[string]int{}
	for _, v := range variants {
		if len(v.Slugs) == 0 {
			continue
		}
		key := strings.Join(v.Slugs, " ")
		i, known := at[key]
		if !known {
			i = len(c.Groups)
			at[key] = i
			c.Groups, of = append(c.Groups, edition.Group{Comparisons: pickSlugs(d.Selection.Comparisons, v.Slugs)}), append(of, nil)
		}
		of[i] = append(of[i], v.Number)
	}
	if len(c.Groups) == 0 {
		return nil, nil
	}
	rendered, err := p.renderParts(d, c.Groups)
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		c.Builds = append(c.Builds, p.buildOf(d.Plan.Week, r))
	}
	list, err := p.variants(c, p.dateFor(d.Plan.Slot))
	out := make([]edition.Correction, len(list))
	for i, v := range list {
		out[i] = edition.Correction{Variant: v, For: of[i]}
	}
	return out, err
}

// pickSlugs are those of an edition's comparisons that slugs name, in its order.
func pickSlugs(list []comparison.Comparison, slugs []string) []comparison.Comparison {
	return slices.DeleteFunc(slices.Clone(list), func(c comparison.Comparison) bool { return !slices.Contains(slugs, c.Slug) })
}
