package desk

import (
	"context"

	"verdicts.example/digest/internal/pipeline"
)

// Ahead gives the next n slots with the pick as it stands.
func (d *Desk) Ahead(ctx context.Context, n int) ([]pipeline.Coming, error) {
	return d.in.Pipeline.Ahead(ctx, n)
}
