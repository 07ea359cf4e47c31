package library

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"verdicts.example/digest/internal/fetch"
)

// maxPage bounds what is read of a page; the real ones have about 8 KB of text.
const maxPage = 5 << 20

// A Getter gets a page; *fetch.Client is one.
type Getter interface {
	Get(ctx context.Context, url string) ([]byte, error)
}

var _ Getter = (*fetch.Client)(nil)

// ReadSource reads a page or a comparison from a file, from an http or https
// URL, or for "-" from stdin, and gives the name to call it by.
func ReadSource(ctx context.Context, web Getter, stdin io.Reader, source string) (name string, data []byte, err error) {
	name = source
	switch {
	case source == "-":
		name = "standard input"
		data, err = io.ReadAll(io.LimitReader(stdin, maxPage+1))
	case strings.HasPrefix(source, "https://"), strings.HasPrefix(source, "http://"):
		if data, err = web.Get(ctx, source); err != nil {
			return "", nil, err // it names the URL, without its password or query
		}
		name = fetch.Shown(source)
	default:
		var f *os.File
		if f, err = os.Open(source); err != nil {
			return "", nil, err
		}
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxPage+1))
	}
	if err != nil {
		return "", nil, fmt.Errorf("read %s: %w", source, err)
	}
	if len(data) > maxPage {
		return "", nil, fmt.Errorf("%s: is larger than %d MiB, too large for a comparison", name, maxPage>>20)
	}
	return name, data, nil
}
