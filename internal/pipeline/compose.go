package pipeline

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/subscribers"
)

// A composer splices one edition's variants for each reader.
type composer struct {
	forms  []form // by the variant's number
	tagger *message.Tagger
	links  subscribers.Links
	told   saved.Told // of what readers saved
}

// A form is one variant, ready to splice.
type form struct {
	frozen *message.Frozen
	sealed *message.Sealed
	slugs  []string // what it compares; none: all that the edition does
}

// whole is the last variant that has all of the edition.
func (c *composer) whole() form {
	for i := len(c.forms) - 1; i > 0; i-- {
		if len(c.forms[i].slugs) == 0 {
			return c.forms[i]
		}
	}
	return c.forms[0]
}

var _ delivery.Composer = (*composer)(nil)

// composer reads the frozen variants of a week.
func (p *Pipeline) composer(ctx context.Context, w edition.Week) (*composer, error) {
	variants, err := p.parts.Archive.Frozen(ctx, w)
	if err != nil {
		return nil, err
	}
	c := &composer{tagger: p.parts.Tagger, links: p.parts.Links}
	for i, v := range variants {
		if v.Number != i {
			return nil, fmt.Errorf("edition %s has no variant %d; restore a backup", w, i)
		}
		f, err := p.form(v)
		if err != nil {
			return nil, fmt.Errorf("read the frozen message of %s: %w", w, err)
		}
		c.forms = append(c.forms, f)
	}
	return c, nil
}

func (p *Pipeline) form(v edition.Variant) (form, error) {
	frozen, err := message.Unfreeze(v.Message)
	if err != nil {
		return form{}, err
	}
	sealed, err := p.parts.Signer.Seal(frozen)
	if err != nil {
		return form{}, fmt.Errorf("prepare the signature: %w", err)
	}
	return form{frozen: frozen, sealed: sealed, slugs: v.Slugs}, nil
}

// differs says what of the settings is not as it was frozen, "" when all is. The
// last variant counts: who still waits gets that one.
func (p *Pipeline) differs(ctx context.Context, w edition.Week) (string, error) {
	variants, err := p.parts.Archive.Frozen(ctx, w)
	if err != nil {
		return "", err
	}
	return variants[len(variants)-1].Sender.Differs(p.senderNow()), nil
}

// MessageIDs gives the Message-ID, in angle brackets, that the frozen edition of
// week w has for a subscriber: what a relay's log knows a message by.
func (p *Pipeline) MessageIDs(ctx context.Context, w edition.Week) (func(subscriber int64) string, error) {
	c, err := p.composer(ctx, w)
	if err != nil {
		return nil, err
	}
	return func(id int64) string { return "<" + c.tagger.MessageID(c.forms[0].frozen, id) + ">" }, nil
}

// Writer gives a worker its own buffers.
func (c *composer) Writer() delivery.Writer {
	return &writer{composer: c, linker: c.links.Linker()}
}

// A writer splices for one worker.
type writer struct {
	*composer
	linker *subscribers.Linker
	parts  message.Parts
}

// Compose gives one reader's signed message; no line of it starts with ".".
func (w *writer) Compose(r *delivery.Recipient) (delivery.Message, delivery.Envelope, error) {
	if r.Variant < 0 || r.Variant >= len(w.forms) {
		return delivery.Message{}, delivery.Envelope{}, fmt.Errorf("the edition has no variant %d", r.Variant)
	}
	f := w.forms[r.Variant]
	reader := message.Reader{
		ID:        r.ID,
		Email:     r.Email,
		Name:      r.Name,
		Token:     r.Token.String(),
		MessageID: w.tagger.MessageID(f.frozen, r.ID),
	}
	if f.frozen.TakesLeave() {
		reader.Leave = w.tagger.LeaveTag(f.frozen.Week(), r.ID)
	}
	reader.Changes = w.told.Of(r.ID)
	reader.Links = linksOf(w.linker, r.ID, f.frozen.Uses)
	env := delivery.Envelope{From: w.tagger.EnvelopeSender(f.frozen, r.ID), To: r.Email}
	err := f.sealed.Split(&w.parts, &reader)
	return delivery.Message{Pieces: w.parts.Pieces, DotSafe: true}, env, err
}

// linksOf are the tokens of those of a reader's links that are used: two HMACs
// each, which are a good part of what a message costs.
func linksOf(l *subscribers.Linker, id int64, used func(mergefield.Field) bool) (links mergefield.Links) {
	for _, link := range []struct {
		field   mergefield.Field
		purpose subscribers.Purpose
		token   *string
	}{
		{mergefield.Vote, subscribers.PurposeVote, &links.Vote},
		{mergefield.Save, subscribers.PurposeSave, &links.Save},
		{mergefield.Saved, subscribers.PurposeSaved, &links.Saved},
		{mergefield.Preferences, subscribers.PurposePreferences, &links.Preferences},
	} {
		if used(link.field) {
			*link.token = l.Token(link.purpose, id)
		}
	}
	return links
}

func everyLink(mergefield.Field) bool { return true }

// ReaderLinks are a reader's links, for a preview of their mail.
func (p *Pipeline) ReaderLinks(id int64) mergefield.Links {
	return linksOf(p.parts.Links.Linker(), id, everyLink)
}
