package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"verdicts.example/digest/internal/spelling"
)

// ErrOverlay: the operator's template folder cannot be used as it is.
var ErrOverlay = errors.New("template folder")

// maxFile bounds an operator's file; a mail above 100,000 bytes is not sent.
const maxFile = 1 << 20

// Overlay lays the files of dir over the built-in templates: dir/mail/mail.css
// stands for the built-in mail/mail.css, and what dir does not have stays
// built in. An empty dir gives the built-in templates. Hidden files (.git,
// .DS_Store) are passed over. The files are read when they are opened.
func Overlay(dir string) (fs.FS, error) {
	if dir == "" {
		return builtin, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w (the setting templates: names a folder; leave it empty for the built-in templates)", ErrOverlay, err)
	}
	top := root.FS()
	var wrong []error
	walk := func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			return nil
		case name == ".":
			return nil
		case strings.HasPrefix(path.Base(name), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		if err := checkFile(top, name); err != nil {
			wrong = append(wrong, err)
		}
		return nil
	}
	if err := fs.WalkDir(top, ".", walk); err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		_ = root.Close()
		return nil, fmt.Errorf("%w %s: %w", ErrOverlay, dir, errors.Join(wrong...))
	}
	return overlay{top: top, base: builtin}, nil
}

// checkFile reports whether an operator's file stands for a built-in one and can
// be read.
func checkFile(top fs.FS, name string) error {
	if at, err := fs.Stat(builtin, name); err != nil || at.IsDir() {
		meant, _ := spelling.Nearest(name, Names())
		return fmt.Errorf("%s overrides nothing: no built-in template has that name; did you mean %s?", name, meant)
	}
	info, err := fs.Stat(top, name) // follows links, and refuses those that lead out
	switch {
	case err != nil:
		return fmt.Errorf("%s cannot be read: %w (a symbolic link must stay inside the folder)", name, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", name)
	case info.Size() > maxFile:
		return fmt.Errorf("%s has %d bytes; at most %d are read", name, info.Size(), maxFile)
	}
	return nil
}

// An overlay opens a file of top where there is one. Every file of top has its
// namesake in base, so that base alone lists the folders right.
type overlay struct{ top, base fs.FS }

var _ fs.FS = overlay{}

// Open gives the operator's file, or the built-in one where there is none.
func (o overlay) Open(name string) (fs.File, error) {
	if info, err := fs.Stat(o.base, name); err == nil && info.IsDir() {
		return o.base.Open(name)
	}
	f, err := o.top.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.base.Open(name)
	}
	return f, err
}

// Names lists the built-in files, for an operator who wants to override one.
func Names() []string {
	var names []string
	_ = fs.WalkDir(builtin, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names
}
