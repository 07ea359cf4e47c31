package library_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/library"
)

// An error of a URL is the fetch's: it names the URL once, without its query.
func TestReadSourceNamesTheURLOnce(t *testing.T) {
	t.Parallel()
	const page = "http://127.0.0.1:1/verdicts"
	_, _, err := library.ReadSource(t.Context(), fetch.New(fetch.Options{}), nil, page+"?key=secret")
	if err == nil || strings.Count(err.Error(), page) != 1 || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error that has %s once and no query", err, page)
	}
}
