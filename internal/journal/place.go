package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// placeFile holds what tells a folder from every other.
const placeFile = "place"

// Place tells this folder, on this run of this machine, from every other: who holds a
// lock in it (see Lock) knows that no other process of the place does.
func (f *Folder) Place() (string, error) {
	path := filepath.Join(f.path, placeFile)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = file.WriteString(rand.Text() + "\n")
		err = errors.Join(err, file.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("journal folder: %w", err)
	}
	own, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("journal folder: %w", err)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil { // another system
		host, _ := os.Hostname()
		boot = []byte(host)
	}
	return strings.TrimSpace(string(own)) + " " + strings.TrimSpace(string(boot)), nil
}
