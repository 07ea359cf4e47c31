package message

import (
	"bytes"
	"strings"
	"testing"
)

// checkWire holds a whole message against what the package promises of its
// bytes.
func checkWire(t testing.TB, msg []byte) {
	t.Helper()
	if !bytes.HasSuffix(msg, []byte("\r\n")) {
		t.Errorf("got a message that ends in %q, want CRLF", msg[max(0, len(msg)-10):])
	}
	head, body, ok := bytes.Cut(msg, []byte("\r\n\r\n"))
	if !ok {
		t.Fatalf("got no blank line in %d bytes, want a head and a body", len(msg))
	}
	for i, line := range strings.Split(string(head), "\r\n") {
		checkLineBytes(t, "head", i, line)
		if words := strings.Fields(line); len(line) > headerLine && !unfoldable(line, words) {
			t.Errorf("got header line %q of %d characters, want it folded at %d", line, len(line), headerLine)
		}
	}
	for i, line := range strings.Split(string(body), "\r\n") {
		checkLineBytes(t, "body", i, line)
		if len(line) > 76 {
			t.Errorf("got body line %d of %d characters, want at most 76: %q", i, len(line), line)
		}
		if strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
			t.Errorf("got white space at the end of body line %d: %q", i, line)
		}
	}
}

// unfoldable: one word alone, or a field's name and its first word; encoded
// words can be cut anywhere.
func unfoldable(line string, words []string) bool {
	return !strings.Contains(line, "=?utf-8?") &&
		(len(words) == 1 || len(words) == 2 && strings.HasSuffix(words[0], ":") && line[0] != ' ')
}

func checkLineBytes(t testing.TB, where string, i int, line string) {
	t.Helper()
	if len(line) > maxHeadLine {
		t.Errorf("got %s line %d of %d characters, want at most %d", where, i, len(line), maxHeadLine)
	}
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "From ") {
		t.Errorf("got %s line %d %q, want no dot and no \"From \" at its start", where, i, line)
	}
	for _, c := range []byte(line) {
		if (c < ' ' || c > '~') && c != '\t' {
			t.Errorf("got byte %#02x in %s line %d %q, want printable ASCII", c, where, i, line)
			return
		}
	}
}
