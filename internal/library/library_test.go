package library_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/library"
)

func sample(slug, tool string) comparison.Comparison {
	return comparison.Comparison{
		Slug: slug, Published: comparison.PublishedOn(2026, 11, 18),
		Tools: [2]comparison.Tool{{Name: tool}, {Name: "Inkwell"}},
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	f := library.Folder{Dir: filepath.Join(t.TempDir(), "new", "folder")}
	for _, step := range []struct {
		tool    string
		force   bool
		written bool
		want    error
	}{
		{"Quill", false, true, nil},
		{"Quill", false, false, nil},
		{"Pen", false, false, library.ErrExists},
		{"Pen", true, true, nil},
		{"Pen", true, false, nil},
	} {
		written, err := f.Write(sample("a", step.tool), step.force)
		if written != step.written || !errors.Is(err, step.want) {
			t.Errorf("write %s, force %t: got %t, %v, want %t, %v", step.tool, step.force, written, err, step.written, step.want)
		}
	}
	want, err := sample("a", "Pen").EncodeYAML()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(f.Path("a")); err != nil || string(got) != string(want) {
		t.Errorf("file: got %q, %v, want %q", got, err, want)
	}
}

func TestWriteStaysInTheFolder(t *testing.T) {
	t.Parallel()
	f := library.Folder{Dir: t.TempDir()}
	for _, slug := range []string{"", ".", "..", "../x", "a/b", "/etc/x"} {
		if written, err := f.Write(sample(slug, "Quill"), true); written || err == nil {
			t.Errorf("slug %q: got %t, %v, want an error", slug, written, err)
		}
	}
}
