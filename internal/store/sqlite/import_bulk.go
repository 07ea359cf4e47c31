package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// startBulk makes this a bulk import: it drops the unique indexes; the rows that
// are certainly new are appended, and endBulk builds the indexes and merges the
// others. A Bloom filter tells which are which: of a million new rows it takes
// about 13 for known that are not, beside a million known ones about 200, which
// costs them time only.
func (im *importer) startBulk() error {
	im.seen = newBloom()
	if err := im.fill(); err != nil {
		return err
	}
	var err error
	im.indexes, err = dropIndexes(im.Ctx, im.tx)
	return err
}

// endBulk ends a bulk import, if it is one.
func (im *importer) endBulk() error {
	if im.seen == nil {
		return nil
	}
	if err := makeIndexes(im.Ctx, im.tx, im.indexes); err != nil {
		return err
	}
	return im.mergeLater()
}

// fill puts everybody on the list into the filter, addresses and tokens.
func (im *importer) fill() error {
	rows, err := im.tx.QueryContext(im.Ctx, "SELECT address_hash, token FROM subscribers")
	if err != nil {
		return err
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var hash int64
		var token subscribers.Token
		if err := rows.Scan(&hash, (*column.Token)(&token)); err != nil {
			return err
		}
		im.seen.add(uint64(hash)) // the bits are what counts
		im.seen.add(tokenBits(token))
	}
	return rows.Err()
}

// withoutIndexes runs fn, which takes so many rows out of the list: rebuilding its
// indexes is faster than taking that many out of them.
func withoutIndexes(ctx context.Context, tx *sql.Tx, rows int64, fn func() error) (err error) {
	var indexes []string
	if rows > bulkBelow {
		if indexes, err = dropIndexes(ctx, tx); err != nil {
			return err
		}
	}
	if err := fn(); err != nil {
		return err
	}
	return makeIndexes(ctx, tx, indexes)
}

// dropIndexes drops the list's indexes and gives how they are made.
func dropIndexes(ctx context.Context, tx *sql.Tx) (made []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'subscribers' AND sql IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer rows.Close() // rows.Err says it
	var names []string
	for rows.Next() {
		var name, index string
		if err := rows.Scan(&name, &index); err != nil {
			return nil, err
		}
		names, made = append(names, name), append(made, index)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, `DROP INDEX "`+name+`"`); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// makeIndexes makes what dropIndexes dropped.
func makeIndexes(ctx context.Context, tx *sql.Tx, made []string) error {
	for _, index := range made {
		if _, err := tx.ExecContext(ctx, index); err != nil {
			return fmt.Errorf("build index: %w", err)
		}
	}
	return nil
}

// appendNew appends a batch's rows that are certainly new and puts the others
// aside.
func (im *importer) appendNew(rows []subscribers.ImportRow) error {
	fresh, later := rows[:0:0], rows[:0:0]
	for _, r := range rows {
		known := im.seen.add(uint64(r.Address.Hash)) // the bits are what counts
		if r.Given.Token && im.seen.add(tokenBits(r.Token)) {
			known = true
		}
		if known {
			later = append(later, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	known := make([]subscribers.Known, len(fresh))
	if err := im.LookUpSuppressions(fresh, known); err != nil {
		return err
	}
	if err := im.Apply(fresh, known); err != nil {
		return err
	}
	if len(later) == 0 {
		return nil
	}
	list, err := json.Marshal(later)
	if err != nil {
		return err
	}
	_, err = im.tx.ExecContext(im.Ctx, "INSERT INTO temp.later (row) SELECT value FROM json_each(?)", string(list))
	return err
}

// mergeLater merges the rows that were put aside.
func (im *importer) mergeLater() error {
	for from := int64(0); ; {
		rows, last, err := im.readAside("later", from)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := plainsql.MergeRows(im, rows); err != nil {
			return err
		}
		from = last
	}
}

// readAside reads rows that were put aside into a temporary table.
func (im *importer) readAside(table string, from int64) (batch []subscribers.ImportRow, last int64, err error) {
	rows, err := im.tx.QueryContext(im.Ctx, "SELECT id, row FROM temp."+table+" WHERE id > ? ORDER BY id LIMIT 500", from)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var raw []byte
		var r subscribers.ImportRow
		if err := rows.Scan(&last, &raw); err != nil {
			return nil, 0, err
		}
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, 0, fmt.Errorf("read a row put aside: %w", err)
		}
		batch = append(batch, r)
	}
	return batch, last, rows.Err()
}

func tokenBits(t subscribers.Token) uint64 { return binary.BigEndian.Uint64(t[:8]) }

// bloomBits is a power of two: 8 MiB.
const bloomBits = 1 << 26

// A bloom is a Bloom filter with four positions for an already random value.
type bloom struct{ words []uint64 }

func newBloom() *bloom { return &bloom{words: make([]uint64, bloomBits/64)} }

// add adds v and reports whether it may have been there; false is certain.
func (b *bloom) add(v uint64) bool {
	step := v>>32 | 1
	known := true
	for range 4 {
		at := v % bloomBits
		word, bit := &b.words[at/64], uint64(1)<<(at%64)
		if *word&bit == 0 {
			known = false
			*word |= bit
		}
		v += step
	}
	return known
}
