package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The settings are read again when their file has changed; one that breaks a rule
// leaves the last good ones, with the line.
func TestFollower(t *testing.T) {
	t.Parallel()
	src := Sources{File: filepath.Join(t.TempDir(), "config.yaml"), Set: []string{"edition.min=2"}}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(src.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("edition: {max: 5}\neditors: [ada@example.com]\n")
	start, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	f := Follow(src, start)
	if now, err := f.Now(); now != start || err != nil {
		t.Errorf("nothing has changed: got other settings, or %v", err)
	}
	first := f.Version()
	write("edition: {max: 7}\neditors: [bob@example.com]\n")
	now, err := f.Now()
	if err != nil || now.Edition.Max != 7 || now.Edition.Min != 2 || now.Editors[0] != "bob@example.com" {
		t.Fatalf("got %v, %d, %d, %q, want the file's new values under those of --set", err, now.Edition.Max, now.Edition.Min, now.Editors)
	}
	if got, want := Differences(start, now), []string{"edition.max", "editors"}; !slices.Equal(got, want) {
		t.Errorf("got the differences %q, want %q", got, want)
	}
	second := f.Version()
	write("edition: {max: 7}\neditors: [bob@example.com]\nedition.max: 3\n")
	kept, err := f.Now()
	if kept != now || err == nil || !strings.Contains(err.Error(), "config.yaml:3") || f.Version() != second || second == first {
		t.Errorf("a broken file: got %v, version %s, want the last good settings and the line", err, f.Version())
	}
	if err := os.Remove(src.File); err != nil {
		t.Fatal(err)
	}
	if kept, err := f.Now(); kept != now || err == nil {
		t.Errorf("no file: got %v, want the last good settings and an error", err)
	}
	write("edition: {max: 5}\neditors: [ada@example.com]\n")
	if now, err := f.Now(); err != nil || len(Differences(start, now)) != 0 || f.Version() != first {
		t.Errorf("as at the start: got %v and the differences %q", err, Differences(start, now))
	}
}
