package config

import "path/filepath"

func (c *Config) validateBackup() {
	b := c.Backup
	if b.Keep < 1 || b.Keep > 3650 {
		c.problemf("backup.keep", "%d is not between 1 and 3650", b.Keep)
	}
	switch {
	case b.Dir == "":
	case c.UsesServer():
		c.problemf("backup.dir", "copies an SQLite file, and 'database' names a PostgreSQL server: back that up with its own tools (pg_basebackup and archived WAL, or pg_dump), and keep a copy of %s", c.JournalDir())
	case filepath.Clean(b.Dir) == filepath.Clean(c.DataDir()) || filepath.Clean(b.Dir) == filepath.Clean(c.JournalDir()):
		c.problemf("backup.dir", "%s is the folder of the database or its journals; name another, better one on another disk", b.Dir)
	default:
		c.folder("backup.dir", b.Dir)
	}
}
