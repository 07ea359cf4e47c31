package pipeline

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
)

// ErrOtherTopics is an edition that has nothing of a reader's topics: no mail of it
// goes to them.
var ErrOtherTopics = fmt.Errorf("%w of the reader's topics", edition.ErrNothing)

// For makes of a week's mail what a reader gets who chose these topics: of a frozen
// edition the variant that was frozen for them.
func (p *Pipeline) For(ctx context.Context, d Draft, reader *message.Reader, topics []string) (Draft, error) {
	if p.parts.Archive != nil {
		v, ok, err := p.mailed(ctx, d.Plan.Week, reader.ID)
		if err != nil {
			return d, err
		}
		if ok {
			return p.asFrozen(ctx, d, v, reader)
		}
	}
	part := edition.OnTopics(d.Selection.Comparisons, topics)
	switch len(part) {
	case len(d.Selection.Comparisons):
		return d, nil
	case 0:
		return d, fmt.Errorf("edition %s: %w, so no mail goes to them", d.Plan.Week, ErrOtherTopics)
	}
	g := edition.Group{Comparisons: part}
	rendered, err := p.renderParts(d, []edition.Group{g})
	if err != nil {
		return d, err
	}
	if d.Findings, err = p.inspectPart(d, g, rendered[0]); err != nil {
		return d, err
	}
	d.Rendered, d.Build, d.Selection.Comparisons = rendered[0], p.buildOf(d.Plan.Week, rendered[0]), part
	d.Frozen, err = p.freeze(d.Build, d.Plan.Slot)
	return d, err
}

// mailed gives the variant of a frozen edition that a reader gets; ok is false
// before the freeze, and for who joined after it.
func (p *Pipeline) mailed(ctx context.Context, w edition.Week, reader int64) (variant int, ok bool, err error) {
	list, err := p.parts.Archive.Mailed(ctx, reader)
	for _, m := range list {
		if m.Week == w {
			return m.Variant, true, err
		}
	}
	return 0, false, err
}

// asFrozen puts a frozen variant, as it reads for the reader, in a draft's place.
func (p *Pipeline) asFrozen(ctx context.Context, d Draft, variant int, reader *message.Reader) (Draft, error) {
	c, err := p.composer(ctx, d.Plan.Week)
	if err != nil || variant >= len(c.forms) {
		return d, err
	}
	f := c.forms[variant]
	d.Frozen = f.frozen
	if len(f.slugs) == 0 {
		return d, nil
	}
	subject, text, html, err := message.Bodies(f.frozen.Append(nil, reader))
	if err != nil {
		return d, err
	}
	d.Rendered = render.Rendered{Subject: subject, HTML: html, Uninlined: html, Text: text}
	d.Build = p.buildOf(d.Plan.Week, d.Rendered)
	d.Selection.Comparisons = pickSlugs(d.Selection.Comparisons, f.slugs)
	d.Findings = nil
	return d, p.inspect(&d, p.parts.Now())
}
