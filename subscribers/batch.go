package subscribers

import (
	"context"
	"fmt"
	"time"
)

// An ImportBatch is one import.
type ImportBatch struct {
	ID       int64
	Source   string // import:FILE
	At       time.Time
	FirstID  int64 // of the subscribers that it added
	LastID   int64
	UndoneAt time.Time // zero: it stands
	LastSend time.Time // when the latest send began, of whatever edition; zero: never
}

// MayUndo is nil when the import can be taken back: it stands, and no send has
// begun since, for whom a send has reached is on record.
func (b ImportBatch) MayUndo() error {
	switch {
	case !b.UndoneAt.IsZero():
		return fmt.Errorf("%w: it was undone on %s", ErrFinal, b.UndoneAt.Format(time.DateOnly))
	case !b.LastSend.Before(b.At) && !b.LastSend.IsZero():
		return fmt.Errorf("%w: an edition was sent after it; remove its readers one by one", ErrFinal)
	}
	return nil
}

// AddedSpokeAfter and ChangedSpokeAfter say since when a reader's events keep an
// undo from them: what they did is their own word, such as to leave. A reader whom
// the import added has none but such events; of one who was there before, those
// since the import count.
func (b ImportBatch) AddedSpokeAfter() time.Time { return time.Time{} }

// ChangedSpokeAfter: see AddedSpokeAfter.
func (b ImportBatch) ChangedSpokeAfter() time.Time { return b.At }

// Brought is the detail of the suppressions that the import brought. An undo takes
// back those that have it still: what was suppressed otherwise since stays, and its
// detail names something else.
func (b ImportBatch) Brought() string { return b.Source }

// Undone is what taking an import back did.
type Undone struct {
	Removed  int64 `json:"removed"`  // readers whom it had added
	Restored int64 `json:"restored"` // readers whom it had changed
	Kept     int64 `json:"kept"`     // added ones who have done something since, such as to leave
}

// MostImports is how many imports are listed.
const MostImports = 100

// Batches keeps what each import did.
type Batches interface {
	// UndoImport takes an import back for which MayUndo is nil, and leaves what its
	// readers have done since. It fails with ErrNotFound or ErrFinal.
	UndoImport(ctx context.Context, batch int64, at time.Time) (Undone, error)
	ImportBatches(ctx context.Context) ([]ImportBatch, error) // at most MostImports, the newest first
}

// UndoImport takes an import back. It fails with ErrNotFound, or with ErrFinal
// when that cannot be done any more.
func (s *Service) UndoImport(ctx context.Context, batch int64) (Undone, error) {
	return s.list.UndoImport(ctx, batch, s.now())
}

// ImportBatch gives an import that can be taken back. It fails with ErrFinal, or
// where there is no such import.
func (s *Service) ImportBatch(ctx context.Context, batch int64) (ImportBatch, error) {
	batches, err := s.ImportBatches(ctx)
	if err != nil {
		return ImportBatch{}, err
	}
	for _, b := range batches {
		if b.ID != batch {
			continue
		}
		if err := b.MayUndo(); err != nil {
			return b, fmt.Errorf("import %d (%s): %w", b.ID, b.Source, err)
		}
		return b, nil
	}
	return ImportBatch{}, fmt.Errorf("there is no import %d", batch)
}

// ImportBatches lists the latest imports, the newest first.
func (s *Service) ImportBatches(ctx context.Context) ([]ImportBatch, error) {
	return s.list.ImportBatches(ctx)
}
