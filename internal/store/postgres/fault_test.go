package postgres

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"verdicts.example/digest/internal/store"
)

// Servers that cannot be reached are one line, with each server once.
func TestAwayInOneLine(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Options{URL: "postgres://digest@127.0.0.1:1,127.0.0.1:2/list?sslmode=prefer"})
	if !errors.Is(err, store.ErrAway) {
		t.Fatalf("got %v, want store.ErrAway", err)
	}
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		t.Errorf("got %v, want it to be pgx's error still", err)
	}
	text := err.Error()
	if strings.Contains(text, "\n") || strings.Count(text, "127.0.0.1:1 ") != 1 || strings.Count(text, "127.0.0.1:2 ") != 1 || strings.Count(text, "connection refused") != 2 || strings.Contains(text, "dial") {
		t.Errorf("got %q, want each server once, in one line, and that it refused", text)
	}
	t.Log(text)
}
