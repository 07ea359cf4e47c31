package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	"verdicts.example/digest/internal/strictyaml"
)

// A Follower gives the settings as their file has them now. A file that breaks a
// rule leaves the last good ones, with the error. It is safe for concurrent use.
type Follower struct {
	src   Sources
	fixed bool // the file is a pipe, which is read once

	mu   sync.Mutex
	seen []byte // the file as it was read last; nil: it could not be
	good *Config
	of   string // the sum of the file that good was read from
	err  error
}

// Follow makes a follower of settings that were read from the sources.
func Follow(src Sources, now *Config) *Follower {
	f := &Follower{src: src, good: now}
	if info, err := os.Stat(src.File); err == nil && !info.Mode().IsRegular() {
		f.fixed = true
		return f
	}
	f.seen, _ = os.ReadFile(src.File) // one that cannot be read, Now reports
	f.of = sum(f.seen)
	return f
}

// Now reads the file again if it has changed. The error is of the file as it is
// now, and the settings are then the last good ones.
func (f *Follower) Now() (*Config, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fixed {
		return f.good, nil
	}
	data, err := os.ReadFile(f.src.File)
	if err != nil {
		data = nil
	}
	if (data == nil) == (f.seen == nil) && bytes.Equal(data, f.seen) {
		return f.good, f.err
	}
	f.seen = data
	if now, err := Load(f.src); err != nil {
		f.err = err
	} else {
		f.good, f.of, f.err = now, sum(data), nil
	}
	return f.good, f.err
}

// Version tells the last good settings from those before.
func (f *Follower) Version() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// Differences names the settings that differ: "edition.max".
func Differences(a, b *Config) []string {
	out := differences(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem(), "")
	slices.Sort(out)
	return out
}

func differences(a, b reflect.Value, path string) (out []string) {
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		at := strictyaml.Join(path, key)
		switch {
		case isSection(field.Type):
			out = append(out, differences(a.Field(i), b.Field(i), at)...)
		case !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()):
			out = append(out, at)
		}
	}
	return out
}
