package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is written in one of several ways has one form behind the settings.
func TestNormalForms(t *testing.T) {
	t.Parallel()
	get := map[string]func(*Config) string{
		"site.base_url":          func(c *Config) string { return c.Site.BaseURL },
		"comparisons.feed":       func(c *Config) string { return c.Comparisons.Feed },
		"mail.from":              func(c *Config) string { return c.Mail.From },
		"mail.reply_to":          func(c *Config) string { return c.Mail.ReplyTo },
		"mail.list_id":           func(c *Config) string { return c.Mail.ListID },
		"mail.bounce_domain":     func(c *Config) string { return c.Mail.BounceDomain },
		"editors":                func(c *Config) string { return strings.Join(c.Editors, " ") },
		"smtp.host":              func(c *Config) string { return c.SMTP.Host },
		"smtp.helo":              func(c *Config) string { return c.SMTP.HELO },
		"signup.allowed_origins": func(c *Config) string { return strings.Join(c.Signup.AllowedOrigins, " ") },
		"schedule.catch_up":      func(c *Config) string { return c.Schedule.CatchUp.String() },
	}
	for _, tt := range []struct{ key, value, want string }{
		{"site.base_url", "https://Digest.Example.org/", "https://digest.example.org"},
		{"site.base_url", "https://bücher.example/lese liste/", "https://xn--bcher-kva.example/lese%20liste"},
		{"site.base_url", "HTTPS://例え.テスト:8443/x", "https://xn--r8jz45g.xn--zckzah:8443/x"},
		{"site.base_url", "http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"},
		{"comparisons.feed", "https://bücher.example/feed.json?a=b", "https://xn--bcher-kva.example/feed.json?a=b"},
		{"mail.from", "Käthe <post@bücher.example>", "Käthe <post@xn--bcher-kva.example>"},
		{"mail.from", "a.b+c@example.org", "a.b+c@example.org"},
		{"mail.reply_to", `"Bücher, AG" <post@BÜCHER.example>`, `"Bücher, AG" <post@xn--bcher-kva.example>`},
		{"mail.list_id", "digest.example.org", "<digest.example.org>"},
		{"mail.list_id", "<digest.example.org>", "<digest.example.org>"},
		{"mail.list_id", "Weekly Verdicts <digest.example.org>", "Weekly Verdicts <digest.example.org>"},
		{"mail.list_id", "Bücher <liste.bücher.example>", "Bücher <liste.xn--bcher-kva.example>"},
		{"mail.bounce_domain", "rückläufer.example", "xn--rcklufer-3za0v.example"},
		{"editors", "[Käthe <k@bücher.example>]", "Käthe <k@xn--bcher-kva.example>"},
		{"smtp.host", "Smtp.Example.org", "smtp.example.org"},
		{"smtp.host", "post.bücher.example", "post.xn--bcher-kva.example"},
		{"smtp.host", "[::1]", "::1"},
		{"smtp.host", "mail_relay", "mail_relay"},
		{"smtp.host", "Mailbox", "mailbox"},
		{"smtp.helo", "bücher.example", "xn--bcher-kva.example"},
		{"signup.allowed_origins", "[https://www.bücher.example/, https://a.example:443]", "https://www.xn--bcher-kva.example https://a.example"},
		{"schedule.catch_up", "2d", "48h0m0s"},
	} {
		c, err := load(t, "", nil, []string{tt.key + "=" + tt.value})
		if err != nil {
			t.Errorf("%s=%s: got %v, want none", tt.key, tt.value, err)
			continue
		}
		if got := get[tt.key](c); got != tt.want {
			t.Errorf("%s=%s: got %q, want %q", tt.key, tt.value, got, tt.want)
		} else if strings.ContainsFunc(got, func(r rune) bool { return r > '~' }) && !strings.Contains(got, " <") {
			t.Errorf("%s=%s: got %q, want ASCII", tt.key, tt.value, got)
		}
	}
}

