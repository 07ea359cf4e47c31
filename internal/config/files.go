package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// resolvePaths makes paths absolute from the config file's folder and reads
// secrets from their files.
func (c *Config) resolvePaths(file string) error {
	base, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if c.Data == "" && c.UsesServer() {
		c.Data = defaultData
	}
	for _, p := range append(c.relayFiles(), &c.Database, &c.PasswordFile, &c.Data, &c.Comparisons.Dir, &c.SMTP.PasswordFile, &c.SMTP.CAFile, &c.DKIM.KeyFile, &c.DKIM.KeyFile2, &c.Templates,
		&c.Backup.Dir, &c.Inbound.Maildir, &c.Inbound.RelayLog, &c.Inbound.Postmark.PasswordFile) {
		if *p != "" && !filepath.IsAbs(*p) && !strings.Contains(*p, "://") {
			*p = filepath.Join(base, *p)
		}
	}
	c.secret("smtp.password_file", "smtp.password", c.SMTP.PasswordFile, &c.SMTP.Password)
	c.relaySecrets()
	c.secret("database_password_file", "", c.PasswordFile, &c.databasePassword)
	p := &c.Inbound.Postmark
	c.secret("inbound.postmark.password_file", "inbound.postmark.password", p.PasswordFile, &p.Password)
	return nil
}

// secret reads a secret from its file.
func (c *Config) secret(fileKey, key, file string, value *string) {
	if file == "" {
		return
	}
	if *value != "" {
		c.problemf(fileKey, "%s is set too; keep one of the two", key)
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		c.problemf(fileKey, "%s cannot be read: %s", file, reason(err))
		return
	}
	if *value = strings.TrimRight(string(text), "\r\n"); *value == "" {
		c.problemf(fileKey, "%s is empty", file)
	}
}

// Warnings names what works and should not stay: files with secrets that every
// user of the machine can read, but those of the settings that others warn of.
func (c *Config) Warnings(but ...string) []string {
	var list []string
	secrets := []struct{ key, file, holds string }{
		{"database", c.Database, "the readers' addresses"},
		{"database_password_file", c.PasswordFile, "a password"},
		{"smtp.password_file", c.SMTP.PasswordFile, "a password"},
		{"inbound.postmark.password_file", c.Inbound.Postmark.PasswordFile, "a password"},
		{"dkim.key_file", c.DKIM.KeyFile, "a private key"},
		{"dkim.key_file2", c.DKIM.KeyFile2, "a private key"},
	}
	for i, r := range c.SMTP.Relays {
		secrets = append(secrets, struct{ key, file, holds string }{fmt.Sprintf("smtp.relays[%d].password_file", i), r.PasswordFile, "a password"})
	}
	for _, f := range secrets {
		if f.file == "" || slices.Contains(but, f.key) {
			continue
		}
		if info, err := os.Stat(f.file); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0 {
			list = append(list, fmt.Sprintf("%s: %s: every user of this machine can read %s in it; chmod 600 %s", c.where(f.key), f.key, f.holds, f.file))
		}
	}
	return list
}

// PrivateFiles are those that only the program's user should read, and their
// folder.
func (c *Config) PrivateFiles() []string {
	files := append(c.databaseFiles(), c.JournalDir(), c.Backup.Dir, c.PasswordFile,
		c.SMTP.PasswordFile, c.DKIM.KeyFile, c.DKIM.KeyFile2, c.Inbound.Postmark.PasswordFile)
	for _, r := range c.SMTP.Relays {
		files = append(files, r.PasswordFile)
	}
	p := c.Inbound.Postmark
	if c.SMTP.Password != "" && c.SMTP.PasswordFile == "" || p.Password != "" && p.PasswordFile == "" || c.DatabaseName() != c.Database {
		files = append(files, c.file)
	}
	return slices.DeleteFunc(files, func(path string) bool { return path == "" })
}
