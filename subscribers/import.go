package subscribers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"time"
)

// MaxRejected is how many rows may be rejected before an import gives up: the
// file is not what it was taken for.
const MaxRejected = 100_000

// importBatch is how many rows a Store gets at a time.
const importBatch = 500

// maxNotes is how many notes a report has; the others are only counted.
const maxNotes = 100

// ImportOptions are one import's.
type ImportOptions struct {
	Source   string         // recorded with each new subscriber, "import:FILE"
	File     string         // the file's name, which may tell that its readers have left; "" where it has none
	Dry      bool           // only report
	Ignore   []string       // columns that are not to be read
	As       Standing       // what every row is at least: "" or StandsActive leaves it to the file
	Progress func(rows int) // called now and then with the rows read so far; may be nil
}

// An ImportReport says what an import did, or would do. Every row of the file is
// in exactly one of the first four.
type ImportReport struct {
	Batch     int64      `json:"batch,omitempty"` // the import's number, for UndoImport; 0 for a dry run
	Added     int        `json:"added"`
	Updated   int        `json:"updated"`
	Unchanged int        `json:"unchanged"`
	Rejected  []RowFault `json:"rejected"` // by line; never nil
	// Standings are how many of the rows that were taken the file calls what.
	Standings map[Standing]int `json:"standings"`
	// Notes are values that a row had to do without, by line.
	Notes []RowFault `json:"notes,omitempty"`
	// MoreNotes is how many notes were left out.
	MoreNotes int `json:"more_notes,omitempty"`
	// Ignored are the file's columns that were not used.
	Ignored []string `json:"ignored_columns,omitempty"`
	// Warnings are what the file as a whole cannot say.
	Warnings []string `json:"warnings,omitempty"`
}

// Note adds a note, or counts it when there are enough.
func (r *ImportReport) Note(f RowFault) {
	if len(r.Notes) == maxNotes {
		r.MoreNotes++
		return
	}
	r.Notes = append(r.Notes, f)
}

// Reject adds a row that was not taken. It fails with ErrCSV when they are more
// than MaxRejected.
func (r *ImportReport) Reject(row ImportRow, reason string) error {
	r.Rejected = append(r.Rejected, RowFault{Line: row.Line, Email: row.Address.Email, Reason: reason})
	if len(r.Rejected) > MaxRejected {
		return fmt.Errorf("%w: more than %d rows were rejected; the last one is line %d: %s", ErrCSV, MaxRejected, row.Line, reason)
	}
	return nil
}

// Count counts what was decided on a row, and reports whether it is to be written.
// It fails like Reject.
func (r *ImportReport) Count(change Change, row ImportRow, reason string) (write bool, err error) {
	switch change {
	case Added:
		r.Added++
	case Updated:
		r.Updated++
	case Unchanged:
		r.Unchanged++
		return false, nil
	case Rejected:
		return false, r.Reject(row, reason)
	}
	return true, nil
}

// Fresh gives a row that is added. One whose token is another subscriber's, as
// reason says, has a new one, and a note.
func (r *ImportReport) Fresh(row ImportRow, reason string) ImportRow {
	if reason != "" {
		row.Token = NewToken()
		r.Note(RowFault{Line: row.Line, Email: row.Address.Email, Reason: reason})
	}
	return row
}

// A RowFault is why a row, or a value of it, was not taken.
type RowFault struct {
	Line   int    `json:"line"`  // where the row starts, from 1
	Email  string `json:"email"` // as it stands in the file
	Reason string `json:"reason"`
}

func (f RowFault) String() string {
	where := fmt.Sprintf("line %d: ", f.Line)
	if f.Email != "" {
		where += f.Email + ": "
	}
	return where + f.Reason
}

// listmonkWarning is shown before the question whether to import.
const listmonkWarning = "This looks like listmonk's export, which calls readers enabled who have left the list: it does not say who unsubscribed. " +
	"Export the list's subscribers with the status unsubscribed too, and import that file first, with --as unsubscribed."

