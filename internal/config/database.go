package config

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// UsesServer reports whether the list is in a PostgreSQL database, not in a file.
func (c *Config) UsesServer() bool { return strings.Contains(c.Database, "://") }

// DatabasePassword is the password for the database's server; "": the URL has
// it, PGPASSWORD or a .pgpass.
func (c *Config) DatabasePassword() string { return c.databasePassword }

// DatabaseName says which database it is, without a password.
func (c *Config) DatabaseName() string { return WithoutPassword(c.Database) }

// DataDir is the folder of what is kept beside the database: the journals and
// the built-in mailbox.
func (c *Config) DataDir() string {
	if c.Data != "" {
		return c.Data
	}
	return filepath.Dir(c.Database)
}

// DataDirOf is DataDir as it would be with another 'database'.
func (c *Config) DataDirOf(database string) string {
	other := Config{Database: database, Data: c.Data}
	if _, set := c.origin["data"]; !set {
		other.Data = ""
	}
	if err := other.resolvePaths(c.file); err != nil {
		return ""
	}
	return other.DataDir()
}

// MailboxDir is where the built-in mailbox keeps its messages.
func (c *Config) MailboxDir() string { return filepath.Join(c.DataDir(), "mailbox") }

// JournalDir is where the record of what may have left is kept.
func (c *Config) JournalDir() string { return filepath.Join(c.DataDir(), "journal") }

// UpkeepFile keeps what serve found when it looked at what can be wrong.
func (c *Config) UpkeepFile() string { return filepath.Join(c.DataDir(), "upkeep.json") }

// defaultData is the folder beside a server's database, of which there is none
// on this machine.
const defaultData = "data"

// databaseFiles are the files of an SQLite database; none of a server's.
func (c *Config) databaseFiles() []string {
	if c.UsesServer() {
		return nil
	}
	return []string{c.Database, c.Database + "-wal", c.Database + "-shm"}
}

func (c *Config) validateDatabase() {
	switch info, err := os.Stat(c.Database); {
	case c.Database == "":
		c.problemf("database", "is empty; name a file such as data/digest.db")
	case c.UsesServer():
		c.validateServer()
		return
	case err == nil && info.IsDir():
		c.problemf("database", "%s is a folder; name a file in it, such as %s/digest.db", c.Database, c.Database)
	}
	if c.PasswordFile != "" {
		c.problemf("database_password_file", "is set, but 'database' is a file; name a server there, as postgres://USER@HOST:PORT/NAME?sslmode=verify-full")
	}
}

// sslModes are libpq's (https://www.postgresql.org/docs/current/libpq-ssl.html).
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

const serverForm = "write it as postgres://USER@HOST:PORT/NAME?sslmode=verify-full"

// validateServer looks at a server's URL without connecting. No problem that it
// names has a password in it.
func (c *Config) validateServer() {
	u, err := url.Parse(c.Database)
	if err != nil {
		c.problemf("database", "is not a URL that can be read; %s, with %%40 for an @ in a user or a password", serverForm)
		return
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		c.problemf("database", "%s: %q is not known; name a file, or a PostgreSQL server: %s", c.DatabaseName(), u.Scheme+"://", serverForm)
		return
	}
	if u.Host == "" && u.Query().Get("host") == "" {
		c.problemf("database", "%s has no host; %s", c.DatabaseName(), serverForm)
	}
	if strings.Trim(u.Path, "/") == "" && u.Query().Get("dbname") == "" {
		c.problemf("database", "%s names no database of the server; %s", c.DatabaseName(), serverForm)
	}
	if mode := u.Query().Get("sslmode"); mode != "" && !slices.Contains(sslModes, mode) {
		c.problemf("database", "sslmode %q is not known; one of: %s", mode, strings.Join(sslModes, ", "))
	}
	if _, has := u.User.Password(); has && c.PasswordFile != "" {
		c.problemf("database_password_file", "the URL in 'database' has a password too; keep one of the two")
	}
}

// passwordInURL matches a password, and one that is given as a parameter.
var passwordInURL = regexp.MustCompile(`(://[^:/@]*:)[^@]*(@)|([?&](?:password|sslpassword)=)[^&]*`)

// WithoutPassword is a URL, or what was meant as one, without its passwords.
func WithoutPassword(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	return passwordInURL.ReplaceAllString(s, "${1}${3}"+Secret+"${2}")
}
