package render

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// go test -run Golden -update ./internal/render writes the goldens anew; look
// at the difference before committing it.
var update = flag.Bool("update", false, "write testdata anew")

func TestGolden(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	two := numbered(2)
	two[1].Tools[0].Panel, two[1].Tools[0].Reviews = nil, nil
	out, err := r.Digest(input(two...))
	if err != nil {
		t.Fatal(err)
	}
	mails := map[string]Rendered{"digest": out}
	for name, data := range samples() {
		if name == "digest" {
			continue
		}
		if mails[name], err = r.Mail(name, data); err != nil {
			t.Fatal(err)
		}
	}
	for name, out := range mails {
		golden(t, name+".html", out.HTML)
		golden(t, name+".txt", "Subject: "+out.Subject+"\nPreheader: "+out.Preheader+"\n\n"+out.Text)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -run Golden -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs from its golden: run with -update and look at the difference", file)
	}
}
