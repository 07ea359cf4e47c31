package desk

import (
	"context"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
)

// A Preview is a week's mail as one reader would get it. Its draft is the whole
// edition's, to which an approval is bound; the mail, its message and its findings
// are of the part that the reader gets.
type Preview struct {
	pipeline.Draft
	Part  []comparison.Comparison // what the mail features
	Size  int                     // bytes of the mail's HTML without a reader's values, as the checks count it
	State edition.State           // "" when the edition is not recorded
	// Edition is the record; zero when there is none.
	Edition edition.Edition
	Reader  *message.Reader
}

// Preview gives a week's mail as r would get it; nil is a made-up reader. Topics
// are of the made-up reader; none is all.
func (d *Desk) Preview(ctx context.Context, w edition.Week, r *message.Reader, topics ...string) (Preview, error) {
	if r == nil {
		r = pipeline.SampleReader(d.in.Sender)
	}
	draft, err := d.in.Pipeline.Mail(ctx, w)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Draft: draft, Part: draft.Selection.Comparisons, Reader: r}
	if !draft.Selection.Nothing() && r.ID != 0 && d.in.Readers != nil {
		s, err := d.in.Readers.Get(ctx, r.Email)
		if err != nil {
			return Preview{}, err
		}
		if r.Changes, err = d.in.Pipeline.Changes(ctx, w, r.ID); err != nil {
			return Preview{}, err
		}
		topics = s.Categories
	}
	if !draft.Selection.Nothing() && (len(topics) > 0 || r.ID != 0) {
		if draft, err = d.in.Pipeline.For(ctx, draft, r, topics); err != nil {
			return Preview{}, err
		}
		p.Rendered, p.Frozen, p.Findings, p.Part = draft.Rendered, draft.Frozen, draft.Findings, draft.Selection.Comparisons
	}
	p.Size = len(draft.Rendered.HTML)
	p.Rendered.HTML = r.Fields().HTML(draft.Rendered.HTML)
	p.Rendered.Uninlined = r.Fields().HTML(draft.Rendered.Uninlined)
	p.Rendered.Text = r.Fields().Text(draft.Rendered.Text)
	e, err := d.Edition(ctx, w)
	if err != nil && !errors.Is(err, edition.ErrNotFound) && !errors.Is(err, ErrNoDatabase) {
		return p, err
	}
	p.State, p.Edition = e.State, e
	return p, nil
}

// Traced is a preview's mail whose elements say which line of a template writes
// them (render.TraceAttribute); "" where that is not known: of a frozen edition, and
// of the part of one that a reader of some topics gets.
func (d *Desk) Traced(p Preview) (string, error) {
	if len(p.Part) != len(p.Selection.Comparisons) {
		return "", nil
	}
	html, err := d.in.Pipeline.Traced(p.Draft)
	return p.Reader.Fields().HTML(html), err
}

// Message is the whole message of a preview, as it would leave.
func (p Preview) Message() []byte { return p.Frozen.Append(nil, p.Reader) }

// Reader gives a reader of the list for a preview.
func (d *Desk) Reader(ctx context.Context, email string) (*message.Reader, error) {
	if d.in.Readers == nil {
		return nil, fmt.Errorf("there are no readers yet: %w", ErrNoDatabase)
	}
	s, err := d.in.Readers.Get(ctx, email)
	if err != nil {
		return nil, err
	}
	sample := pipeline.SampleReader(d.in.Sender)
	return &message.Reader{
		ID: s.ID, Email: s.Email, Name: s.Name, Token: s.Token.String(), Leave: sample.Leave,
		MessageID: sample.MessageID, Links: d.in.Pipeline.ReaderLinks(s.ID),
	}, nil
}
