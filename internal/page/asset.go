package page

import (
	"fmt"
	"io/fs"
)

// An Asset is a file that pages refer to. Its address holds its content's hash.
type Asset struct {
	Path string
	*Answer
}

// A File is a part of an asset.
type File struct {
	FS   fs.FS
	Name string
}

// Sheet joins style sheets to one, served at prefix and its hash, such as
// "/assets/site.".
func Sheet(prefix string, files ...File) (Asset, error) {
	var css []byte
	for _, f := range files {
		b, err := fs.ReadFile(f.FS, f.Name)
		if err != nil {
			return Asset{}, fmt.Errorf("read a style sheet: %w", err)
		}
		css = append(css, b...)
	}
	return Asset{Path: prefix + hash(css) + ".css", Answer: NewAnswer("text/css; charset=utf-8", Immutable, css)}, nil
}
