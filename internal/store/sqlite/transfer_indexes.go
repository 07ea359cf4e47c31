package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// metaIndexes holds, in the end that receives a list, how the indexes are made that
// it does without until the list is there: to fill them row by row, in random order,
// took longer than all the rest of a move.
const metaIndexes = "receiving_indexes"

// dropAllIndexes drops every index that is made by a statement, and keeps how.
func dropAllIndexes(ctx context.Context, tx *sql.Tx) error {
	names, err := queryTexts(ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1")
	if err != nil {
		return err
	}
	made, err := queryTexts(ctx, tx, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
	if err != nil || len(made) == 0 {
		return err
	}
	list, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?)", metaIndexes, list); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, `DROP INDEX "`+name+`"`); err != nil {
			return err
		}
	}
	return nil
}

// makeAllIndexes makes what dropAllIndexes dropped.
func makeAllIndexes(ctx context.Context, tx *sql.Tx) error {
	var list []byte
	err := tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", metaIndexes).Scan(&list)
	if errors.Is(err, sql.ErrNoRows) { // begun by a program that kept them
		return nil
	}
	if err != nil {
		return err
	}
	var made []string
	if err := json.Unmarshal(list, &made); err != nil {
		return fmt.Errorf("read how the indexes are made: %w", err)
	}
	if err := makeIndexes(ctx, tx, made); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM meta WHERE key = ?", metaIndexes)
	return err
}
