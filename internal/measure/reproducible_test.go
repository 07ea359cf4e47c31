package measure

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const childEnv = "DIGEST_MEASURE_CHILD"

// TestReproducible: the same comparisons, templates and clock give the same
// bytes in two processes, which have different seeds for their maps; rendered,
// frozen, and as a reader gets it.
func TestReproducible(t *testing.T) {
	if os.Getenv(childEnv) != "" {
		fmt.Println("hashes:", hashes(t)) // to the parent
		return
	}
	t.Parallel()
	want := hashes(t)
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReproducible$")
		cmd.Env = append(os.Environ(), childEnv+"=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("another process: %v: %s", err, out)
		}
		if !strings.Contains(string(out), "hashes: "+want+"\n") {
			t.Errorf("another process: got %.300s, want %s", out, want)
		}
	}
}

// hashes gives one hash over every mail: its HTML before and after inlining,
// its text, its notes, the whole message and, of a digest, the frozen bytes.
func hashes(t *testing.T) string {
	h := sha256.New()
	for _, l := range letters(t) {
		fmt.Fprintf(h, "%s %q %q %q %q %q\n", l.name, l.rendered.Subject, l.rendered.HTML, l.rendered.Uninlined, l.rendered.Text, l.rendered.Notes)
		fmt.Fprintf(h, "%q\n", l.raw)
		if l.digest() {
			stored, err := frozen(t, l.rendered).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			h.Write(stored)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
