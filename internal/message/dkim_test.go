package message

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestGoMsgauthVerifies(t *testing.T) {
	t.Parallel()
	for i, c := range signedCases(t, signedMessages) {
		errs := verifications(t, c.Raw, c.DNS)
		if valid := len(errs) == 2 && errs[0] == nil && errs[1] == nil; valid != c.valid {
			t.Errorf("message %d: got %v, want two signatures with valid = %t:\n%.3000s", i, errs, c.valid, c.Raw)
		}
	}
}

func TestDkimpyVerifies(t *testing.T) {
	t.Parallel()
	needPeer(t, "dkimpy with PyNaCl (python3-dkim, python3-nacl)", systemPython, "-c", "import dkim, nacl")
	cases := signedCases(t, signedMessages)
	wantResults(t, cases, runPeer(t, cases, systemPython, "testdata/verify_dkimpy.py"), "pass pass")
}

func TestMailDKIMVerifies(t *testing.T) {
	t.Parallel()
	needPeer(t, "Mail::DKIM (libmail-dkim-perl)", "perl", "-MMail::DKIM::Verifier", "-e1")
	cases := signedCases(t, signedMessages)
	wantResults(t, cases, runPeer(t, cases, "perl", "testdata/verify_maildkim.pl"), "pass(rsa-sha256)")
}

// wantResults wants a line for each case, starting with want for the valid
// ones. (Mail::DKIM 1.20230212 knows no Ed25519 and leaves such signatures
// out; that is why it is the start that counts.)
func wantResults(t *testing.T, cases []signedCase, out, want string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(cases) {
		t.Fatalf("got %d results, want %d:\n%.2000s", len(lines), len(cases), out)
	}
	for i, line := range lines {
		if valid := strings.HasPrefix(line, want); valid != cases[i].valid {
			t.Errorf("message %d: got %q, want %q = %t", i, line, want, cases[i].valid)
		}
		if !cases[i].valid && strings.Contains(line, "pass") {
			t.Errorf("message %d, altered: got %q, want no pass", i, line)
		}
	}
}

// TestSignatureIsGoMsgauths: the field that Append writes and the one that
// go-msgauth makes of the same message agree in everything but the time, the
// order of tags and the order of names.
func TestSignatureIsGoMsgauths(t *testing.T) {
	t.Parallel()
	rsaKey, _ := testKeys(t)
	signer := newSigner(t, rsaKey)
	g := generator{rand.New(rand.NewPCG(1, 2)).IntN}
	for range 20 {
		msg := sealed(t, signer, g.draft(), g.reader())
		at := bytes.Index(msg, []byte("\r\nFrom: ")) + 2
		theirs, err := signer.Sign(msg[at:])
		if err != nil {
			t.Fatalf("sign: got %v, want a message", err)
		}
		for _, tag := range []string{"v", "a", "c", "d", "s", "bh", "h"} {
			got, want := tagOf(t, msg, tag), tagOf(t, theirs, tag)
			if got != want {
				t.Errorf("%s=: got %q, want go-msgauth's %q", tag, got, want)
			}
		}
	}
}

// tagOf is a tag of the first signature, without white space.
func tagOf(t *testing.T, msg []byte, tag string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)^DKIM-Signature.*?[;:]\s+` + tag + `=([^;]*)(;|\r\n\S)`).FindSubmatch(msg)
	if m == nil {
		t.Fatalf("got no %s= in %.600s, want one", tag, msg)
	}
	return strings.Join(strings.Fields(string(m[1])), "")
}
