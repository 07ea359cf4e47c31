package subscribers

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// MaxRejected is how many rows may be rejected before an import gives up: the
// file is not what it was taken for.
const MaxRejected = 100_000

// importBatch is how many rows a Store gets at a time.
const importBatch = 500

// ImportOptions are one import's.
type ImportOptions struct {
	Source   string         // recorded with each new subscriber, "import:FILE"
	Dry      bool           // only report
	Progress func(rows int) // called now and then with the rows read so far; may be nil
}

// An ImportReport says what an import did, or would do. Every row of the file is
// in exactly one of the four.
type ImportReport struct {
	Added     int         `json:"added"`
	Updated   int         `json:"updated"`
	Unchanged int         `json:"unchanged"`
	Rejected  []Rejection `json:"rejected"` // by line; never nil
	// Ignored are the file's columns that were not used.
	Ignored []string `json:"-"`
}

// A Rejection is a row that was not taken.
type Rejection struct {
	Line   int    `json:"line"`  // where the row starts, from 1
	Email  string `json:"email"` // as it stands in the file
	Reason string `json:"reason"`
}

// Import merges a CSV file into the list in one transaction: it is all done or,
// on an error, nothing is. It reads the columns that this program, listmonk,
// Mailchimp, Substack, Ghost and Buttondown export; a row without a status is an
// active reader, for whose consent the operator answers. It mails nobody.
//
// A file that cannot be read as a whole is ErrCSV; a single bad row is rejected
// in the report. Memory does not grow with the rows, but for the rejected ones.
func (s *Service) Import(ctx context.Context, r io.Reader, o ImportOptions) (ImportReport, error) {
	size := sizeOf(r)
	f, err := openCSV(r)
	if err != nil {
		return ImportReport{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &importParser{file: f, rows: rowReader{layout: f.layout, now: s.now(), token: tokens()}}
	report, err := s.list.Import(ctx, p.ahead(ctx), StoreImport{
		Source: clean(o.Source, maxSource), At: p.rows.now, Dry: o.Dry, Size: size, Progress: o.Progress,
	})
	if err != nil {
		return ImportReport{}, err
	}
	report.Ignored = f.layout.ignored
	report.Rejected = append(report.Rejected, p.rejected...)
	slices.SortStableFunc(report.Rejected, func(a, b Rejection) int { return a.Line - b.Line })
	if report.Rejected == nil {
		report.Rejected = []Rejection{}
	}
	if !o.Dry {
		s.log.InfoContext(ctx, "subscribers imported", "added", report.Added, "updated", report.Updated,
			"unchanged", report.Unchanged, "rejected", len(report.Rejected))
	}
	return report, nil
}

// sizeOf is how many bytes r has, or 0 where that cannot be known before they
// are read.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Stat() (fs.FileInfo, error) }: // a file
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	case interface{ Len() int }:
		return int64(r.Len())
	}
	return 0
}

// importParser reads a file's rows in batches.
type importParser struct {
	file     *csvFile
	rows     rowReader
	rejected []Rejection
}

// batch reads the next rows; it ends with io.EOF beside the last ones.
func (p *importParser) batch() ([]ImportRow, error) {
	rows := make([]ImportRow, 0, importBatch)
	for len(rows) < importBatch {
		record, err := p.file.Read()
		if e := (*csv.ParseError)(nil); errors.As(err, &e) {
			if err := p.reject(Rejection{Line: e.StartLine, Reason: e.Err.Error()}); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return rows, err
		}
		line, _ := p.file.FieldPos(0)
		if err := checkUTF8(record, line); err != nil {
			return nil, err
		}
		row, err := p.rows.row(record, line)
		if err == nil {
			rows = append(rows, row)
			continue
		}
		if err := p.reject(Rejection{Line: line, Email: p.email(record), Reason: err.Error()}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// email is a rejected record's address as far as there is one.
func (p *importParser) email(record []string) string {
	if i := p.file.layout.at[colEmail]; i < len(record) {
		return clean(unguard(strings.TrimSpace(record[i])), maxAddress)
	}
	return ""
}

func (p *importParser) reject(r Rejection) error {
	if p.rejected = append(p.rejected, r); len(p.rejected) > MaxRejected {
		return fmt.Errorf("%w: more than %d rows cannot be used; the last one is line %d: %s", ErrCSV, MaxRejected, r.Line, r.Reason)
	}
	return nil
}

// ahead gives the batches, read by a goroutine of its own while the store is
// busy with the one before. The goroutine ends before the iteration does.
func (p *importParser) ahead(ctx context.Context) iter.Seq2[[]ImportRow, error] {
	type result struct {
		rows []ImportRow
		err  error
	}
	return func(yield func([]ImportRow, error) bool) {
		results, stop := make(chan result, 4), make(chan struct{})
		go func() {
			defer close(results)
			for {
				rows, err := p.batch()
				select {
				case results <- result{rows, err}:
				case <-stop:
					return
				case <-ctx.Done():
					return
				}
				if err != nil {
					return
				}
			}
		}()
		defer func() {
			close(stop)
			for range results { // until the goroutine has ended
			}
		}()
		for r := range results {
			if r.err != nil && !errors.Is(r.err, io.EOF) {
				yield(nil, r.err)
				return
			}
			if len(r.rows) > 0 && !yield(r.rows, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// tokens gives fresh tokens, with one call for random bytes every 256.
func tokens() func() Token {
	var pool [256 * TokenBytes]byte
	next := len(pool)
	return func() Token {
		if next == len(pool) {
			rand.Read(pool[:]) // never fails (crypto/rand)
			next = 0
		}
		next += TokenBytes
		return Token(pool[next-TokenBytes : next])
	}
}
