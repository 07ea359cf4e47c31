package plainsql

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/inbound"
)

// EraseKept removes the kept mails that name an address.
func EraseKept(ctx context.Context, tx Tx, email string) error {
	var named [][]byte
	err := each(ctx, tx, func(rows Rows) error {
		var mail, raw []byte
		if err := rows.Scan(&mail, &raw); err != nil {
			return err
		}
		if inbound.Names(raw, email) {
			named = append(named, mail)
		}
		return nil
	}, `SELECT mail, raw FROM inbound_kept`)
	for _, mail := range named {
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM inbound_kept WHERE mail = $1`, mail)
		}
	}
	if err != nil {
		return fmt.Errorf("erase kept mails: %w", err)
	}
	return nil
}
