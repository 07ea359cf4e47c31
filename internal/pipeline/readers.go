package pipeline

import (
	"context"
	"fmt"
	"slices"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
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
