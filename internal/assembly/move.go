package assembly

import (
	"context"
	"errors"
	"strings"

	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/transfer"
)

// A MoveTarget is where a list is to go.
type MoveTarget struct {
	Database string // a file, or a server's URL
	Password string // of the server; "": the URL's, PGPASSWORD or a .pgpass
}

// Move moves the list to another database, or goes on with a move that was cut
// off; see package transfer.
func (m *Maker) Move(ctx context.Context, to MoveTarget, o transfer.Options) (report transfer.Report, err error) {
	from, close, err := m.moving(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, close()) }()
	target, closeTarget, err := openTarget(ctx, to)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, closeTarget()) }()
	return transfer.Run(ctx, from, target, o)
}

// Stay gives up a move that was cut off, and says where it was going.
func (m *Maker) Stay(ctx context.Context) (to string, err error) {
	from, close, err := m.moving(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, close()) }()
	return transfer.Stay(ctx, from)
}

// moving is the list's database as the end that a move leaves.
func (m *Maker) moving(ctx context.Context) (transfer.Store, func() error, error) {
	if m.in.Server != nil {
		return openedServer(postgres.OpenToMove(ctx, *m.in.Server, false))
	}
	db, err := sqlite.OpenToMove(ctx, m.in.Database, false)
	return openedFile(db, err)
}

func openTarget(ctx context.Context, to MoveTarget) (transfer.Store, func() error, error) {
	if strings.Contains(to.Database, "://") {
		return openedServer(postgres.OpenToMove(ctx, postgres.Options{URL: to.Database, Password: to.Password}, true))
	}
	return openedFile(sqlite.OpenToMove(ctx, to.Database, true))
}

func openedServer(db *postgres.DB, err error) (transfer.Store, func() error, error) {
	if err != nil {
		return nil, nil, err
	}
	return db.Transfer(), db.Close, nil
}

func openedFile(db *sqlite.DB, err error) (transfer.Store, func() error, error) {
	if err != nil {
		return nil, nil, err
	}
	return db.Transfer(), db.Close, nil
}
