package plainsql

import (
	"context"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// EditionOf gives the edition of a week with its items, else ErrNotFound.
func EditionOf(ctx context.Context, q Tx, w edition.Week) (edition.Edition, error) {
	return readEdition(ctx, q, w, "")
}

func readEdition(ctx context.Context, q Tx, w edition.Week, lock string) (edition.Edition, error) {
	list, err := queryEditions(ctx, q, "WHERE e.week = $1", []any{w.String()}, lock)
	if err != nil {
		return edition.Edition{}, err
	}
	if len(list) == 0 {
		return edition.Edition{}, fmt.Errorf("edition %s: %w", w, edition.ErrNotFound)
	}
	return list[0], nil
}

// queryEditions reads the editions that a WHERE clause over e picks, with their
// items, the oldest week first.
func queryEditions(ctx context.Context, q Tx, where string, args []any, lock string) ([]edition.Edition, error) {
	list, err := scanEditions(ctx, q, where, args, lock)
	if err == nil {
		err = addItems(ctx, q, where, args, list)
	}
	if err != nil {
		return nil, fmt.Errorf("read editions: %w", err)
	}
	return list, nil
}

func scanEditions(ctx context.Context, q Tx, where string, args []any, lock string) (list []edition.Edition, err error) {
	err = each(ctx, q, func(rows Rows) error {
		e, err := scanEdition(rows)
		list = append(list, e)
		return err
	}, `
		SELECT e.id, e.week, e.state,
		       e.slot, e.since, e.cutoff,
		       e.subject, e.preheader,
		       e.hash, e.approved_hash, e.approved_by, e.needs_approval, e.skipped_by, e.pause_reason, e.edits_version,
		       e.created_at, e.built_at, e.frozen_at, e.finished_at
		FROM editions e `+where+`
		ORDER BY e.week`+lock, args...)
	return list, err
}

func scanEdition(rows Rows) (edition.Edition, error) {
	var (
		e                                edition.Edition
		week, state                      string
		slot, since, cutoff              int64
		created, built, frozen, finished int64
	)
	err := rows.Scan(
		&e.ID, &week, &state,
		&slot, &since, &cutoff,
		&e.Subject, &e.Preheader,
		&e.Hash, &e.ApprovedHash, &e.ApprovedBy, &e.NeedsApproval, &e.SkippedBy, &e.PauseReason, &e.EditsVersion,
		&created, &built, &frozen, &finished,
	)
	if err != nil {
		return e, err
	}
	if e.Week, err = edition.ParseWeek(week); err != nil {
		return e, err
	}
	e.State = edition.State(state)
	e.Slot, e.Since, e.Cutoff = column.Time(slot), column.Time(since), column.Time(cutoff)
	e.CreatedAt, e.BuiltAt = column.Time(created), column.Time(built)
	e.FrozenAt, e.FinishedAt = column.Time(frozen), column.Time(finished)
	return e, nil
}

// addItems reads the items of the same editions and hangs them in.
func addItems(ctx context.Context, q Tx, where string, args []any, list []edition.Edition) error {
	byID := make(map[int64]*edition.Edition, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return each(ctx, q, func(rows Rows) error {
		var (
			id      int64
			carried bool
			it      edition.Item
			facts   []byte
			unread  []byte
		)
		if err := rows.Scan(&id, &carried, &it.Slug, &it.Tools[0], &it.Tools[1], &facts, &unread); err != nil {
			return err
		}
		if len(facts) > 0 {
			if err := json.Unmarshal(facts, &it.Facts); err != nil {
				return fmt.Errorf("facts of item %s: %w", it.Slug, err)
			}
		}
		if len(unread) > 0 {
			if err := json.Unmarshal(unread, &it.Unread); err != nil {
				return fmt.Errorf("unread item %s: %w", it.Slug, err)
			}
		}
		if e := byID[id]; e != nil && carried {
			e.Carried = append(e.Carried, it)
		} else if e != nil {
			e.Items = append(e.Items, it)
		}
		return nil
	}, `
		SELECT i.edition_id, i.carried, i.slug, i.tool_a, i.tool_b, i.facts, i.unread
		FROM edition_items i JOIN editions e ON e.id = i.edition_id `+where+`
		ORDER BY i.edition_id, i.carried, i.position`, args...)
}
