package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
)

// Editors keeps what logs editors in, and reviewers' links.
type Editors struct{ db *DB }

var _ editors.Store = Editors{}

// Editors gives the database's links and sessions of the desk.
func (db *DB) Editors() Editors { return Editors{db} }

// Ask has a link mailed to an editor.
func (s Editors) Ask(ctx context.Context, editor, next string, at time.Time) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		var lately int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM outbox WHERE kind = ? AND recipient = ? AND created_at > ?",
			outbox.KindLogin, editor, toMillis(at.Add(-editors.AskEvery))).Scan(&lately)
		if err != nil {
			return err
		}
		if lately >= editors.AskMost {
			return editors.ErrLimited
		}
		key := fmt.Sprintf("%s:%s:%d:%d", outbox.KindLogin, editor, toMillis(at), lately)
		return tell(ctx, tx, outbox.Login{Next: next}, sql.NullInt64{}, editor, key, at)
	})
	if err != nil {
		return fmt.Errorf("ask for a login link: %w", err)
	}
	return nil
}

// ComposeLogin makes the link of an event that waits, and gives its token. Each
// attempt at the mail has a link of its own. An ask that is too old gets none.
func (o Outbox) ComposeLogin(ctx context.Context, e outbox.Event, next string, at time.Time) (string, error) {
	if at.Sub(e.CreatedAt) > editors.AskStale {
		return "", fmt.Errorf("compose a login link: %w: it was asked for too long ago", outbox.ErrWithdrawn)
	}
	token := editors.NewToken()
	hash := token.Hash()
	err := o.db.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM desk_logins WHERE expires_at < ?", toMillis(at.Add(-editors.AskEvery))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO desk_logins (token_sha256, editor, next, expires_at) VALUES (?, ?, ?, ?)",
			hash[:], e.Recipient, next, toMillis(at.Add(editors.LinkFor)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose a login link: %w", err)
	}
	return token.String(), nil
}

// Link finds a link.
func (s Editors) Link(ctx context.Context, h editors.Hash) (editors.Link, error) {
	return loginLink(ctx, s.db.r, h)
}

func loginLink(ctx context.Context, from querier, h editors.Hash) (l editors.Link, err error) {
	var expires, used int64
	err = from.QueryRowContext(ctx, "SELECT editor, next, expires_at, used_at FROM desk_logins WHERE token_sha256 = ?", h[:]).
		Scan(&l.Editor, &l.Next, &expires, &used)
	l.ExpiresAt, l.UsedAt = fromMillis(expires), fromMillis(used)
	return l, missing("read a login link", err)
}

// missing makes a row that is not there editors.ErrNotFound.
func missing(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return editors.ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// LogIn uses a link and begins a session.
func (s Editors) LogIn(ctx context.Context, link editors.Hash, x editors.Session, session editors.Hash, at time.Time) (editors.Session, error) {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		l, err := loginLink(ctx, tx, link)
		if err == nil {
			err = l.Check(at)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE desk_logins SET used_at = ? WHERE token_sha256 = ?", toMillis(at), link[:]); err != nil {
			return err
		}
		x.Editor = l.Editor
		return tx.QueryRowContext(ctx, `
			INSERT INTO desk_sessions (token_sha256, editor, browser, began_at, seen_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			session[:], x.Editor, x.Browser, toMillis(x.BeganAt), toMillis(x.SeenAt), toMillis(x.ExpiresAt)).Scan(&x.ID)
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
	x.BeganAt, x.SeenAt, x.ExpiresAt = fromMillis(began), fromMillis(seen), fromMillis(expires)
	return x, err
}

// Session finds a session.
func (s Editors) Session(ctx context.Context, h editors.Hash) (editors.Session, error) {
	x, err := scanSession(s.db.r.QueryRowContext(ctx, "SELECT "+sessionColumns+" FROM desk_sessions WHERE token_sha256 = ?", h[:]).Scan)
	return x, missing("read a session", err)
}

// Sessions lists an editor's.
func (s Editors) Sessions(ctx context.Context, editor string, at time.Time) ([]editors.Session, error) {
	return rowsOf(ctx, s.db, func(rows *sql.Rows) (editors.Session, error) { return scanSession(rows.Scan) },
		"SELECT "+sessionColumns+" FROM desk_sessions WHERE editor = ? AND expires_at > ? ORDER BY seen_at DESC, id DESC", editor, toMillis(at))
}

// Seen keeps that a session was seen.
func (s Editors) Seen(ctx context.Context, id int64, at time.Time) error {
	return Desk(s).exec(ctx, "UPDATE desk_sessions SET seen_at = ? WHERE id = ?", toMillis(at), id)
}

// EndSession ends one of an editor's.
func (s Editors) EndSession(ctx context.Context, editor string, id int64) error {
	return Desk(s).exec(ctx, "DELETE FROM desk_sessions WHERE editor = ? AND id = ?", editor, id)
}

// EndSessions ends those of everybody but these editors.
func (s Editors) EndSessions(ctx context.Context, keep []string, at time.Time) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM desk_sessions WHERE expires_at <= ?", toMillis(at)); err != nil {
			return err
		}
		return endOthers(ctx, tx, keep)
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

func endOthers(ctx context.Context, tx *sql.Tx, keep []string) error {
	args := make([]any, len(keep))
	marks := ""
	for i, e := range keep {
		args[i] = e
		marks += ", ?"
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM desk_sessions WHERE editor COLLATE NOCASE NOT IN (''"+marks+")", args...)
	return err
}

// AddShare keeps a reviewer's link.
func (s Editors) AddShare(ctx context.Context, x editors.Share, h editors.Hash) error {
	return Desk(s).exec(ctx, "INSERT INTO desk_shares (token_sha256, week, by, made_at) VALUES (?, ?, ?, ?)",
		h[:], x.Week.String(), x.By, toMillis(x.MadeAt))
}

const shareColumns = "id, week, by, made_at, ended_at, ended_by"

func scanShare(scan func(...any) error) (x editors.Share, err error) {
	var week string
	var made, ended int64
	if err = scan(&x.ID, &week, &x.By, &made, &ended, &x.EndedBy); err != nil {
		return x, err
	}
	x.MadeAt, x.EndedAt = fromMillis(made), fromMillis(ended)
	x.Week, err = edition.ParseWeek(week)
	return x, err
}

// Share finds a reviewer's link.
func (s Editors) Share(ctx context.Context, h editors.Hash) (editors.Share, error) {
	x, err := scanShare(s.db.r.QueryRowContext(ctx, "SELECT "+shareColumns+" FROM desk_shares WHERE token_sha256 = ?", h[:]).Scan)
	return x, missing("read a reviewer's link", err)
}

// Shares lists a week's.
func (s Editors) Shares(ctx context.Context, w edition.Week) ([]editors.Share, error) {
	return rowsOf(ctx, s.db, func(rows *sql.Rows) (editors.Share, error) { return scanShare(rows.Scan) },
		"SELECT "+shareColumns+" FROM desk_shares WHERE week = ? ORDER BY id DESC", w.String())
}

// EndShare ends a reviewer's link.
func (s Editors) EndShare(ctx context.Context, w edition.Week, id int64, by string, at time.Time) error {
	return Desk(s).exec(ctx, "UPDATE desk_shares SET ended_at = ?, ended_by = ? WHERE week = ? AND id = ? AND ended_at = 0",
		toMillis(at), by, w.String(), id)
}
