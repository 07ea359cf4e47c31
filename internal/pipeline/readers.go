package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
)

// askReaders settles what a draft tells of readers' votes: as they are, or as its
// edition's last build knew them.
func (p *Pipeline) askReaders(ctx context.Context, d *Draft, in pick, library []comparison.Comparison) error {
	tallies, err := p.tallies(ctx, in)
	if err != nil {
		return err
	}
	d.voted = render.Voted{Tallies: votes.Tallies{}, Least: p.parts.Settings.Votes.Least}
	told := slices.Clone(d.Selection.Comparisons)
	if last, ok := edition.Before(in.history, in.week); ok {
		d.voted.Week, d.voted.Open = last.Week, p.parts.Settings.Votes.Check(last.Slot, d.Plan.Slot) == nil
		d.voted.Last = featured(last, library)
		told = append(told, d.voted.Last...)
	}
	for _, c := range told { // the build keeps no others
		if both, ok := tallies[c.Slug]; ok {
			d.voted.Tallies[c.Slug] = both
		}
	}
	return nil
}

// featured are an edition's comparisons as the library has them.
func featured(e edition.Edition, library []comparison.Comparison) []comparison.Comparison {
	var out []comparison.Comparison
	for _, it := range e.Items {
		for _, c := range library {
			if c.Slug == it.Slug {
				out = append(out, c)
			}
		}
	}
	return out
}

func (p *Pipeline) tallies(ctx context.Context, in pick) (votes.Tallies, error) {
	for _, e := range in.history {
		if e.Week != in.week || !e.KeepsReaders(p.parts.Settings.ApprovalRequired, in.anew) {
			continue
		}
		builds, err := p.parts.Archive.Builds(ctx, in.week)
		if err != nil {
			return nil, err
		}
		for _, b := range builds {
			if b.Hash == e.Hash {
				return b.Readers.Tallies, nil
			}
		}
	}
	if p.parts.Ballot == nil {
		return nil, nil
	}
	tallies, err := p.parts.Ballot.Tallies(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the readers' votes: %w", err)
	}
	return tallies, nil
}

// Changes are the lines on what changed in what a reader saved: of a frozen edition
// those that were frozen.
func (p *Pipeline) Changes(ctx context.Context, w edition.Week, reader int64) ([]string, error) {
	if p.parts.Saved == nil || reader == 0 {
		return nil, nil
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err == nil && e.Frozen() {
		told, err := p.parts.Saved.Told(ctx, e.ID)
		return told.Of(reader), err
	}
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return nil, err
	}
	items, err := p.parts.Saved.Of(ctx, reader)
	if err != nil {
		return nil, err
	}
	kept := make([]saved.Kept, len(items))
	for i, it := range items {
		kept[i] = saved.Kept{ID: int64(i), Slug: it.Slug, State: it.Told}
	}
	lines, err := p.linesSince(ctx, kept)
	told := saved.Told{Readers: map[int64][]int{}}
	for i, l := range lines {
		told.Lines, told.Readers[reader] = append(told.Lines, l.Text), append(told.Readers[reader], i)
	}
	return told.Of(reader), err
}

// savedLines says what changed of what readers saved, as of now.
func (p *Pipeline) savedLines(ctx context.Context) ([]saved.Line, error) {
	if p.parts.Saved == nil {
		return nil, nil
	}
	kept, err := p.parts.Saved.Kept(ctx)
	if err != nil {
		return nil, err
	}
	return p.linesSince(ctx, kept)
}

func (p *Pipeline) linesSince(ctx context.Context, kept []saved.Kept) ([]saved.Line, error) {
	if len(kept) == 0 {
		return nil, nil
	}
	lib, err := p.parts.Library()
	if err != nil {
		return nil, fmt.Errorf("read the comparisons: %w", err)
	}
	var tallies votes.Tallies
	if p.parts.Ballot != nil {
		if tallies, err = p.parts.Ballot.Tallies(ctx); err != nil {
			return nil, fmt.Errorf("read the readers' votes: %w", err)
		}
	}
	return saved.Lines(kept, lib.Comparisons, tallies, p.parts.Settings.Votes.Least), nil
}
