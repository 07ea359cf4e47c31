package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// A hashedRow is a suppression without an address, as short as a file of a
// million of them asks for.
type hashedRow struct {
	line    int
	sha     [32]byte
	hash    int64
	reason  subscribers.Reason
	created time.Time
	email   string // of whoever on the list has the first half of the hash
}

func (h hashedRow) row() subscribers.ImportRow {
	return subscribers.ImportRow{
		Line: h.line, Suppressed: h.reason, Created: h.created, Address: subscribers.Address{SHA256: h.sha, Hash: h.hash},
	}
}

// putHashedAside takes the suppressions without an address out of a chunk: whose
// they are is looked for once, when everybody else is there.
func (im *importer) putHashedAside(rows []subscribers.ImportRow) []subscribers.ImportRow {
	rest := rows[:0:0]
	for _, r := range rows {
		if r.Hashed() {
			im.hashed = append(im.hashed, hashedRow{line: r.Line, sha: r.Address.SHA256, hash: r.Address.Hash, reason: r.Suppressed, created: r.Created})
		} else {
			rest = append(rest, r)
		}
	}
	return rest
}

// mergeHashed merges them: who is on the list one by one, the others in chunks.
func (im *importer) mergeHashed() error {
	if len(im.hashed) == 0 {
		return nil
	}
	if err := im.findHashed(); err != nil {
		return fmt.Errorf("find whose hashes they are: %w", err)
	}
	var chunk []hashedRow
	in := map[[32]byte]bool{} // the chunk's: none of them depends on another
	for i, h := range im.hashed {
		if len(chunk) == importChunk || in[h.sha] {
			if err := im.mergeUnlisted(chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
			clear(in)
		}
		if a, err := subscribers.ParseAddress(h.email); err == nil && a.SHA256 == h.sha {
			if err := im.MergeListed(im.hashed[i].row(), a); err != nil {
				return err
			}
			continue
		}
		in[h.sha] = true
		chunk = append(chunk, h)
	}
	return im.mergeUnlisted(chunk)
}

// findHashed gives the rows whose address may be on the list that address: by the
// first half of the hash, which the list keeps.
func (im *importer) findHashed() error {
	hashes := make([]int64, len(im.hashed))
	for i, h := range im.hashed {
		hashes[i] = h.hash
	}
	rows, err := im.tx.Query(im.Ctx, `
		SELECT k.i, s.email
		FROM unnest($1::bigint[]) WITH ORDINALITY k(hash, i) JOIN subscribers s ON s.address_hash = k.hash
		WHERE `+plainsql.OnList, hashes)
	if err != nil {
		return err
	}
	var i int
	var email string
	_, err = pgx.ForEachRow(rows, []any{&i, &email}, func() error {
		im.hashed[i-1].email = email
		return nil
	})
	return err
}

// mergeUnlisted merges those of different addresses, none of whom is on the list.
func (im *importer) mergeUnlisted(chunk []hashedRow) error {
	standing, err := im.standing(chunk)
	if err != nil || len(chunk) == 0 {
		return err
	}
	var kept, now [][]any
	for _, h := range chunk {
		r, before := h.row(), standing[h.sha]
		change, reason := subscribers.MergeHashed(before, false, r)
		write, err := im.Report.Count(change, r, reason)
		if err != nil {
			return err
		}
		if !write {
			continue
		}
		kept = append(kept, []any{im.Number, r.Address.SHA256[:], int16(before.Reason), before.Detail, column.Millis(before.At)})
		after := im.Options.Suppression(r.Suppressed, r.Created).After(before)
		now = append(now, []any{r.Address.SHA256[:], int16(after.Reason), text(after.Detail), column.Millis(after.At)})
	}
	if err := im.keepSuppressions(kept); err != nil {
		return err
	}
	return im.write("suppressions", []string{"address_sha256", "reason", "detail", "at"}, now, `
		ON CONFLICT (address_sha256) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, at = excluded.at`)
}

// standing gives the suppressions of a chunk's hashes.
func (im *importer) standing(chunk []hashedRow) (map[[32]byte]subscribers.Suppression, error) {
	hashes := make([][]byte, len(chunk))
	for i := range chunk {
		hashes[i] = chunk[i].sha[:]
	}
	rows, err := im.tx.Query(im.Ctx, "SELECT address_sha256, reason, detail, at FROM suppressions WHERE address_sha256 = ANY($1)", hashes)
	if err != nil {
		return nil, err
	}
	out := map[[32]byte]subscribers.Suppression{}
	var hash []byte
	var s subscribers.Suppression
	var at int64
	_, err = pgx.ForEachRow(rows, []any{&hash, &s.Reason, &s.Detail, &at}, func() error {
		s.At = column.Time(at)
		out[[32]byte(hash)] = s
		return nil
	})
	return out, err
}
