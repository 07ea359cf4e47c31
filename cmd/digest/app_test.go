package main

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

// Ctrl-C at a question ends the command.
func TestQuestionIsInterrupted(t *testing.T) {
	t.Parallel()
	silent, hand := io.Pipe()
	defer hand.Close()
	ctx, cancel := context.WithCancel(t.Context())
	a := newApp(silent, io.Discard, io.Discard, time.Now)
	cancel()
	if _, err := a.answer(ctx); !errors.Is(err, context.Canceled) || codeOf(err) != exitInterrupted {
		t.Errorf("got %v (exit code %d), want the interruption", err, codeOf(err))
	}
}
