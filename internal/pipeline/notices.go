package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// A Noticeboard takes what the editors are told: each recipient once for a
// dedupe key.
type Noticeboard interface {
	Tell(ctx context.Context, recipients []string, p outbox.Payload, dedupe string, at time.Time) error
}

// Readers counts the list.
type Readers interface {
	Counts(ctx context.Context) (subscribers.Counts, error)
}

// tell tells every editor.
func (p *Pipeline) tell(ctx context.Context, what outbox.Payload, dedupe string) error {
	if p.parts.Editors == nil {
		return nil
	}
	editors := p.parts.Editors()
	if len(editors) == 0 {
		return nil
	}
	if err := p.parts.Notices.Tell(ctx, editors, what, dedupe, p.parts.Now()); err != nil {
		return fmt.Errorf("tell the editors: %w", err)
	}
	return nil
}

// active counts the readers who would get a mail now, for the editors; 0 where
// that is not known.
func (p *Pipeline) active(ctx context.Context) (int, error) {
	if p.parts.Readers == nil {
		return 0, nil
	}
	counts, err := p.parts.Readers.Counts(ctx)
	if err != nil {
		return 0, fmt.Errorf("tell the editors: %w", err)
	}
	return counts.Active, nil
}

// tellDraft tells the editors that a draft waits, or that it changed.
func (p *Pipeline) tellDraft(ctx context.Context, e edition.Edition, d Draft, active int) error {
	data := outbox.DraftReady{
		Week:             e.Week,
		Subject:          e.Subject,
		Slot:             e.Slot,
		Hash:             e.Hash,
		ApprovalRequired: p.parts.Settings.ApprovalRequired,
		Preheader:        d.Rendered.Preheader,
		Notes:            d.Rendered.Notes,
		Readers:          active,
	}
	sample := SampleReader(p.parts.Settings.Headers.From.Address).Fields()
	data.HTML, data.Text = sample.HTML(d.Rendered.HTML), sample.Text(d.Rendered.Text)
	for _, dec := range d.Selection.Decisions {
		item := outbox.Item{Title: dec.Title, Reason: dec.Reason}
		switch {
		case dec.In:
			data.Featured = append(data.Featured, item)
		case dec.Code != edition.CodeTooOld && dec.Code != edition.CodeShown && dec.Code != edition.CodeExpected:
			data.LeftOut = append(data.LeftOut, item)
		}
	}
	for _, problem := range d.Problems {
		data.Problems = append(data.Problems, problem.String())
	}
	failures, warnings := check.Words(d.Findings)
	data.Problems, data.Warnings = append(data.Problems, failures...), append(data.Warnings, warnings...)
	return p.tell(ctx, data, e.Week.String()+":"+e.Hash)
}

// tellHeld tells the editors that an edition does not go out, and why.
func (p *Pipeline) tellHeld(ctx context.Context, e edition.Edition, reason string) error {
	return p.tellHeldOnce(ctx, e, reason, reason)
}

// tellHeldOnce is tellHeld, once for a key and week, whatever the reason.
func (p *Pipeline) tellHeldOnce(ctx context.Context, e edition.Edition, reason, key string) error {
	return p.tell(ctx, outbox.Held{
		Week: e.Week, Subject: e.Subject, Slot: e.Slot, Reason: reason, ByHand: e.State == edition.Held,
	}, e.Week.String()+":"+key)
}

