package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, yaml string, env, set []string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Sources{File: file, Environ: env, Set: set})
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	c, err := load(t, "smtp: {host: file.example, connections: 3}\nlisten: 127.0.0.1:1\n",
		[]string{"DIGEST_SMTP__HOST=env.example", "DIGEST_LISTEN=127.0.0.1:2", "HOME=/"},
		[]string{"smtp.host=flag.example"})
	if err != nil {
		t.Fatal(err)
	}
	if c.SMTP.Host != "flag.example" || c.Listen != "127.0.0.1:2" || c.SMTP.Connections != 3 || c.Edition.Max != 5 {
		t.Errorf("got host %s, listen %s, connections %d, max %d; want flag, env, file and default", c.SMTP.Host, c.Listen, c.SMTP.Connections, c.Edition.Max)
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	t.Parallel()
	c, err := load(t, "database: d/x.db\n", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(filepath.Dir(c.File()), "d/x.db"); c.Database != want {
		t.Errorf("got %s, want %s", c.Database, want)
	}
}

func TestErrorsNameLineKeyAndRemedy(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		yaml string
		env  []string
		set  []string
		want []string
	}{
		"unknown key":           {yaml: "smtp:\n  prot: 25\n", want: []string{"config.yaml:2: unknown key `prot` in smtp; did you mean `port`?"}},
		"unknown section":       {yaml: "\nsmpt: {}\n", want: []string{"config.yaml:2: unknown key `smpt`; did you mean `smtp`?"}},
		"wrong type":            {yaml: "edition:\n  max: many\n", want: []string{`config.yaml:2: edition.max: is the text "many", but must be a whole number`}},
		"list for text":         {yaml: "listen: [a]\n", want: []string{`config.yaml:1: listen: is a list, but must be text`}},
		"text for section":      {yaml: "smtp: here\n", want: []string{`config.yaml:1: smtp: is the text "here", but must have keys`}},
		"enum":                  {yaml: "smtp: {tls: ssl}\n", want: []string{`"ssl" is not one of starttls, implicit, none`}},
		"duration":              {yaml: "schedule: {catch_up: 3 days}\n", want: []string{`is the text "3 days", but must be a duration; write it as 36h`}},
		"twice":                 {yaml: "listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", want: []string{"config.yaml:2: `listen` is given twice, first in line 1"}},
		"all at once":           {yaml: "a: 1\nb: 2\n", want: []string{"config.yaml:1: unknown key `a`", "config.yaml:2: unknown key `b`"}},
		"syntax":                {yaml: "smtp: {\n", want: []string{"config.yaml:1: has a bracket that is never closed"}},
		"semantic line":         {yaml: "mail:\n  from: nobody\n", want: []string{`config.yaml:2: mail.from: "nobody" is not an address`}},
		"plain password":        {yaml: "smtp: {host: mx.example, tls: none, username: u, password: p}\n", want: []string{"smtp.tls: none would send the password in the clear"}},
		"zone":                  {yaml: "schedule: {timezone: Mars/Base}\n", want: []string{`"Mars/Base" is not a time zone`}},
		"proxy":                 {yaml: "signup: {trusted_proxies: [all]}\n", want: []string{`"all" is neither an IP address nor a network`}},
		"max that is no number": {yaml: "edition:\n  max: many\n", want: []string{"config.yaml:2: edition.max: is the text \"many\", but must be a whole number"}},
		"half of dkim":          {yaml: "dkim:\n  domain: example.org\n", want: []string{"config.yaml:2: dkim.domain: needs dkim.selector and dkim.key_file too"}},
		"dkim names":            {yaml: "dkim:\n  domain: exa mple\n  selector: a b\n  key_file: k\n", want: []string{`config.yaml:2: dkim.domain: "exa mple" is not a domain`, `config.yaml:3: dkim.selector: "a b" is not a selector`}},
		"missing secret":        {yaml: "smtp: {host: mx.example, username: u, password_file: none.txt}\n", want: []string{"smtp.password_file:", "none.txt cannot be read: no such file"}},
		"inbound without VERP":  {yaml: "inbound:\n  maildir: box\n", want: []string{"config.yaml:2: inbound.maildir: needs mail.bounce_domain"}},
		"inbound's address":     {yaml: "listen: 127.0.0.1:80\nmail: {bounce_domain: b.example}\ninbound: {listen: \"127.0.0.1:80\"}\n", want: []string{"inbound.listen: is the address of another listener"}},
		"inbound port":          {yaml: "mail: {bounce_domain: b.example}\ninbound: {listen: lmtp}\n", want: []string{`inbound.listen: "lmtp" is not HOST:PORT`}},
		"SNS topic":             {yaml: "inbound: {ses: {topic: bounces}}\n", want: []string{`inbound.ses.topic: "bounces" is not the ARN of an SNS topic`}},
		"postmark":              {yaml: "inbound: {postmark: {username: p}}\n", want: []string{"inbound.postmark.username: needs inbound.postmark.password_file"}},
		"short password":        {yaml: "inbound: {postmark: {username: p, password: guess}}\n", want: []string{"inbound.postmark.password: has 5 characters"}},
		"environment":           {env: []string{"DIGEST_SMTP__PROT=1"}, want: []string{"DIGEST_SMTP__PROT: no setting has this name"}},
		"environment value":     {env: []string{"DIGEST_SMTP__PORT=x"}, want: []string{`DIGEST_SMTP__PORT: smtp.port: is the text "x", but must be a whole number`}},
		"flag":                  {set: []string{"smtp"}, want: []string{"--set smtp: write it as KEY=VALUE"}},
		"flag key":              {set: []string{"smtp.prot=1"}, want: []string{"--set smtp.prot: unknown key `prot` in smtp; did you mean `port`?"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.yaml, tc.env, tc.set)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, w := range tc.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got %q, want it to have %q", err, w)
				}
			}
		})
	}
}

func TestSecretsAreReadFromFilesAndNeverShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte("smtp: {host: mx.example, username: u, password_file: pw}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if c.SMTP.Password != "hunter2" {
		t.Errorf("got password %q, want the file's", c.SMTP.Password)
	}
	out, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "hunter2") || !strings.Contains(string(out), Secret) {
		t.Errorf("got %s, want the password hidden", out)
	}
}

// What config show prints can be used as a config file again.
func TestShowRoundTrip(t *testing.T) {
	t.Parallel()
	c, err := load(t, "signup: {trusted_proxies: [10.1.0.0/16], allowed_origins: ['https://a.example']}\nsmtp: {warm_up: [10, 100], warm_up_start: 2026-11-23}\n", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := load(t, string(first), nil, nil)
	if err != nil {
		t.Fatalf("read back: %v\n%s", err, first)
	}
	if again.Schedule != c.Schedule || again.Signup.TrustedProxies[0] != c.Signup.TrustedProxies[0] || again.SMTP.WarmUp[1] != 100 {
		t.Errorf("got %+v, want %+v", again, c)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("smtp: {host: a}\n", "smtp.port=1")
	f.Add("a: &a [*a]\n", "x=y")
	f.Fuzz(func(t *testing.T, yaml, set string) {
		c := Default()
		c.origin = map[string]origin{}
		c.setOne("--set", set, yaml)
		file := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Load(Sources{File: file}); err == nil && got == nil {
			t.Error("got neither settings nor an error")
		}
	})
}
