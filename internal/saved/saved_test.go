package saved_test

import (
	"errors"
	"testing"

	"verdicts.example/digest/internal/saved"
)

func TestMaySave(t *testing.T) {
	t.Parallel()
	for others, want := range map[int]error{0: nil, saved.Most - 1: nil, saved.Most: saved.ErrFull} {
		if got := saved.MaySave(others); !errors.Is(got, want) {
			t.Errorf("%d others: got %v, want %v", others, got, want)
		}
	}
}