// What a later step would refuse is refused here, with what to write.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ key, value, want string }{
		{"smtp.host", "mx:587", "write smtp.host: mx and smtp.port: 587"},
		{"smtp.host", "smtp://mx.example.org:587", "write smtp.host: mx.example.org and smtp.port: 587"},
		{"smtp.host", "smtps://mx.example.org/", "write smtp.host: mx.example.org, with smtp.tls: implicit"},
		{"smtp.host", "mx example.org", "is not a host"},
		{"smtp.host", "user@mx.example.org", "is not a host"},
		{"smtp.host", "mx..example.org", "is not a host"},
		{"smtp.helo", "my host", "is not a domain"},
		{"mail.list_id", "weekly verdicts", "is not a list's identity"},
		{"mail.list_id", "Name <>", "is not a list's identity"},
		{"mail.list_id", "a@example.org", "is not a list's identity"},
		{"mail.from", "post@käthe@example.org", "is not an address"},
		{"mail.from", "käthe@example.org", "letters before the @"},
		{"mail.from", `"a b"@example.org`, "is not a plain address"},
		{"mail.from", "a@[127.0.0.1]", "is not a domain"},
		{"mail.from", "a@exa_mple.org", "is not a domain"},
		{"mail.from", "a@" + strings.Repeat("x", 64) + ".org", "is not a domain"},
		{"mail.from", strings.Repeat("a", 65) + "@example.org", "is not a plain address"},
		{"mail.reply_to", "a..b@example.org", "is not a"},
		{"mail.bounce_domain", "a@example.org", "is not a domain"},
		{"mail.bounce_domain", "bounces..example", "is not a domain"},
		{"editors", "[a@b, no]", "number 2"},
		{"site.base_url", "digest.example.org", "does not start with https://"},
		{"site.base_url", "https://digest.example.org?x=1", "query or fragment"},
		{"site.base_url", "https://digest.example.org#", "query or fragment"},
		{"site.base_url", "https://a:b@digest.example.org", "user name or a password"},
		{"site.base_url", "https://digest.example.org:99999", "99999 is not a port"},
		{"site.base_url", "https://-x.example", "is not a host"},
		{"site.base_url", "https://example.org/" + strings.Repeat("x", 400), "characters, at most"},
		{"site.name", "A\u202eB", "control character"},
		{"site.name", strings.Repeat("x", 201), "at most 200"},
		{"signup.allowed_origins", "[https://a.example/path]", "is not an origin"},
		{"signup.allowed_origins", "[a.example]", "is not an origin"},
		{"signup.allowed_origins", "['*']", "is not an origin"},
		{"database", dir, "is a folder"},
		{"comparisons.dir", file, "is a file, not a folder"},
		{"templates", file, "is a file, not a folder"},
		{"data", file, "is a file, not a folder"},
		{"database", file + "/digest.db", "is a file, not a folder"},
		{"comparisons.feed", "feed.json", "does not start with https://"},
		{"edition.approval", "requird", "did you mean `required`?"},
	} {
		_, err := load(t, "", nil, []string{tt.key + "=" + tt.value})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%s: got %v, want %q", tt.key, tt.value, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "a:b@") {
			t.Errorf("%s=%s: got %v, want no password in it", tt.key, tt.value, err)
		}
	}
}

// Mistakes of the form and of the values come at once, in the file's order.
func TestOnePass(t *testing.T) {
	t.Parallel()
	_, err := load(t, "mail: {from: nobody}\nsmtp:\n  host: mx:25\n  prot: 1\n  port: 0587\nedition: {max: 0}\n",
		[]string{"DIGEST_LISTEN=nowhere"}, []string{"schedule.timezone=Mars"})
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{"config.yaml:1: mail.from", "config.yaml:3: smtp.host", "config.yaml:4: unknown key `prot`", "config.yaml:5: smtp.port: is the number 0587",
		"config.yaml:6: edition.max", "DIGEST_LISTEN: listen", `--set schedule.timezone: "Mars" is not`}
	var missing []string
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			missing = append(missing, w)
		}
	}
	if len(missing) > 0 || !strings.Contains(lines[0], ":1:") || !strings.Contains(lines[1], ":3:") {
		t.Errorf("got %s\nwant also %q, in the order of the lines", err, missing)
	}
}

