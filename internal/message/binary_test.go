package message

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"
)

func stored(t testing.TB) []byte {
	t.Helper()
	data, err := freeze(t, digestDraft(1000)).MarshalBinary()
	if err != nil {
		t.Fatalf("marshal: got %v, want bytes", err)
	}
	return data
}

// TestUnfreezeRefuses: each damage is found and named.
func TestUnfreezeRefuses(t *testing.T) {
	t.Parallel()
	good := stored(t)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	newer := bytes.Clone(good)
	newer[len(storedMagic)]++
	for name, data := range map[string][]byte{
		"nothing": nil, "another file": []byte("SQLite format 3"), "cut": good[:len(good)-1], "flipped bit": flipped,
		"newer version": newer, "longer": append(bytes.Clone(good), 0), "huge": make([]byte, storedMax+1),
	} {
		if _, err := Unfreeze(data); !errors.Is(err, ErrFrozen) {
			t.Errorf("%s: got %v, want ErrFrozen", name, err)
		}
	}
}

// TestUnfreezeChecks: bytes with a right digest that would break a promise.
func TestUnfreezeChecks(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Frozen){
		"a dot":                 func(f *Frozen) { f.body[0].lit = []byte("a\r\n.b\r\n") },
		"a bare LF":             func(f *Frozen) { f.body[0].lit = []byte("a\nb\r\n") },
		"a bare CR":             func(f *Frozen) { f.body[0].lit = []byte("a\rb\r\n") },
		"a long line":           func(f *Frozen) { f.body[0].lit = append(bytes.Repeat([]byte("x"), 77), "\r\n"...) },
		"white space at an end": func(f *Frozen) { f.body[0].lit = []byte("a \r\n") },
		"8-bit text":            func(f *Frozen) { f.body[0].lit = []byte("\xc3\xa9\r\n") },
		"a value within a line": func(f *Frozen) { f.body[0].lit = []byte("a") },
		"text after a value":    func(f *Frozen) { f.body[0].op &^= opSoft; f.body[1].lit = []byte("a\r\n") },
		"an unknown value":      func(f *Frozen) { f.body[0].op = opKinds | opSoft },
		"a value of the head":   func(f *Frozen) { f.body[0].op = opTo },
		"a value of the body":   func(f *Frozen) { f.head[0].op = opToken },
		"no To":                 func(f *Frozen) { f.head[0].op = opMessageID },
		"two heads":             func(f *Frozen) { f.head[0].lit = []byte("A: b\r\n\r\nTo: ") },
		"no blank line":         func(f *Frozen) { f.head[len(f.head)-1].lit = []byte(">\r\n") },
		"no body":               func(f *Frozen) { f.body = nil },
		"no week":               func(f *Frozen) { f.identity.week = "" },
		"a bad sender":          func(f *Frozen) { f.identity.from = "a\r\nb@example.org" },
		"a bad fallback":        func(f *Frozen) { f.fallback = "a\r\nb" },
	} {
		f := freeze(t, digestDraft(1000))
		change(f)
		data, err := f.MarshalBinary()
		if err != nil {
			t.Fatalf("%s: got %v, want bytes", name, err)
		}
		if _, err := Unfreeze(data); !errors.Is(err, ErrFrozen) {
			t.Errorf("%s: got %v, want ErrFrozen", name, err)
		}
	}
}

// TestUnfreezeCopies: the mail does not change with the caller's buffer.
func TestUnfreezeCopies(t *testing.T) {
	t.Parallel()
	data := stored(t)
	f, err := Unfreeze(data)
	if err != nil {
		t.Fatalf("unfreeze: got %v, want a mail", err)
	}
	want := f.Append(nil, digestReader())
	clear(data)
	if got := f.Append(nil, digestReader()); !bytes.Equal(got, want) {
		t.Errorf("after the caller's buffer changed: got other bytes, want the same")
	}
}

// FuzzUnfreeze gives the digest along, so that everything behind it is
// reached. What is accepted keeps the package's promises.
func FuzzUnfreeze(f *testing.F) {
	good := stored(f)
	f.Add(good[:len(good)-sha256.Size])
	f.Add([]byte(storedMagic + "\x01"))
	f.Add([]byte(storedMagic + "\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, content []byte) {
		sum := sha256.Sum256(content)
		mail, err := Unfreeze(append(bytes.Clone(content), sum[:]...))
		if err != nil {
			if !errors.Is(err, ErrFrozen) {
				t.Errorf("got %v, want ErrFrozen", err)
			}
			return
		}
		r := digestReader()
		msg := mail.Append(nil, r)
		for line := range bytes.Lines(msg) {
			if line[0] == '.' || !bytes.HasSuffix(line, []byte("\r\n")) {
				t.Errorf("got the line %q, want CRLF and no dot at its start", line)
			}
		}
		if len(msg) > mail.Size(r) {
			t.Errorf("got %d bytes, want at most Size's %d", len(msg), mail.Size(r))
		}
		if _, err := mail.MarshalBinary(); err != nil {
			t.Errorf("marshal again: got %v, want bytes", err)
		}
	})
}
