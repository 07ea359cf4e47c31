package demo

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

// TestKeep ends a demo with and without its folder, and has it say which.
func TestKeep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for keep, says := range map[bool]string{false: "removes the folder", true: "serve' goes on from there"} {
		s, err := NewStage(time.Now(), keep)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		New(Parts{Out: &out, Stage: s, Program: "digest"}).WhatNext()
		if !strings.Contains(out.String(), says) {
			t.Errorf("keep %v: got %q, want %q in it", keep, out.String(), says)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(s.Dir); errors.Is(err, fs.ErrNotExist) == keep {
			t.Errorf("keep %v: got %v of the folder", keep, err)
		}
	}
}
