package editors

import (
	"context"
	"time"

	"verdicts.example/digest/internal/edition"
)

// A Store keeps links, sessions and shares. What it does not find is ErrNotFound.
type Store interface {
	Links
	Sessions
	Shares
}

// Links log editors in.
type Links interface {
	// Ask has a link mailed to an editor, in the transaction that counts it; it
	// fails with ErrLimited when the editor was mailed AskMost in AskEvery.
	Ask(ctx context.Context, editor, next string, at time.Time) error
	// Link finds a link and changes nothing.
	Link(ctx context.Context, h Hash) (Link, error)
	// LogIn uses a link, if it passes its check at that time, and begins a session
	// of its editor, of which s has the rest. Of two at once one gets in.
	LogIn(ctx context.Context, link Hash, s Session, session Hash, at time.Time) (Session, error)
}

// Sessions are of browsers that editors logged in with.
type Sessions interface {
	// Session finds a session that nobody has ended.
	Session(ctx context.Context, h Hash) (Session, error)
	// Sessions lists an editor's that have not ended by then, the last seen first.
	Sessions(ctx context.Context, editor string, at time.Time) ([]Session, error)
	Seen(ctx context.Context, id int64, at time.Time) error
	// EndSession ends one of an editor's; one that has ended is no error.
	EndSession(ctx context.Context, editor string, id int64) error
	// EndSessions ends those of everybody but these editors, and what has expired.
	EndSessions(ctx context.Context, keep []string, at time.Time) error
}

// Shares are reviewers' links.
type Shares interface {
	AddShare(ctx context.Context, s Share, h Hash) error
	Share(ctx context.Context, h Hash) (Share, error)
	// Shares lists a week's, the newest first.
	Shares(ctx context.Context, w edition.Week) ([]Share, error)
	EndShare(ctx context.Context, w edition.Week, id int64, by string, at time.Time) error
}
