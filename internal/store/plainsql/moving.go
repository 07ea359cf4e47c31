package plainsql

import (
	"context"
	"encoding/json"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/transfer"
)

// Keys of meta for a move.
const (
	metaAway     = "away"      // JSON of elsewhere: the list has gone elsewhere
	metaProgress = "receiving" // JSON of transfer.Progress: it is coming from elsewhere
)

// elsewhere is where the list is.
type elsewhere struct {
	To   string `json:"to"`
	Done bool   `json:"done"`
}

// Moving is what a database says of a move of its list.
type Moving struct{ db DB }

// Moving gives the database's marks of a move.
func (db DB) Moving() Moving { return Moving{db} }

// Here fails with store.ErrElsewhere or store.ErrMoving where the list is not in
// this database.
func (m Moving) Here(ctx context.Context) error {
	to, done, err := m.Away(ctx)
	if err != nil {
		return err
	}
	at, _, err := m.Progress(ctx)
	if err != nil {
		return err
	}
	return store.Here(to, done, at.From)
}

// Away gives where the list is.
func (m Moving) Away(ctx context.Context) (to string, done bool, err error) {
	var a elsewhere
	_, err = m.read(ctx, metaAway, &a)
	return a.To, a.Done, err
}

// Progress gives how far the database has received a list.
func (m Moving) Progress(ctx context.Context) (at transfer.Progress, ok bool, err error) {
	ok, err = m.read(ctx, metaProgress, &at)
	return at, ok, err
}

// MarkAway marks where the list is; "": here.
func MarkAway(ctx context.Context, tx Tx, to string, done bool) error {
	if to == "" {
		return dropMeta(ctx, tx, metaAway)
	}
	return setMeta(ctx, tx, metaAway, elsewhere{to, done})
}

// BeginReceiving makes the database one that receives a list with its secret.
func BeginReceiving(ctx context.Context, tx Tx, secret []byte, at transfer.Progress) error {
	if _, err := tx.Exec(ctx, "UPDATE meta SET value = $1 WHERE key = 'secret'", secret); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM schedule_state"); err != nil {
		return err
	}
	return MarkReceived(ctx, tx, at)
}

// MarkReceived keeps how far the list has come.
func MarkReceived(ctx context.Context, tx Tx, at transfer.Progress) error {
	return setMeta(ctx, tx, metaProgress, at)
}

// EndReceiving makes the database one that holds the list.
func EndReceiving(ctx context.Context, tx Tx) error { return dropMeta(ctx, tx, metaProgress) }

func (m Moving) read(ctx context.Context, key string, into any) (ok bool, err error) {
	var value []byte
	err = m.db.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, "SELECT value FROM meta WHERE key = $1", key).Scan(&value)
	})
	if noRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(value, into)
}

func setMeta(ctx context.Context, tx Tx, key string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO meta (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}

func dropMeta(ctx context.Context, tx Tx, key string) error {
	_, err := tx.Exec(ctx, "DELETE FROM meta WHERE key = $1", key)
	return err
}
