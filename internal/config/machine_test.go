package config

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is right by itself and cannot be on this machine is an error; what may be
// otherwise when serve starts is a warning.
func TestOnThisMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, shut := filepath.Join(dir, "file"), filepath.Join(dir, "shut")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(shut, 0o500); err != nil {
		t.Fatal(err)
	}
	here := "database: " + filepath.Join(dir, "data", "digest.db") + "\n"
	for name, c := range map[string]struct{ yaml, want string }{
		"nothing there yet":      {here, ""},
		"below a file":           {"database: " + file + "/data/digest.db", "database: " + file + "/data cannot be made: " + file + " is a file, not a folder"},
		"the data's folder":      {here + "data: " + file + "/d", "data: " + file + "/d cannot be made"},
		"a feed's folder":        {here + "comparisons: {dir: " + file + "/c, feed: 'https://example.org/feed.json'}", "comparisons.dir: "},
		"a backup's folder":      {here + "backup: {dir: " + file + "/b}", "backup.dir: "},
		"no feed, no folder":     {here + "comparisons: {dir: " + dir + "/none}", ""},
		"every address":          {here + "listen: ':18080'\nmetrics: '[::]:19090'", ""},
		"another machine's":      {here + "listen: 192.0.2.7:8080", "listen: 192.0.2.7 is not an address of this machine; 127.0.0.1 is this machine alone"},
		"another's, in IPv6":     {here + "metrics: '[2001:db8::7]:9090'", "metrics: 2001:db8::7 is not an address of this machine"},
		"another's, for mail":    {here + "mail: {bounce_domain: b.example.org}\ninbound: {listen: 192.0.2.7:2525}", "inbound.listen: 192.0.2.7 is not an address"},
		"this machine's name":    {here + "listen: localhost:18080", ""},
		"a port that is in use":  {here + "listen: 127.0.0.1:0", ""},
		"an address that is bad": {here + "listen: 8080", ""}, // said by validate
	} {
		cfg, _, _ := loadDatabase(t, c.yaml)
		if cfg == nil {
			t.Fatalf("%s: no settings", name)
		}
		warnings, err := cfg.OnThisMachine()
		got := ""
		if err != nil {
			got = err.Error()
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if len(warnings) != 0 {
			t.Errorf("%s: got warnings %q, want none", name, warnings)
		}
	}
	if err := writable(filepath.Join(shut, "data")); os.Geteuid() != 0 && (err == nil || !strings.Contains(err.Error(), "cannot be written by this user")) {
		t.Errorf("got %v, want that the folder cannot be written", err)
	}
	if err := writable(shut); os.Geteuid() != 0 && err == nil {
		t.Error("got none, want that the folder cannot be written")
	}
}

func TestJudgedListeners(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err           error
		want, warning string
	}{
		{nil, "", ""},
		{syscall.EADDRINUSE, "", ""}, // serve runs
		{syscall.EADDRNOTAVAIL, "h is not an address of this machine", ""},
		{syscall.EACCES, "", "may not listen on port 80; serve needs CAP_NET_BIND_SERVICE"},
		{&net.DNSError{Err: "no such host"}, "", "h has no address that is known here now (no such host)"},
		{syscall.EMFILE, "", "too many open files: serve fails while that is so"},
	} {
		warning, err := judged("h", "80", c.err)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || (warning == "") != (c.warning == "") || !strings.Contains(warning, c.warning) {
			t.Errorf("%v: got %v and the warning %q, want %q and %q", c.err, err, warning, c.want, c.warning)
		}
	}
}
