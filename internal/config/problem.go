package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// An origin says where a value came from, for error messages and config show.
type origin struct {
	where string // "config.yaml:12", "DIGEST_SMTP__HOST", "--set smtp.host"
	line  int
}

// A problem is one thing that is wrong with the settings.
type problem struct {
	where   string
	line    int    // 0: where is no file, or the file as a whole
	path    string // the key
	message string
}

func (p problem) String() string {
	if p.line > 0 {
		return p.where + ":" + strconv.Itoa(p.line) + ": " + p.message
	}
	if rest, ok := strings.CutPrefix(p.message, p.path+": "); ok && p.where == "--set "+p.path {
		return p.where + ": " + rest // the key is named once
	}
	return p.where + ": " + p.message
}

// ErrFlag is what a problem with a --set flag is, of the command line itself.
var ErrFlag = errors.New("a --set flag is wrong")

// A flagError is a problem with a --set flag.
type flagError struct{ text string }

func (e flagError) Error() string        { return e.text }
func (e flagError) Is(target error) bool { return target == ErrFlag }

func (p problem) asError() error {
	if strings.HasPrefix(p.where, "--set ") {
		return flagError{p.String()}
	}
	return errors.New(p.String())
}

// err joins every problem: those of the file by their lines, then the others.
func (c *Config) err() error {
	slices.SortStableFunc(c.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(min(b.line, 1), min(a.line, 1)), cmp.Compare(a.line, b.line))
	})
	var errs []error
	for _, p := range c.problems {
		errs = append(errs, p.asError())
	}
	return errors.Join(errs...)
}

// IsBroken reports whether a problem with a key, or with what it stands in, was
// found already.
func (c *Config) IsBroken(path string) bool {
	return slices.ContainsFunc(c.problems, func(p problem) bool {
		return p.path == path || len(p.path) > len(path) && p.path[:len(path)] == path && p.path[len(path)] == '['
	})
}

// problemf notes a problem with a key's value, once a key.
func (c *Config) problemf(path, format string, args ...any) {
	if c.IsBroken(path) {
		return
	}
	p := problem{where: c.where(path), path: path, message: path + ": " + fmt.Sprintf(format, args...)}
	if o, ok := c.origin[path]; ok && o.line > 0 && o.where == c.file+":"+strconv.Itoa(o.line) {
		p.where, p.line = c.file, o.line
	}
	c.problems = append(c.problems, p)
}

// Problem says of an error in a setting's value, which another package found,
// where the value stands. It is nil for a nil error.
func (c *Config) Problem(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", c.where(path), path, err)
}

func (c *Config) where(path string) string {
	if o, ok := c.origin[path]; ok {
		return o.where
	}
	if c.file != "" {
		return c.file
	}
	return "default"
}

// reason is a file's error without the operation and the path.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
