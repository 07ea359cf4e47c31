package comparison

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func load(t *testing.T, l *Loader, want string) bool {
	t.Helper()
	lib, changed, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range lib.Comparisons {
		got += c.Slug + " "
	}
	for _, p := range lib.Problems {
		got += "!" + filepath.Base(p.File) + " "
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	return changed
}

// Each Load gives what is in the folder now, and says when that is new.
func TestLoaderFollows(t *testing.T) {
	t.Parallel()
	dir := writeTree(t, map[string]string{"a.yaml": fileOf("a", "2026-11-18"), "old/b.yaml": fileOf("b", "2026-11-17")})
	l := NewLoader(dir)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		do      func()
		want    string
		changed bool
	}{
		{func() {}, "a b ", true},
		{func() {}, "a b ", false},
		{func() { write("c.yaml", fileOf("c", "2026-11-19")) }, "c a b ", true},
		{func() { write("c.yaml", fileOf("d", "2026-11-19")) }, "d a b ", true}, // the same size, within a tick
		{func() { write("c.yaml", fileOf("e", "2026-11-19")) }, "e a b ", true},
		{func() { write("c.yaml", "slug: x\n") }, "a b !c.yaml !c.yaml ", true},
		{func() {}, "a b !c.yaml !c.yaml ", false},
		{func() { write("c.yaml", fileOf("b", "2026-11-19")) }, "b a !b.yaml ", true}, // the first name counts
		{func() { _ = os.Remove(filepath.Join(dir, "c.yaml")) }, "a b ", true},
		{func() { _ = os.Chtimes(filepath.Join(dir, "a.yaml"), time.Time{}, time.Now().Add(time.Hour)) }, "a b ", false},
		{func() { _ = os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "older")) }, "a b ", true},
		{func() { _ = os.Symlink("nowhere", filepath.Join(dir, "c.yaml")) }, "a b !c.yaml ", true},
		{func() {}, "a b !c.yaml ", false},
		{func() { _ = os.Rename(filepath.Join(dir, "older/b.yaml"), filepath.Join(dir, ".b.yaml")) }, "a !c.yaml ", true},
	} {
		step.do()
		if got := load(t, l, step.want); got != step.changed {
			t.Errorf("step %d: got changed %t, want %t", i, got, step.changed)
		}
	}
	if got, want := len(l.Folders()), 2; got != want {
		t.Errorf("got %d folders to watch, want %d", got, want)
	}
}

// A file that stays the same is parsed once.
func TestLoaderParsesOnce(t *testing.T) {
	t.Parallel()
	l := NewLoader(writeTree(t, map[string]string{"a.yaml": fileOf("a", "2026-11-18"), "b.yaml": fileOf("b", "2026-11-17")}))
	load(t, l, "a b ")
	first := l.read[0]
	load(t, l, "a b ")
	if l.read[0] != first {
		t.Error("got the same file parsed again")
	}
	first.since = first.since.Add(-2 * settleFor)
	load(t, l, "a b ")
	if !first.settled {
		t.Error("got a file that is still read at each load, want it settled")
	}
}

// A folder that is gone is an error, and what is the same when it is back is
// still known.
func TestLoaderFolderGone(t *testing.T) {
	t.Parallel()
	dir := writeTree(t, map[string]string{"a.yaml": fileOf("a", "2026-11-18")})
	l := NewLoader(dir)
	load(t, l, "a ")
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Load(); err == nil {
		t.Fatal("got no error for a folder that is gone")
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	if load(t, l, "a ") {
		t.Error("got a change, want the same as before the folder went")
	}
}

// Of a file that breaks a rule the library keeps what is known all the same.
func TestLoaderKeepsWhatIsKnownOfBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, src := range map[string]string{
		"a-vs-b.yaml":     "published: 2026-11-18\ntools: [{name: A}, {name: B}]\n",
		"sub/c-vs-d.yaml": "published: 2026-11-19\ntools: [{name: C}, {name: D, entyr: Free}]\n",
		"twice.yaml":      "slug: a-vs-b\npublished: 2026-11-20\ntools: [{name: T}, {name: U}]\n",
		"torn.yaml":       "published: 2026-11-18\ntools: [\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(src), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	lib, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Broken{
		{File: "sub/c-vs-d.yaml", Slug: "c-vs-d", Tools: [2]string{"C", "D"}, Published: PublishedOn(2026, 11, 19)},
		{File: "torn.yaml", Slug: "torn"},
		{File: "twice.yaml", Slug: "twice", Tools: [2]string{"T", "U"}, Published: PublishedOn(2026, 11, 20)},
	}
	if !reflect.DeepEqual(lib.Broken, want) {
		t.Errorf("got %+v, want %+v", lib.Broken, want)
	}
	for file, held := range map[string]bool{"/x/sub/c-vs-d.yaml": true, "sub/c-vs-d.yaml": true, "/x/c-vs-d.yaml": false, "/x/asub/c-vs-d.yaml": false} {
		if got := lib.Broken[0].Holds(Comparison{File: file}); got != held {
			t.Errorf("%s: got %t, want %t", file, got, held)
		}
	}
}
