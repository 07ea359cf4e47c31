package library_test

import (
	"context"
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

// page is a Getter of one page.
type page string

func (p page) Get(context.Context, string) ([]byte, error) { return []byte(p), nil }

// What is said of a fetched page names it without its query, which may hold a
// secret.
func TestReadSourceNamesThePageWithoutItsQuery(t *testing.T) {
	t.Parallel()
	name, data, err := library.ReadSource(t.Context(), page("text"), nil, "https://site.example/x.txt?key=secret")
	if want := "https://site.example/x.txt?…"; err != nil || name != want || string(data) != "text" {
		t.Errorf("got %q, %q, %v, want %q", name, data, err, want)
	}
}