// announce queues the mails about sends that are paused or have ended. Two nodes
// may both read a notice: its number is the mail's dedupe key.
func (p *Pipeline) announce(ctx context.Context) error {
	store := p.parts.Transport.Notices
	list, err := store.Pending(ctx)
	if err != nil {
		return err
	}
	var errs []error // one that cannot be told keeps no other back
	for _, n := range list {
		what, dedupe, err := p.announcement(ctx, n)
		if err == nil {
			err = p.parts.Archive.Together(ctx, func(ctx context.Context) error {
				if err := p.tell(ctx, what, dedupe); err != nil {
					return err
				}
				return store.Drop(ctx, n.ID)
			})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// announcement is what a notice tells, and its dedupe key. Each pause is told: a
// second one for the same reason says that what was fixed was not the cause. An
// alarm is told once an edition and kind.
func (p *Pipeline) announcement(ctx context.Context, n delivery.Notice) (outbox.Payload, string, error) {
	w, err := edition.ParseWeek(n.Week)
	if err != nil {
		return nil, "", err
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil {
		return nil, "", err
	}
	key := fmt.Sprintf("%s:send:%d", n.Week, n.ID)
	if n.Paused != "" {
		return outbox.Held{Week: e.Week, Subject: e.Subject, Slot: e.Slot, Reason: n.Paused, Paused: true}, key, nil
	}
	if n.Alarm.Key != "" {
		return outbox.Returned{Week: e.Week, Reply: n.Alarm.Reply, At: n.At, InSession: true}, n.Week + ":refused:" + n.Alarm.Key, nil
	}
	what, err := p.report(ctx, e, n)
	return what, key, err
}

// tellBroken tells the editors that nothing goes out and that this may be no
// quiet week: some comparisons could not be read. Once for a key.
func (p *Pipeline) tellBroken(ctx context.Context, e edition.Edition, b *brokenError, key string) error {
	var list strings.Builder
	fmt.Fprintf(&list, "there is nothing new that could be read. Fix these and run 'digest send --week %s'; what is fixed later is a candidate of the next edition:", e.Week)
	for _, problem := range b.problems {
		list.WriteString(" " + problem.String() + ";")
	}
	return p.tellHeldOnce(ctx, e, strings.TrimSuffix(list.String(), ";"), key)
}

// unreadFiles names what could not be read for an edition.
func unreadFiles(e edition.Edition) (files []string) {
	for _, it := range e.Unread() {
		files = append(files, it.Unread.File)
	}
	return files
}

// report is how a send went. A send that was opened again ends again, and is told
// again.
func (p *Pipeline) report(ctx context.Context, e edition.Edition, n delivery.Notice) (outbox.Report, error) {
	c, err := p.parts.Transport.Store.Counts(ctx, n.Edition)
	if err != nil {
		return outbox.Report{}, err
	}
	refusals, err := p.parts.Transport.Store.Refusals(ctx, n.Edition)
	if err != nil {
		return outbox.Report{}, err
	}
	var said []string
	for _, r := range refusals {
		said = append(said, r.String())
	}
	firstPart, err := p.firstPart(ctx, n.Edition)
	if err != nil {
		return outbox.Report{}, err
	}
	proof := ""
	if p.parts.Proof != nil {
		if proof, err = p.parts.Proof(ctx, e.Week); err != nil {
			p.parts.Log.Warn("the report of the send has no hash of the proof", "week", e.Week.String(), "error", err)
		}
	}
	return outbox.Report{
		Week: e.Week, Subject: e.Subject, StartedAt: e.FrozenAt, FinishedAt: n.At,
		Total: int(c.Total()), Accepted: int(c[delivery.Accepted]), Deferred: int(c[delivery.Deferred]),
		Failed: int(c[delivery.Failed]), Unknown: int(c[delivery.Unknown]), Suppressed: int(c[delivery.Suppressed]),
		Failures:   said,
		Unread:     unreadFiles(e),
		Proof:      proof,
		FirstPart:  firstPart,
		ArchiveURL: p.parts.Settings.Site.BaseURL + "/archive/" + e.Week.Corrected().String(),
	}, nil
}

// firstPart says what became of a send's first part, "" when it had none.
func (p *Pipeline) firstPart(ctx context.Context, id int64) (string, error) {
	info, err := p.parts.Transport.Store.Info(ctx, id)
	if err != nil || len(info.Canary.IDs) == 0 {
		return "", err
	}
	r, err := p.parts.Transport.Store.CanaryRecord(ctx, id, info.Canary.IDs)
	return r.String(), err
}
