package sqlite

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/store/plainsql"
)

// withdrawReaders takes what is unsent of readers, none of whom may be mailed any
// more, out of the editions that are being sent; see delivery.State.Withdrawn.
func withdrawReaders(ctx context.Context, tx plainsql.Tx, ids []int64) error {
	where, arg := "subscriber_id = $1", any(nil)
	if len(ids) == 1 {
		arg = ids[0]
	} else {
		list, err := marshalled(ids)
		if err != nil {
			return err
		}
		where, arg = "subscriber_id IN (SELECT value FROM json_each($1))", list
	}
	_, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`
		WHERE edition_id IN (SELECT edition_id FROM sends WHERE finished_at = 0)
		  AND state IN (`+unsentStates+`) AND `+where, arg)
	if err != nil {
		return fmt.Errorf("withdraw deliveries: %w", err)
	}
	return nil
}
