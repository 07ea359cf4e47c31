package templates

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "mail/mail.css", "p { margin: 0 }")
	write(t, dir, ".git/config", "hidden")
	write(t, dir, ".DS_Store", "hidden")
	files, err := Overlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(files, "mail/mail.css"); err != nil || string(got) != "p { margin: 0 }" {
		t.Errorf("overridden file: got %q, %v", got, err)
	}
	want, _ := fs.ReadFile(builtin, "mail/kept.css")
	if got, err := fs.ReadFile(files, "mail/kept.css"); err != nil || string(got) != string(want) {
		t.Errorf("other file: got %d bytes, %v, want the built-in one", len(got), err)
	}
	write(t, dir, "mail/mail.css", "p { margin: 1px }")
	if got, _ := fs.ReadFile(files, "mail/mail.css"); string(got) != "p { margin: 1px }" {
		t.Errorf("after an edit: got %q, want the new content", got)
	}
	if files, err := Overlay(""); err != nil || files != builtin {
		t.Errorf("no folder: got %v, %v, want the built-in templates", files, err)
	}
}

func TestOverlayIsAnFS(t *testing.T) {
	t.Parallel()
	files, err := Overlay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files, Names()...); err != nil {
		t.Error(err)
	}
}

func TestOverlayRefuses(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		make func(t *testing.T, dir string)
		want []string
	}{
		{"typo", func(t *testing.T, dir string) { write(t, dir, "mail/digets.html.tmpl", "x") },
			[]string{"mail/digets.html.tmpl overrides nothing", "did you mean mail/digest.html.tmpl?"}},
		{"file in the wrong folder", func(t *testing.T, dir string) { write(t, dir, "digest.txt.tmpl", "x") },
			[]string{"did you mean mail/digest.txt.tmpl?"}},
		{"two mistakes", func(t *testing.T, dir string) { write(t, dir, "a.css", "x"); write(t, dir, "b.css", "x") },
			[]string{"a.css overrides nothing", "b.css overrides nothing"}},
		{"link out of the folder", func(t *testing.T, dir string) {
			write(t, dir, "mail/kept.css", "")
			if err := os.Symlink(outside, filepath.Join(dir, "mail", "mail.css")); err != nil {
				t.Fatal(err)
			}
		}, []string{"mail/mail.css cannot be read", "symbolic link"}},
		{"folder with a file's name", func(t *testing.T, dir string) { write(t, dir, "mail/mail.css/x", "x") },
			[]string{"mail/mail.css/x overrides nothing"}},
		{"large file", func(t *testing.T, dir string) { write(t, dir, "mail/mail.css", strings.Repeat("x", maxFile+1)) },
			[]string{"mail/mail.css has 1048577 bytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			test.make(t, dir)
			_, err := Overlay(dir)
			if !errors.Is(err, ErrOverlay) {
				t.Fatalf("got %v, want ErrOverlay", err)
			}
			for _, want := range append(test.want, dir) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret\"") {
				t.Errorf("got %v, which shows what is outside", err)
			}
		})
	}
	if _, err := Overlay(filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrOverlay) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: got %v, want ErrOverlay", err)
	}
}

// A link that is put in after the check is refused when it is opened.
func TestOverlayStaysInside(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := Overlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "mail"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "mail", "mail.css")); err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(files, "mail/mail.css"); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}

// The mails repeat the colours of the tokens that the pages use.
func TestTokens(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		b, err := fs.ReadFile(builtin, name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	light, dark, ok := strings.Cut(read("pages/tokens.css"), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("pages/tokens.css has no dark tokens")
	}
	for name, part := range map[string]struct{ tokens, sheet string }{
		"light": {light, read("mail/mail.css")}, "dark": {dark, read("mail/kept.css")},
	} {
		for _, token := range []string{"--paper", "--ink", "--muted", "--rule", "--ship", "--skip"} {
			_, rest, _ := strings.Cut(part.tokens, token+": ")
			value, _, ok := strings.Cut(rest, ";")
			if !ok || !strings.Contains(part.sheet, value) {
				t.Errorf("%s: the mails do not use %s %q", name, token, value)
			}
		}
	}
}
