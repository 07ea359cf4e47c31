package plainsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Editors keeps what logs editors in, and reviewers' links.
type Editors struct{ DB }

var _ editors.Store = Editors{}

// Ask has a link mailed to an editor. The address is held, so that two nodes
// count one after the other.
func (s Editors) Ask(ctx context.Context, editor, next string, at time.Time) error {
	err := s.Write(ctx, func(tx Tx) error {
		if a, err := subscribers.ParseAddress(editor); err == nil { // else it is held by nothing, and limited all the same
			if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
				return err
			}
		}
		var lately int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM outbox WHERE kind = $1 AND recipient = $2 AND created_at > $3",
			string(outbox.KindLogin), editor, column.Millis(at.Add(-editors.AskEvery))).Scan(&lately)
		if err != nil {
			return err
		}
		if err := editors.MayAsk(lately); err != nil {
			return err
		}
		key := fmt.Sprintf("%s:%s:%d:%d", outbox.KindLogin, editor, column.Millis(at), lately)
		return tell(ctx, tx, outbox.Login{Next: next}, nil, editor, key, at)
	})
	if err != nil {
		return fmt.Errorf("ask for a login link: %w", err)
	}
	return nil
}

// Link finds a link.
func (s Editors) Link(ctx context.Context, h editors.Hash) (l editors.Link, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		l, err = loginLink(ctx, tx, h, "")
		return err
	})
	return l, err
}

func loginLink(ctx context.Context, from Tx, h editors.Hash, lock string) (l editors.Link, err error) {
	var expires, used int64
	err = from.QueryRow(ctx, "SELECT editor, next, expires_at, used_at FROM desk_logins WHERE token_sha256 = $1"+lock, h[:]).
		Scan(&l.Editor, &l.Next, &expires, &used)
	l.ExpiresAt, l.UsedAt = column.Time(expires), column.Time(used)
	return l, missing("read a login link", err)
}

// missing makes a row that is not there editors.ErrNotFound.
func missing(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case noRows(err):
		return editors.ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// LogIn uses a link and begins a session.
func (s Editors) LogIn(ctx context.Context, link editors.Hash, x editors.Session, session editors.Hash, at time.Time) (editors.Session, error) {
	err := s.Write(ctx, func(tx Tx) error {
		l, err := loginLink(ctx, tx, link, tx.Dialect().HoldRow)
		if err == nil {
			err = l.Check(at)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE desk_logins SET used_at = $1 WHERE token_sha256 = $2", column.Millis(at), link[:]); err != nil {
			return err
		}
		x.Editor = l.Editor
		return tx.QueryRow(ctx, `
			INSERT INTO desk_sessions (token_sha256, editor, browser, began_at, seen_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			session[:], x.Editor, x.Browser, column.Millis(x.BeganAt), column.Millis(x.SeenAt), column.Millis(x.ExpiresAt)).Scan(&x.ID)
	})
	if err != nil {
		return x, fmt.Errorf("log in: %w", err)
	}
	return x, nil
}

const sessionColumns = "id, editor, browser, began_at, seen_at, expires_at"

func scanSession(scan func(...any) error) (x editors.Session, err error) {
	var began, seen, expires int64
	err = scan(&x.ID, &x.Editor, &x.Browser, &began, &seen, &expires)
	x.BeganAt, x.SeenAt, x.ExpiresAt = column.Time(began), column.Time(seen), column.Time(expires)
	return x, err
}

// Session finds a session.
func (s Editors) Session(ctx context.Context, h editors.Hash) (x editors.Session, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		x, err = scanSession(tx.QueryRow(ctx, "SELECT "+sessionColumns+" FROM desk_sessions WHERE token_sha256 = $1", h[:]).Scan)
		return missing("read a session", err)
	})
	return x, err
}

// Sessions lists an editor's.
func (s Editors) Sessions(ctx context.Context, editor string, at time.Time) ([]editors.Session, error) {
	return listOf(ctx, s.DB, func(row Rows) (editors.Session, error) { return scanSession(row.Scan) },
		"SELECT "+sessionColumns+` FROM desk_sessions
		WHERE editor = $1 AND expires_at > $2 ORDER BY seen_at DESC, id DESC`, editor, column.Millis(at))
}

// Seen keeps that a session was seen.
func (s Editors) Seen(ctx context.Context, id int64, at time.Time) error {
	return Desk(s).exec(ctx, "UPDATE desk_sessions SET seen_at = $1 WHERE id = $2", column.Millis(at), id)
}

// EndSession ends one of an editor's.
func (s Editors) EndSession(ctx context.Context, editor string, id int64) error {
	return Desk(s).exec(ctx, "DELETE FROM desk_sessions WHERE editor = $1 AND id = $2", editor, id)
}

// EndSessions ends those of everybody but these editors.
func (s Editors) EndSessions(ctx context.Context, keep []string, at time.Time) error {
	args := []any{column.Millis(at)}
	var marks strings.Builder
	for _, e := range keep {
		args = append(args, strings.ToLower(e))
		fmt.Fprintf(&marks, ", $%d", len(args))
	}
	return Desk(s).exec(ctx, "DELETE FROM desk_sessions WHERE expires_at <= $1 OR lower(editor) NOT IN (''"+marks.String()+")", args...)
}

// AddShare keeps a reviewer's link.
func (s Editors) AddShare(ctx context.Context, x editors.Share, h editors.Hash) error {
	return Desk(s).exec(ctx, "INSERT INTO desk_shares (token_sha256, week, by, made_at) VALUES ($1, $2, $3, $4)",
		h[:], x.Week.String(), x.By, column.Millis(x.MadeAt))
}

const shareColumns = "id, week, by, made_at, ended_at, ended_by"

func scanShare(scan func(...any) error) (x editors.Share, err error) {
	var week string
	var made, ended int64
	if err = scan(&x.ID, &week, &x.By, &made, &ended, &x.EndedBy); err != nil {
		return x, err
	}
	x.MadeAt, x.EndedAt = column.Time(made), column.Time(ended)
	x.Week, err = edition.ParseWeek(week)
	return x, err
}

// Share finds a reviewer's link.
func (s Editors) Share(ctx context.Context, h editors.Hash) (x editors.Share, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		x, err = scanShare(tx.QueryRow(ctx, "SELECT "+shareColumns+" FROM desk_shares WHERE token_sha256 = $1", h[:]).Scan)
		return missing("read a reviewer's link", err)
	})
	return x, err
}

// Shares lists a week's.
func (s Editors) Shares(ctx context.Context, w edition.Week) ([]editors.Share, error) {
	return ofWeek(ctx, s.DB, "SELECT "+shareColumns+" FROM desk_shares WHERE week = $1 ORDER BY id DESC", w,
		func(row Rows) (editors.Share, error) { return scanShare(row.Scan) })
}

// EndShare ends a reviewer's link.
func (s Editors) EndShare(ctx context.Context, w edition.Week, id int64, by string, at time.Time) error {
	return Desk(s).exec(ctx, "UPDATE desk_shares SET ended_at = $1, ended_by = $2 WHERE week = $3 AND id = $4 AND ended_at = 0",
		column.Millis(at), by, w.String(), id)
}
