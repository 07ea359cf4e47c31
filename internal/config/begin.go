package config

import (
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed example.gitignore
var ignore []byte

// A File is a file of a new list.
type File struct {
	Path string
	Data []byte
	Kept bool // it was there, and is as it was
}

// SettingsIn is where a list that lies in a folder has its settings.
func SettingsIn(dir string) string { return filepath.Join(dir, "config.yaml") }

// Begin writes what a new list begins with into a folder: its settings, the
// given comparisons, and a .gitignore. What is there already is kept.
func Begin(dir string, a Answers, comparisons ...File) ([]File, error) {
	files := []File{{Path: SettingsIn(dir), Data: Example(a)}}
	for _, c := range comparisons {
		c.Path = filepath.Join(dir, "comparisons", c.Path)
		files = append(files, c)
	}
	files = append(files, File{Path: filepath.Join(dir, ".gitignore"), Data: ignore})
	if err := os.MkdirAll(filepath.Join(dir, "comparisons"), 0o755); err != nil {
		return nil, err
	}
	for i := range files {
		if err := files[i].write(); err != nil {
			return nil, err
		}
	}
	_, err := Load(Sources{File: SettingsIn(dir)})
	return files, err
}

// write makes the file unless there is one.
func (f *File) write() error {
	out, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		f.Kept = true
		return nil
	}
	if err != nil {
		return err
	}
	_, err = out.Write(f.Data)
	return errors.Join(err, out.Close())
}
