package main

import (
	"context"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// withNext adds to the error that ended a send the command that goes on.
func withNext(w edition.Week, err error) error {
	for _, row := range []struct {
		is   error
		next string
	}{
		{delivery.ErrJournalAhead, "'digest resume --week %s --reconcile' does that"},
		{delivery.ErrPaused, "mend the cause, then 'digest resume --week %s' goes on"},
		{delivery.ErrUnreachable, "nobody was lost: 'digest send --week %s' goes on"},
		{context.Canceled, "stopped before the end: 'digest send --week %s' goes on"},
	} {
		if errors.Is(err, row.is) {
			return fmt.Errorf("%w\n"+row.next, err, w)
		}
	}
	return err
}

// noEdition says what makes an edition that is not recorded.
func noEdition(w edition.Week, err error) error {
	if !errors.Is(err, edition.ErrNotFound) {
		return fmt.Errorf("%s: %w", w, err)
	}
	return fmt.Errorf("%s: %w; 'digest edition build --week %s' makes it", w, edition.ErrNotFound, w)
}
