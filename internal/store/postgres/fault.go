package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"verdicts.example/digest/internal/store"
)

// sqlState is the server's SQLSTATE of an error; "" where the server said none.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// again reports whether a transaction was undone for another's sake: a
// serialization failure or a deadlock. Nothing of it holds.
func again(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// away reports whether the server cannot be reached, or takes no writes now: it
// shuts down, starts up, has no room for a connection, or is a standby.
func away(err error) bool {
	if err == nil || errors.Is(err, ErrMoved) || errors.Is(err, context.Canceled) {
		return false
	}
	var network net.Error
	switch state := sqlState(err); {
	case state == "57P01", state == "57P02", state == "57P03", state == "53300", state == "25006", state == "57P05":
		return true
	case strings.HasPrefix(state, "08") && state != "08P01", state == "08P01" && poolerLost(err):
		return true
	case state != "":
		return false
	case errors.Is(err, errStandby), errors.Is(err, errFormer), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	case errors.As(err, &network), errors.Is(err, net.ErrClosed):
		return true
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed")
}

// poolerLost reports whether it is PgBouncer that has lost its server, or gets no
// connection to it: it says so with the code of a broken protocol.
func poolerLost(err error) bool {
	for _, words := range []string{"server conn crashed", "server_login_retry", "cannot connect to server", "query_wait_timeout", "server closed the connection", "pgbouncer is shutting down"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// fault makes store.ErrAway, ErrDisk or ErrBusy of what is one; other errors it gives as
// they are.
func (db *DB) fault(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrDisk), errors.Is(err, ErrInDoubt):
		return err
	case away(err):
		return store.Away(inOneLine(err))
	case sqlState(err) == "53100": // the server's disk
		return fmt.Errorf("%w: %w (%w)", store.ErrDisk, err, syscall.ENOSPC)
	case strings.HasPrefix(sqlState(err), "53"), strings.HasPrefix(sqlState(err), "58"): // no room; input and output
		return fmt.Errorf("%w: %w", store.ErrDisk, err)
	case again(err), sqlState(err) == "55P03":
		return fmt.Errorf("%w (%w)", ErrBusy, err)
	default:
		return err
	}
}

// explain says what to do about a failure to open.
func explain(err error) error {
	switch sqlState(err) {
	case "28P01", "28000":
		return fmt.Errorf("%w: %w; the password comes from database_password_file, PGPASSWORD or a .pgpass", ErrRefused, err)
	case "3D000":
		return fmt.Errorf("%w; make it: createdb --owner ROLE NAME", err)
	case "42501":
		return fmt.Errorf("%w; the role needs CREATE on the database once, or an administrator's CREATE SCHEMA digest AUTHORIZATION ROLE", err)
	}
	if text := fmt.Sprint(err); strings.Contains(text, "statement pooling mode") || sqlState(err) == "26000" || sqlState(err) == "42P05" {
		return fmt.Errorf("%w: %w; use transaction mode, with max_prepared_statements or default_query_exec_mode=exec in the URL", ErrPooler, err)
	}
	if away(err) {
		return store.Away(inOneLine(err))
	}
	return err
}

// inOneLine has each of a URL's servers say in one line why it cannot be used: where TLS
// is tried first, only what came last counts.
func inOneLine(err error) error {
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		return err
	}
	lines := strings.Split(err.Error(), "\n\t")
	var why []string
	for i, line := range lines[1:] {
		server, _, _ := strings.Cut(line, ": ")
		if next := i + 2; next < len(lines) && strings.HasPrefix(lines[next], server+": ") {
			continue
		}
		why = append(why, line)
	}
	return &shortError{dialing.ReplaceAllString(strings.TrimSpace(lines[0])+" "+strings.Join(why, "; "), "$1"), err}
}

// dialing is how Go begins to say why a server cannot be reached, which has been named
// by then.
var dialing = regexp.MustCompile(`(\): )dial error: dial tcp \S+: (?:connect: )?`)

// A shortError says less than the error that it is.
type shortError struct {
	text string
	error
}

func (e *shortError) Error() string { return strings.TrimSpace(e.text) }
func (e *shortError) Unwrap() error { return e.error }
