package desk

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// A Correction is the mail to those who got an edition before it was amended.
type Correction struct{ pipeline.Correction }

// DraftCorrection is the correction of w's edition with an editor's words, in
// Markdown; nothing is recorded. See pipeline.DraftCorrection.
func (d *Desk) DraftCorrection(ctx context.Context, w edition.Week, words string) (Correction, error) {
	if d.in.Editions == nil {
		return Correction{}, ErrNoDatabase
	}
	c, err := d.in.Pipeline.DraftCorrection(ctx, w, words)
	return Correction{c}, err
}

// WriteFiles writes what a reader would get into dir, as Preview.WriteFiles does.
func (c Correction) WriteFiles(dir string, written func(path string, size int)) error {
	html, text, mail := c.Sample()
	return writeFiles(dir, []File{{"correction.html", []byte(html)}, {"correction.txt", []byte(text)}, {"correction.eml", mail}}, written)
}

// maxWords bounds the file of a correction's words, in bytes.
const maxWords = 16 << 10

// ReadWords reads what a correction says.
func ReadWords(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxWords+1))
	switch text := strings.TrimSpace(string(b)); {
	case err != nil:
		return "", err
	case text == "":
		return "", fmt.Errorf("%s is empty; write what was wrong, and what is right", path)
	case len(b) > maxWords:
		return "", fmt.Errorf("%s has more than %d KiB; a correction is short", path, maxWords>>10)
	case !utf8.ValidString(text):
		return "", fmt.Errorf("%s is not UTF-8; save it as such", path)
	default:
		return text, nil
	}
}

// Correct freezes a correction: from then on it is sent as an edition of its own, once.
func (d *Desk) Correct(ctx context.Context, c Correction) (delivery.Frozen, error) {
	frozen, err := d.in.Pipeline.Correct(ctx, c.Correction, d.by)
	if err != nil {
		return frozen, err
	}
	return frozen, d.Record(ctx, c.Edition.Week.Corrected(), fmt.Sprintf("sent a correction to %d readers", frozen.Recipients), c.Edition.Week.String())
}
