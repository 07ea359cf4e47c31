package sitepage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/comparison"
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

// asJSON is all that a comparison says.
func asJSON(c comparison.Comparison) string {
	out, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func assertSame(t testing.TB, what string, got, want comparison.Comparison) {
	t.Helper()
	if g, w := asJSON(got), asJSON(want); g != w {
		t.Errorf("%s:\ngot %s\nwant %s", what, g, w)
	}
}

func mustImport(t testing.TB, file string, src []byte) comparison.Comparison {
	t.Helper()
	c, _, err := Import(file, src)
	if err != nil {
		t.Fatalf("Import(%s): got error %v, want none", file, err)
	}
	return c
}
