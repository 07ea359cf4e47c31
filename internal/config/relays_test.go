package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Several relays each have their own login; what one does not say it has from smtp.
func TestRelays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "c.yaml")
	text := `smtp:
  tls: implicit
  connections: 6
  relays:
    - {host: mx1.example, port: 2465, username: u, password_file: pw, weight: 3, rate: 20}
    - {name: second, host: mx2.example, tls: none, connections: 30}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.SMTP.Relays[0], c.SMTP.Relays[1]
	if a.Name != "mx1.example" || a.TLS != TLSImplicit || a.Connections != 6 || a.Weight != 3 || a.Rate != 20 || a.Password() != "hunter2" {
		t.Errorf("got %+v", a)
	}
	if b.Name != "second" || b.TLS != TLSNone || b.Connections != 30 || b.Weight != 1 || b.Password() != "" {
		t.Errorf("got %+v", b)
	}
	if c.UsesMailbox() || c.Connections() != 36 || c.Relay() != "2 relays: mx1.example:2465, mx2.example" {
		t.Errorf("got mailbox %t, %d connections, %q", c.UsesMailbox(), c.Connections(), c.Relay())
	}
	out, err := c.YAML()
	if err != nil || strings.Contains(string(out), "hunter2") {
		t.Errorf("got %v and %s, want the password hidden", err, out)
	}
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Sources{File: file}); err != nil {
		t.Errorf("what is shown, read again: got %v", err)
	}
}

// A number of connections may be left to be found.
func TestConnectionsAuto(t *testing.T) {
	t.Parallel()
	c, err := load(t, "smtp: {host: a.example, connections: auto}\n", nil, nil)
	if err != nil || c.SMTP.Connections != Auto || c.Connections() != 64 {
		t.Fatalf("got %v, %+v", err, c)
	}
	if out, err := c.YAML(); err != nil || !strings.Contains(string(out), "connections: auto") {
		t.Errorf("got %s, %v, want it shown as it is written", out, err)
	}
	if _, err := load(t, "smtp: {host: a.example, connections: -1}\n", nil, nil); err == nil {
		t.Error("-1: got no error")
	}
}

func TestRelaysRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{host: a.example, relays: [{host: b.example}]}`:                          "smtp.host: smtp.relays is set too; keep one of the two",
		`{relays: [{name: b}]}`:                                                   "smtp.relays[0].host: is empty",
		`{relays: [{host: mailbox}]}`:                                             "smtp.relays[0].host: the built-in mailbox cannot be one relay among others",
		`{relays: [{host: "b.example:25"}]}`:                                      "write smtp.relays[0].host: b.example and smtp.relays[0].port: 25",
		`{relays: [{host: b.example}, {host: b.example, port: 26}]}`:              `smtp.relays[1].name: "b.example" is another relay's name too`,
		`{relays: [{host: b.example, username: u}]}`:                              "smtp.relays[0].username: goes with smtp.relays[0].password_file",
		`{relays: [{host: b.example, tls: none, username: u, password_file: p}]}`: "smtp.relays[0].tls: none would send the password in the clear",
		`{relays: [{host: b.example, password_file: nowhere}]}`:                   "nowhere cannot be read",
		`{relays: [{host: b.example, connections: 501}]}`:                         "smtp.relays[0].connections: 501 is not between 1 and 500",
		`{relays: [{host: b.example, prot: 25}]}`:                                 "unknown key `prot` in relay 1 of smtp; did you mean `port`?",
	} {
		_, err := load(t, "smtp: "+text+"\n", nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
