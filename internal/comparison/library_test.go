package comparison

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func fileOf(slug, published string) string {
	return strings.NewReplacer("pagefern-vs-quillbase-2\npub", slug+"\npub", "2026-11-18", published).Replace(goodYAML)
}

func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := writeTree(t, map[string]string{
		"b.yaml":            fileOf("b", "2026-11-18"),
		"a.yml":             fileOf("a", "2026-11-18"),
		"old/c.yaml":        fileOf("c", "2026-11-01"),
		"d.json":            strings.Replace(string(mustJSON(t, wantGood())), "pagefern-vs-quillbase-2\",\"pub", "d\",\"pub", 1),
		"e.yaml":            fileOf("e", "2026-11-18T00:00:01Z"),
		"broken.yaml":       "slug: x\nname\n",
		"twice.yaml":        fileOf("b", "2026-11-19"),
		".hidden.yaml":      "not: valid",
		".git/config.yaml":  "not: valid",
		"notes.txt":         "not content",
		"b.yaml~":           "not content",
		"old/empty.yaml":    "",
		"weird.yaml/x.txt":  "a folder whose name ends like a file",
		"percent.yaml":      strings.Replace(fileOf("percent", "2026-11-18"), "percent: 67", "percent: 68", 1),
		"old/.swp/f.yaml":   "not: valid",
		"UPPER.YAML":        strings.Replace(fileOf("upper", "2026-11-20"), "\n  - name", "\n  - name", 1),
		"old/README.md":     "# Notes",
		"old/deep/more.yml": fileOf("more", "2026-10-01"),
	})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	lib, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var slugs []string
	for _, c := range lib.Comparisons {
		slugs = append(slugs, c.Slug)
	}
	if got, want := strings.Join(slugs, " "), "upper e a b d c more"; got != want {
		t.Errorf("slugs: got %q, want %q (newest first, then by slug)", got, want)
	}
	assertProblems(t, lib.Problems,
		filepath.Join(dir, "broken.yaml")+":2: is not YAML",
		filepath.Join(dir, "old", "empty.yaml")+":1: is empty",
		filepath.Join(dir, "percent.yaml")+":18: percent: is 68",
		filepath.Join(dir, "pipe.yaml")+": cannot be read: it is not a regular file",
		filepath.Join(dir, "twice.yaml")+":2: slug: b is taken by "+filepath.Join(dir, "b.yaml"),
	)

	c, err := lib.Get("c")
	if err != nil || c.Slug != "c" || c.File != filepath.Join(dir, "old", "c.yaml") {
		t.Errorf("Get(c): got %q from %q, %v, want it from old/c.yaml", c.Slug, c.File, err)
	}
	if _, err := lib.Get("zzz"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get(zzz): got %v, want ErrNotFound", err)
	}
}

func TestLoadNoFolder(t *testing.T) {
	t.Parallel()
	absent := filepath.Join(t.TempDir(), "absent")
	_, err := Load(absent)
	want := "the folder " + absent + " is not there; make it, or name another as comparisons.dir"
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if lib, err := Load(file); err == nil {
		t.Errorf("Load of a file: got %+v, want an error", lib)
	}
}
