package comparison

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func ptr[T any](v T) *T { return &v }

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// readShared reads a page of the comparison site, which is not a part of this
// repository.
func readShared(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "pages", name)
	src, err := os.ReadFile(path)
	switch {
	case err == nil:
		return src
	case os.Getenv("CI") == "true":
		t.Fatalf("the site's page is missing: %v", err)
	default:
		t.Skipf("needs the site's page %s, which is not in the repository: %v", path, err)
	}
	return nil
}

// bare is a comparison without where it was read.
func bare(c Comparison) Comparison {
	c.File, c.lines = "", nil
	return c
}

// assertSame compares all that a comparison says.
func assertSame(t testing.TB, what string, got, want Comparison) {
	t.Helper()
	if reflect.DeepEqual(bare(got), bare(want)) {
		return
	}
	g, _ := json.MarshalIndent(got, "", " ")
	w, _ := json.MarshalIndent(want, "", " ")
	t.Errorf("%s:\ngot %s\nwant %s", what, g, w)
}

func mustImport(t testing.TB, file string, src []byte) Comparison {
	t.Helper()
	c, err := Import(file, src)
	if err != nil {
		t.Fatalf("Import(%s): got error %v, want none", file, err)
	}
	return c
}
