package sqlite

import (
	"encoding/json"
	"fmt"
	"slices"

	"verdicts.example/digest/subscribers"
)

// putHashedAside takes the suppressions without an address out of a batch: whose
// they are is looked for once, when everybody else is there.
func (im *importer) putHashedAside(rows []subscribers.ImportRow) ([]subscribers.ImportRow, error) {
	if !slices.ContainsFunc(rows, subscribers.ImportRow.Hashed) {
		return rows, nil
	}
	rest := rows[:0:0]
	for _, r := range rows {
		if !r.Hashed() {
			rest = append(rest, r)
			continue
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		if _, err := im.tx.ExecContext(im.Ctx, "INSERT INTO temp.hashed (hash, row) VALUES (?, ?)", r.Address.Hash, string(raw)); err != nil {
			return nil, fmt.Errorf("put a hash aside: %w", err)
		}
	}
	return rest, nil
}

// mergeHashed merges them, with one pass over the list.
func (im *importer) mergeHashed() error {
	if err := im.findHashed(); err != nil {
		return fmt.Errorf("find whose hashes they are: %w", err)
	}
	for from := int64(0); ; {
		rows, last, err := im.readAside("hashed", from)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := im.mergeHash(r); err != nil {
				return err
			}
		}
		from = last
	}
}

// findHashed gives the rows whose address is on the list that address.
func (im *importer) findHashed() error {
	var any bool
	if err := im.tx.QueryRowContext(im.Ctx, "SELECT EXISTS (SELECT 1 FROM temp.hashed)").Scan(&any); err != nil || !any {
		return err
	}
	if _, err := im.tx.ExecContext(im.Ctx, "CREATE INDEX temp.hashed_hash ON hashed (hash)"); err != nil {
		return err
	}
	_, err := im.tx.ExecContext(im.Ctx, `UPDATE temp.hashed SET row = json_set(hashed.row, '$.Address.Email', s.email)
		FROM subscribers s CROSS JOIN temp.hashed h ON h.hash = s.address_hash
		WHERE hashed.id = h.id AND s.email <> ''`)
	return err
}

// mergeHash merges one. Its address is filled in if somebody on the list has the
// first half of the hash; the whole of it decides.
func (im *importer) mergeHash(r subscribers.ImportRow) error {
	if r.Address.Email == "" {
		return im.MergeUnlisted(r)
	}
	a, err := subscribers.ParseAddress(r.Address.Email)
	switch {
	case err != nil:
		return err
	case a.SHA256 == r.Address.SHA256:
		return im.MergeListed(r, a)
	}
	return im.MergeUnlisted(r)
}
