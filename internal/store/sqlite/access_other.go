//go:build !unix

package sqlite

import (
	"io/fs"
	"os"
)

func access(string) error { return nil }

func exposed(string) (fs.FileMode, bool) { return 0, false }

func lockFile(*os.File, bool) error { return nil }
