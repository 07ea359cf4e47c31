package prompt_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"verdicts.example/digest/internal/prompt"
)

// Ctrl-C at a question ends it.
func TestQuestionIsInterrupted(t *testing.T) {
	t.Parallel()
	silent, hand := io.Pipe()
	defer hand.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := prompt.New(silent, io.Discard)
	if err := p.Confirm(ctx, "go on?"); !errors.Is(err, context.Canceled) {
		t.Errorf("confirm: got %v, want the interruption", err)
	}
	if _, err := prompt.New(silent, io.Discard).Ask(ctx, "the name:", "none"); !errors.Is(err, context.Canceled) {
		t.Errorf("ask: got %v, want the interruption", err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed string
		want  error
	}{{"y\n", nil}, {" YES \n", nil}, {"yes", nil}, {"\n", prompt.ErrNo}, {"n\n", prompt.ErrNo}, {"yep\n", prompt.ErrNo}, {"", io.EOF}} {
		var out strings.Builder
		err := prompt.New(strings.NewReader(tt.typed), &out).Confirm(t.Context(), "go on?")
		if !errors.Is(err, tt.want) || out.String() != "go on? [y/N] " {
			t.Errorf("%q: got %v after %q, want %v", tt.typed, err, out.String(), tt.want)
		}
	}
	p := prompt.New(strings.NewReader(" Quill \n\nlast"), io.Discard)
	for _, want := range []string{"Quill", "", "last", ""} {
		if got, err := p.Ask(t.Context(), "the name:", "none"); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}
