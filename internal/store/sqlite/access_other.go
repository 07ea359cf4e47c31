//go:build !unix

package sqlite

import "io/fs"

func access(string) error { return nil }

func exposed(string) (fs.FileMode, bool) { return 0, false }