// Import merges a CSV file into the list in one transaction: it is all done or,
// on an error, nothing is. It reads the columns that this program, listmonk,
// Mailchimp, Substack, Ghost, Buttondown, Kit, MailPoet, phpList, beehiiv,
// Mailtrain, Constant Contact, HubSpot and others export; a row without a status is an active reader, for whose consent
// the operator answers. It mails nobody.
//
// A file that cannot be read as a whole, or that has a column which may say who
// left and is not understood, is ErrCSV; a single bad row is rejected in the
// report. Memory does not grow with the rows, but for the rejected ones.
func (s *Service) Import(ctx context.Context, r io.Reader, o ImportOptions) (ImportReport, error) {
	size := sizeOf(r)
	f, err := openCSV(r, o.Ignore)
	if err != nil {
		return ImportReport{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := newImportParser(f, o.As, s.now())
	if err != nil {
		return ImportReport{}, err
	}
	p.ofLeft = isOfLeft(o)
	report, err := s.list.Import(ctx, p.ahead(ctx), StoreImport{
		Source: clean(o.Source, maxSource), At: p.rows.now, Dry: o.Dry, Size: size, Progress: o.Progress,
	})
	if err != nil {
		return ImportReport{}, err
	}
	p.complete(&report)
	if !o.Dry {
		s.log.InfoContext(ctx, "subscribers imported", "added", report.Added, "updated", report.Updated,
			"unchanged", report.Unchanged, "rejected", len(report.Rejected))
	}
	return report, nil
}

// isOfLeft reports whether a file's readers have left by its name, and the operator
// says nothing else.
func isOfLeft(o ImportOptions) bool { return o.As == "" && tellsOfLeft(o.File) }

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
	watch    watcher
	rejected []RowFault
	noted    ImportReport // its notes and standings
	enabled  bool         // of listmonk's rows, some are enabled
	ofLeft   bool         // the file's name tells that its readers have left
}

func newImportParser(f *csvFile, as Standing, now time.Time) (*importParser, error) {
	p := &importParser{file: f, noted: ImportReport{Standings: map[Standing]int{}}, rows: rowReader{layout: f.layout, as: isActive, now: now, token: tokens()}}
	p.rows.note = func(line int, reason string) {
		p.noted.Note(RowFault{Line: line, Reason: reason})
	}
	if as != "" {
		var ok bool
		if p.rows.as, ok = wordStanding(string(as)); !ok {
			return nil, fmt.Errorf("%w: %q is not a reader's status", ErrCSV, as)
		}
	}
	return p, nil
}

// complete adds what the file's reader knows to the store's report.
func (p *importParser) complete(report *ImportReport) {
	report.Ignored = p.file.layout.ignored
	report.Standings = p.noted.Standings
	report.MoreNotes += p.noted.MoreNotes
	report.Rejected = sortedFaults(append(report.Rejected, p.rejected...))
	report.Notes = sortedFaults(append(report.Notes, p.noted.Notes...))
	if p.file.charset == windows1252 {
		report.Warnings = append(report.Warnings, charsetWarning)
	}
	if p.enabled {
		report.Warnings = append(report.Warnings, listmonkWarning)
	}
}

func sortedFaults(faults []RowFault) []RowFault {
	slices.SortStableFunc(faults, func(a, b RowFault) int { return a.Line - b.Line })
	return append([]RowFault{}, faults...) // never nil
}

// batch reads the next rows; it ends with io.EOF beside the last ones.
func (p *importParser) batch() ([]ImportRow, error) {
	rows := make([]ImportRow, 0, importBatch)
	for len(rows) < importBatch {
		record, line, err := p.file.read()
		if errors.Is(err, io.EOF) {
			if err := p.watch.end(&p.file.layout); err != nil {
				return nil, err
			}
			return rows, io.EOF
		}
		if err == nil {
			var row ImportRow
			if row, err = p.row(record, line); err == nil {
				rows = append(rows, row)
				p.noted.Standings[Subscriber{Status: row.Status, Suppressed: row.Suppressed}.Standing()]++
				continue
			}
		}
		var bad *rowError
		if !errors.As(err, &bad) {
			return nil, err
		}
		if err := p.reject(RowFault{Line: bad.line, Email: p.email(record), Reason: bad.reason}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// row reads a record; the error is a rowError, or ends the import.
func (p *importParser) row(record []string, line int) (ImportRow, error) {
	if err := p.file.charset.decode(record, line); err != nil {
		return ImportRow{}, err
	}
	if p.file.line > line && p.file.swallowed(record) {
		return ImportRow{}, fmt.Errorf("%w: line %d: a quote opens in this row and takes in the rows to line %d; close it", ErrCSV, line, p.file.line)
	}
	if p.rows.as.weight() < hasLeft.weight() { // nobody is activated
		if err := p.watch.see(&p.file.layout, record, line); err != nil {
			return ImportRow{}, err
		}
	}
	row, err := p.rows.row(record, line)
	if err != nil {
		return row, &rowError{line, err.Error()}
	}
	if p.ofLeft && row.Status != Unsubscribed && !p.file.layout.saysStatus(record) {
		return row, fmt.Errorf("%w: line %d: by the file's name its readers are not to be mailed, and nothing in this row says otherwise; "+
			"import it with --as unsubscribed, or, if they are readers, with --as active", ErrCSV, line)
	}
	p.enabled = p.enabled || p.file.layout.listmonk && row.Status == Active
	return row, nil
}

// email is a rejected record's address as far as there is one.
func (p *importParser) email(record []string) string {
	return clean(unguard(cell(record, p.file.layout.at[colEmail])), maxAddress)
}

func (p *importParser) reject(r RowFault) error {
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
