package inbound

import (
	"encoding/base64"
	"testing"
)

// A mail names an address in whatever form it writes it.
func TestNames(t *testing.T) {
	t.Parallel()
	text := base64.StdEncoding.EncodeToString([]byte("Your mail to Ada@Example.com came back. It is not known here."))
	for name, c := range map[string]struct {
		raw  string
		want bool
	}{
		"plain":            {"Subject: back\n\nto ada@example.com", true},
		"in capitals":      {"To: ADA@EXAMPLE.COM\n\nback", true},
		"envelope sender":  {"To: bounces+ada=example.com@lists.example.org\n\nback", true},
		"base64":           {"Content-Transfer-Encoding: base64\n\n" + text[:40] + "\n" + text[40:] + "\n", true},
		"base64 of a part": {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n" + text + "\n--b--\n", true},
		"quoted-printable": {"Content-Transfer-Encoding: quoted-printable\n\nto ada=40exam=\nple.com\n", true},
		"encoded header":   {"Subject: =?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("ada@example.com is away")) + "?=\n\nback", true},
		"another":          {"To: grace@example.com\n\nto grace@example.com", false},
		"nothing":          {"", false},
	} {
		if got := Names([]byte(c.raw), "ada@example.com"); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
