package pipeline

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
)

// A Correction is the mail to those who got an edition before it was amended, as it
// would be sent now.
type Correction struct {
	Edition  edition.Edition // its own: a draft
	Build    edition.Build
	Rendered render.Rendered
	Older    int64 // readers who would get it
	of       edition.Edition
	frozen   *message.Frozen
}

// DraftCorrection makes the correction of week w's edition with an editor's words, in
// Markdown. Nothing is recorded. It fails with edition.ErrState while nobody can have an
// older version, and with ErrSame where nobody has one.
func (p *Pipeline) DraftCorrection(ctx context.Context, w edition.Week, words string) (c Correction, err error) {
	if c.of, err = p.parts.Archive.Find(ctx, w); err != nil {
		return c, err
	}
	if c.Older, err = p.parts.Archive.Older(ctx, c.of.ID, p.parts.Now()); err != nil {
		return c, err
	}
	if c.Edition, err = c.of.Correction(c.Older, p.parts.Now()); err != nil {
		return c, err
	}
	site := p.parts.Settings.Site
	c.Rendered, err = p.parts.Renderer.Mail(render.MailCorrection, render.CorrectionData{
		Week: w, Title: c.of.Subject, Words: words, ArchiveURL: site.BaseURL + "/archive/" + w.String(),
		Email: string(mergefield.Email), UnsubscribeURL: site.BaseURL + "/unsubscribe/" + string(mergefield.Token),
	})
	if err != nil {
		return c, err
	}
	c.Build = p.buildOf(c.Edition.Week, c.Rendered)
	c.frozen, err = p.freeze(c.Build, c.Edition.Slot)
	return c, err
}

// Correct freezes a correction's bytes and recipients, as by is answerable for. From
// then on it is an edition that is being sent (Deliver, by c.Edition.Week). A second
// one of the same edition fails with edition.ErrSent or ErrState.
func (p *Pipeline) Correct(ctx context.Context, c Correction, by string) (delivery.Frozen, error) {
	if err := p.unready(); err != nil {
		return delivery.Frozen{}, err
	}
	raw, err := c.frozen.MarshalBinary()
	if err != nil {
		return delivery.Frozen{}, err
	}
	w, at := c.Edition.Week, p.parts.Now()
	var e edition.Edition
	err = p.parts.Archive.Together(ctx, func(ctx context.Context) (err error) {
		if e, _, err = p.parts.Archive.Insert(ctx, c.Edition); err != nil {
			return err
		}
		if e.Frozen() {
			return e.Refuse(edition.ErrSent, "%s: it was begun already", e.Status())
		}
		if _, err = p.parts.Archive.Revise(ctx, w, edition.Revision{Slot: at, Since: at, Cutoff: at, Build: &c.Build, At: at}); err != nil {
			return err
		}
		e, err = p.parts.Archive.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Approve(c.Build.Hash, by) })
		return err
	})
	if err != nil {
		return delivery.Frozen{}, fmt.Errorf("correction of %s: %w", c.of.Week, err)
	}
	if err := p.parts.Transport.CheckOthers(ctx, w.String()); err != nil {
		return delivery.Frozen{}, err
	}
	p.froze.note(w)
	return p.parts.Freezer.Freeze(ctx, delivery.Freeze{
		Edition: e.ID, Hash: c.Build.Hash, Message: raw, Sender: p.senderNow(), ApprovalRequired: true, Corrects: c.of.ID, At: at,
	})
}

// Sample is the mail as a sample reader would get it: its parts, and the whole.
func (c Correction) Sample() (html, text string, mail []byte) {
	reader := SampleReader(c.frozen.From())
	fields := reader.Fields()
	return fields.HTML(c.Rendered.HTML), fields.Text(c.Rendered.Text), c.frozen.Append(nil, reader)
}