func TestEnvironmentOfOthers(t *testing.T) {
	t.Parallel()
	c, err := load(t, "", []string{
		"DIGEST_PORT=tcp://10.0.0.1:80", "DIGEST_PORT_80_TCP=tcp://10.0.0.1:80", "DIGEST_PORT_80_TCP_ADDR=10.0.0.1", "DIGEST_PORT_80_TCP_PORT=80",
		"DIGEST_PORT_80_TCP_PROTO=tcp", "DIGEST_SERVICE_HOST=10.0.0.1", "DIGEST_SERVICE_PORT=80", "DIGEST_SERVICE_PORT_HTTP=80",
		"DIGEST_WEB_SERVICE_HOST=10.0.0.1", "DIGEST_WEB_PORT=tcp://10.0.0.1:80", "DIGEST_WEB_PORT_53_UDP=udp://10.0.0.1:53",
		"DIGEST_CONFIG=/etc/digest.yaml", "DIGEST_SMTP__HOST=", "DIGEST_EDITION__MAX=", "DIGEST_NO_SUCH=",
	}, nil)
	if err != nil {
		t.Fatalf("got %v, want none", err)
	}
	if c.SMTP.Host != MailboxHost || c.Edition.Max != 5 {
		t.Errorf("got host %q, max %d, want the defaults: an empty variable is as if not set", c.SMTP.Host, c.Edition.Max)
	}
	for kv, want := range map[string]string{
		"DIGEST_SMTP_PORT=587":   "did you mean DIGEST_SMTP__PORT?",
		"DIGEST_SMTP_HOST=mx":    "did you mean DIGEST_SMTP__HOST?",
		"DIGEST_SERVICE_PORT=no": "no setting has this name",
		"DIGEST_LISTENS=x":       "did you mean DIGEST_LISTEN?",
	} {
		if _, err := load(t, "", []string{kv}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", kv, err, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"open": 0o644, "closed": 0o640} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("secret"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		c, err := load(t, "smtp: {host: mx.example, username: u, password_file: "+file+"}\ndatabase: "+file+"\n", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"open": 2, "closed": 0}[name]
		if got := c.Warnings(); len(got) != want || want > 0 && !strings.Contains(got[1], "smtp.password_file: every user of this machine can read a password in it; chmod 600 "+file) {
			t.Errorf("%s: got %q, want %d", name, got, want)
		}
	}
}

func TestReadyForReaders(t *testing.T) {
	t.Parallel()
	const real = "smtp: {host: mx.example.org}\n"
	const good = "site: {base_url: https://d.example.org, postal_address: '9 Quay, Port'}\nmail: {from: v@d.example.org}\n"
	for yaml, want := range map[string]string{
		"":          "", // the built-in mailbox
		good + real: "",
		real + "mail: {from: v@d.example.org}\nsite: {postal_address: x}":                         "site.base_url: http://localhost:8080 is this machine",
		real + "site: {base_url: 'https://127.0.0.1', postal_address: x}":                         "site.base_url: https://127.0.0.1 is this machine",
		real + "site: {base_url: https://d.example.org, postal_address: x}":                       "mail.from: verdicts@localhost is on this machine",
		real + "site: {base_url: https://d.example.org}\nmail: {from: v@d.example.org}":           "site.postal_address: is empty",
		real + "site: {base_url: https://d.example.org, postal_address: 'W, 1 Example Street'}\n": "site.postal_address: is the example's",
	} {
		c, err := load(t, yaml, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = c.ReadyForReaders()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", yaml, err, want)
		}
	}
}
