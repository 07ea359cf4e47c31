package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func loadDatabase(t *testing.T, yaml string) (*Config, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Read(Sources{File: file})
	return c, filepath.Dir(file), err
}

func TestServerURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://digest@db.example.org/digest":                             "",
		"postgresql://digest@db.example.org:5433/digest?sslmode=disable":      "",
		"postgres://digest@db.example.org,db2.example.org/digest":             "",
		"postgres:///digest?host=/run/postgresql":                             "",
		"postgres://digest:hunter2@db.example.org/digest?schema=nl":           "",
		"postgres://digest@db.example.org":                                    "names no database",
		"postgres://digest:hunter2@db.example.org/":                           "names no database",
		"postgres:///digest":                                                  "has no host",
		"postgres://digest:hunter2@db.example.org/digest?sslmode=on":          `sslmode "on" is not known`,
		"mysql://digest:hunter2@db.example.org/digest":                        `"mysql://" is not known`,
		"postgres://digest:hun ter%2@db.example.org/digest":                   "is not a URL",
		"postgres://digest@db.example.org/digest?password=hunter2&sslmode=on": `sslmode "on" is not known`,
	} {
		_, _, err := loadDatabase(t, "database: "+url+"\n")
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: got %v, want no error", url, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", url, err, want)
		case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter%2")):
			t.Errorf("%s: got the password in %v", url, err)
		}
	}
}

func TestServerPassword(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, dir, err := loadDatabase(t, "database: postgres://digest@db.example.org/digest\ndatabase_password_file: "+secret+"\n")
	if err != nil || c.DatabasePassword() != "hunter2" {
		t.Fatalf("got %q, %v, want the file's password", c.DatabasePassword(), err)
	}
	if want := filepath.Join(dir, "data", "journal"); c.JournalDir() != want {
		t.Errorf("got the journals in %s, want %s", c.JournalDir(), want)
	}
	for yaml, want := range map[string]string{
		"database: postgres://digest:x@db.example.org/digest\ndatabase_password_file: " + secret: "keep one of the two",
		"database_password_file: " + secret: "'database' is a file",
	} {
		if _, _, err := loadDatabase(t, yaml+"\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Settings are shown to people and pasted into reports.
func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	c, _, err := loadDatabase(t, "database: postgres://digest:hunter2@db.example.org/digest?sslmode=require&password=hunter3&schema=nl\n")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := c.YAML()
	if err != nil || strings.Contains(string(shown), "hunter") || !strings.Contains(string(shown), "db.example.org/digest?sslmode=require&password=(hidden)&schema=nl") {
		t.Errorf("got %v, %s, want the URL without passwords", err, shown)
	}
}

func TestDataFolder(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"database: d/x.db\n":                                  "d/journal",
		"database: d/x.db\ndata: e\n":                         "e/journal",
		"database: postgres://u@h/n\n":                        "data/journal",
		"database: postgres://u@h/n\ndata: /var/lib/digest\n": "/var/lib/digest/journal",
	} {
		c, dir, err := loadDatabase(t, yaml)
		if err != nil {
			t.Fatal(err)
		}
		if !filepath.IsAbs(want) {
			want = filepath.Join(dir, want)
		}
		if c.JournalDir() != want {
			t.Errorf("%q: got %s, want %s", yaml, c.JournalDir(), want)
		}
	}
}
