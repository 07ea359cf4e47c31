package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
)

// Cuts are an edition as the readers of some topics get it: rendered once for all
// who get the same part.
type Cuts struct {
	edition.Audience
	Builds []edition.Build // by the audience's groups
}

// checkedCuts is how many cuts go through every check: those with the most
// readers. What others say is the same, and their size is looked at.
const checkedCuts = 32

// Audience says who would get what of a draft; all get all where there is no
// database.
func (p *Pipeline) Audience(ctx context.Context, d Draft) (edition.Audience, error) {
	if p.parts.Freezer == nil {
		return edition.Audience{}, nil
	}
	counts, err := p.parts.Freezer.Topics(ctx, p.parts.Now())
	if err != nil {
		return edition.Audience{}, err
	}
	return edition.AudienceOf(d.Selection.Comparisons, counts), nil
}

// cut renders and checks what the readers of some topics get of a draft. What the
// checks find is added to the draft's findings.
func (p *Pipeline) cut(ctx context.Context, d *Draft) (Cuts, error) {
	a, err := p.Audience(ctx, *d)
	c := Cuts{Audience: a}
	if err != nil || len(a.Groups) == 0 {
		return c, err
	}
	rendered, err := p.renderParts(*d, a.Groups)
	if err != nil {
		return c, err
	}
	findings := make([][]check.Finding, min(len(rendered), checkedCuts))
	errs := make([]error, len(findings))
	each(len(findings), func(i int) { findings[i], errs[i] = p.inspectPart(*d, a.Groups[i], rendered[i]) })
	for i, r := range rendered {
		c.Builds = append(c.Builds, p.buildOf(d.Plan.Week, r))
		if i < len(findings) {
			d.addFindings(a.Groups[i], findings[i])
		}
	}
	return c, errors.Join(errs...)
}

// renderParts renders parts of a draft.
func (p *Pipeline) renderParts(d Draft, parts []edition.Group) ([]render.Rendered, error) {
	in := make([]render.DigestInput, len(parts))
	for i, g := range parts {
		in[i] = d.input
		in[i].Comparisons = g.Comparisons
		in[i].Part = render.Part{Shown: len(g.Comparisons), Total: len(d.input.Comparisons)}
		// An editor's own words may speak of what these readers do not get.
		in[i].Subject, in[i].Preheader = edition.Subject(g.Comparisons, d.Edits.Lead())
		in[i].Voted.Last = slices.DeleteFunc(slices.Clone(in[i].Voted.Last), func(c comparison.Comparison) bool { return !sharesTopic(c, g.Comparisons) })
	}
	out, err := p.parts.Renderer.Cuts(in)
	if err != nil {
		return nil, fmt.Errorf("render edition %s by topics: %w", d.Plan.Week, err)
	}
	return out, nil
}

// sharesTopic reports whether a comparison has a category that one of list has.
func sharesTopic(c comparison.Comparison, list []comparison.Comparison) bool {
	return len(edition.OnTopics([]comparison.Comparison{c}, categoriesOf(list))) > 0
}

func categoriesOf(list []comparison.Comparison) []string {
	var out []string
	for _, c := range list {
		for _, t := range c.Tools {
			if t.Category != "" && !slices.Contains(out, t.Category) {
				out = append(out, t.Category)
			}
		}
	}
	return out
}

// inspectPart runs the checks over a part of a draft.
func (p *Pipeline) inspectPart(d Draft, g edition.Group, r render.Rendered) ([]check.Finding, error) {
	frozen, err := p.freeze(p.buildOf(d.Plan.Week, r), d.Plan.Slot)
	if err != nil {
		return nil, err
	}
	part := Draft{Plan: d.Plan, Edits: d.Edits, Rendered: r, Frozen: frozen}
	part.Selection.Comparisons = g.Comparisons
	err = p.inspect(&part, p.parts.Now())
	return part.Findings, err
}

// addFindings adds what is wrong with a part and not with the whole.
func (d *Draft) addFindings(g edition.Group, list []check.Finding) {
	for _, f := range list {
		if f.Level == check.Pass || slices.ContainsFunc(d.Findings, func(has check.Finding) bool { return has.Check == f.Check && has.Level != check.Pass }) {
			continue
		}
		f.Detail = fmt.Sprintf("for the readers of %d of the comparisons (%s): %s", len(g.Comparisons), g.Comparisons[0].Slug, f.Detail)
		d.Findings = append(d.Findings, f)
	}
}

// freezeEdition fixes bytes and recipients in one transaction. Readers who choose
// other topics meanwhile have the parts made anew.
func (p *Pipeline) freezeEdition(ctx context.Context, e edition.Edition, d Draft, c Cuts) (delivery.Frozen, error) {
	const tries = 5
	for n := 1; ; n++ {
		out, err := p.tryFreeze(ctx, e, d, c)
		if !errors.Is(err, delivery.ErrTopics) || n == tries {
			return out, err
		}
		if c, err = p.cut(ctx, &d); err != nil {
			return out, err
		}
		if check.Failed(d.Findings) {
			return out, fmt.Errorf("edition %s is not sent: %w", e.Week, failures(d.Findings))
		}
	}
}

func (p *Pipeline) tryFreeze(ctx context.Context, e edition.Edition, d Draft, c Cuts) (delivery.Frozen, error) {
	frozen, err := p.undelayed(d)
	if err != nil {
		return delivery.Frozen{}, err
	}
	raw, err := frozen.MarshalBinary()
	if err != nil {
		return delivery.Frozen{}, err
	}
	cuts, err := p.variants(c, p.dateFor(d.Plan.Slot))
	if err != nil {
		return delivery.Frozen{}, err
	}
	lines, err := p.savedLines(ctx)
	if err != nil {
		return delivery.Frozen{}, err
	}
	return p.parts.Freezer.Freeze(ctx, delivery.Freeze{
		Edition: e.ID, Hash: d.Build.Hash, Message: raw, Sender: p.senderNow(), ApprovalRequired: p.parts.Settings.ApprovalRequired, At: p.parts.Now(),
		Cuts: cuts, Topics: c.Variants, Lines: lines,
	})
}

// variants are the frozen messages of cuts, numbered from 1 on.
func (p *Pipeline) variants(c Cuts, date time.Time) ([]edition.Variant, error) {
	out, errs := make([]edition.Variant, len(c.Builds)), make([]error, len(c.Builds))
	sender := p.senderNow()
	each(len(out), func(i int) {
		frozen, err := p.freeze(c.Builds[i], date)
		if err != nil {
			errs[i] = err
			return
		}
		out[i] = edition.Variant{Number: i + 1, Sender: sender, Slugs: c.Groups[i].Slugs()}
		out[i].Message, errs[i] = frozen.MarshalBinary()
	})
	return out, errors.Join(errs...)
}

// each calls do for 0 to n-1, on as many processors as there are.
func each(n int, do func(int)) {
	var all sync.WaitGroup
	workers := min(n, runtime.GOMAXPROCS(0))
	for w := range workers {
		all.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	all.Wait()
}
