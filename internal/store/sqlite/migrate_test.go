package sqlite

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// A migration's number is the schema's version after it: no number is missing,
// and none is given twice.
func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(file, want) {
			t.Errorf("got %s in place %d, want it to begin with %s", file, i+1, want)
		}
	}
}
