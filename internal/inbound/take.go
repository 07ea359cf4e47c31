package inbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// Parts are what a Taker works with.
type Parts struct {
	Store  Store
	Tagger Tagger
	// Leave unsubscribes the owner of a token, and LeaveReader a reader by number;
	// they fail with subscribers.ErrNotFound for nobody.
	Leave       func(ctx context.Context, token, via string) (subscribers.Subscriber, error)
	LeaveReader func(ctx context.Context, id int64, via string) (subscribers.Subscriber, error)
	Editors     func() []string // are told of what only the operator can fix; nil: nobody
	Now         func() time.Time
	// Counted is told of each mail that was dealt with; nil: nobody is.
	Counted func(kind Kind, o Outcome, class subscribers.BounceClass)
}

// A Taker acts on mails that came back. It answers none. It is safe for
// concurrent use.
type Taker struct{ in Parts }

// NewTaker makes a Taker.
func NewTaker(p Parts) *Taker {
	if p.Counted == nil {
		p.Counted = func(Kind, Outcome, subscribers.BounceClass) {}
	}
	return &Taker{in: p}
}

// Taken is what became of a mail.
type Taken struct {
	Report  Report
	Outcome Outcome
	Week    string // of the delivery
	Effect  Effect
	Why     string // it is kept
}

// An item is a mail, or what a provider said in its place.
type item struct {
	Taken
	raw    []byte
	mail   [sha256.Size]byte
	to     []string // where it was brought to
	signed bool     // by a provider that has proved who it is
}

// Take reads a mail and acts on what it says of a delivery that is named by an
// envelope sender with a valid tag: to is where the mail was brought to, as far
// as the way in knows. An error is the store's: the mail is to be brought again.
func (t *Taker) Take(ctx context.Context, raw []byte, to ...string) (Taken, error) {
	it := item{Taken: Taken{Report: Read(raw)}, raw: raw, mail: sha256.Sum256(raw), to: to}
	it.Report.Addresses = append(to, it.Report.Addresses...)
	return t.done(&it, t.act(ctx, &it))
}

// TakeReport is Take of what a provider said in another form than a mail, and
// proved that it was the one who says it: its word for the address and the
// Message-ID is enough then. Raw is what it sent.
func (t *Taker) TakeReport(ctx context.Context, r Report, raw []byte) (Taken, error) {
	it := item{Taken: Taken{Report: r}, raw: raw, mail: sha256.Sum256(raw), signed: true}
	return t.done(&it, t.act(ctx, &it))
}

func (t *Taker) done(it *item, err error) (Taken, error) {
	if err == nil {
		t.in.Counted(it.Report.Kind, it.Outcome, findingOf(it.Report).Class)
	}
	return it.Taken, err
}

func (t *Taker) act(ctx context.Context, it *item) error {
	r, at := it.Report, t.in.Now()
	if id, ok := t.leaver(r); ok {
		return t.leave(ctx, it, func() error {
			_, err := t.in.LeaveReader(ctx, id, subscribers.ViaMail)
			return err
		})
	}
	switch {
	case r.Kind == KindUnsubscribe && r.Token != "":
		return t.leave(ctx, it, func() error {
			_, err := t.in.Leave(ctx, r.Token, subscribers.ViaMail)
			return err
		})
	case r.Kind == KindUnsubscribe && !it.signed:
		return t.keep(ctx, it, "it asks to unsubscribe, and only 'From', which can be forged, says whom")
	case r.Kind == KindDMARC && r.DMARC != nil:
		it.Outcome = OutcomeRecorded
		return t.in.Store.RecordDMARC(ctx, *r.DMARC, at)
	}
	f, ok, err := t.about(ctx, it)
	switch {
	case err != nil:
		return fmt.Errorf("find the delivery that a %s is about: %w", r.Kind, err)
	case !ok && (r.Kind == KindNone || r.Kind == KindAutoreply) && !toPostmaster(it.to):
		it.Outcome = OutcomeForeign
		return t.in.Store.Count(ctx, r.Kind, it.Outcome, at)
	case !ok:
		return t.keep(ctx, it, "it names no delivery of this list")
	case r.Kind == KindNone:
		return t.keep(ctx, it, "it came to a delivery's own address and is in no known form")
	case r.Kind == KindUnsubscribe:
		return t.leave(ctx, it, func() error {
			_, err := t.in.LeaveReader(ctx, f.Subscriber, subscribers.ViaMail)
			return err
		})
	}
	return t.record(ctx, it, f)
}

// record records what a mail says of a delivery or a notice.
func (t *Taker) record(ctx context.Context, it *item, f Finding) error {
	it.Week, f.Mail, f.At = f.Week, it.mail, t.in.Now()
	if t.in.Editors != nil && alarming(f) {
		f.Alarm = t.in.Editors()
	}
	effect, err := t.in.Store.Record(ctx, f)
	if err != nil {
		return fmt.Errorf("record a %s about edition %s: %w", f.Kind, f.Week, err)
	}
	it.Effect = effect
	if !effect.Known {
		return t.keep(ctx, it, "it is about a delivery that is not in this database")
	}
	it.Outcome = effect.Outcome()
	return nil
}

// alarming reports whether the editors are to know at once what came back: it will
// come back from others too until the operator corrects it.
func alarming(f Finding) bool {
	row, _ := explain(f.Status, f.Reply)
	return f.Kind == KindBounce && (f.Reason == reasonAuth || f.Class == subscribers.BounceSender && row.Fault.Operators())
}

// about finds the delivery or the notice that a mail is about. Who has proved
// who it is may name it by its Message-ID, or by its reader.
func (t *Taker) about(ctx context.Context, it *item) (f Finding, ok bool, err error) {
	f = findingOf(it.Report)
	for _, a := range it.Report.Addresses {
		if f.Week, f.Subscriber, ok = t.in.Tagger.ParseVERP(a); ok {
			return f, true, nil
		}
		if f.Week, f.Subscriber, ok = t.in.Tagger.ParseNotice(a); ok {
			f.Notice = true
			return f, true, nil
		}
	}
	if !it.signed {
		return f, false, nil
	}
	if f.Week, f.Subscriber, ok = t.in.Tagger.ParseMessageID(it.Report.MessageID); ok || len(it.Report.Recipients) != 1 {
		return f, ok, nil
	}
	before := it.Report.At
	if before.IsZero() {
		before = t.in.Now()
	}
	d, ok, err := t.in.Store.SentTo(ctx, it.Report.Recipients[0].Email, before)
	f.Week, f.Subscriber = d.Week, d.Subscriber
	return f, ok, err
}

// leaver finds the reader whose unsubscribe address a mail was sent to. The
// address stands nowhere but in List-Unsubscribe, so whatever is written to it
// asks to leave: some mail programs mark such a mail as automatic.
func (t *Taker) leaver(r Report) (id int64, ok bool) {
	switch r.Kind {
	case KindUnsubscribe, KindAutoreply, KindNone:
		for _, a := range r.Addresses {
			if _, id, ok = t.in.Tagger.ParseLeave(a); ok {
				return id, true
			}
		}
	}
	return 0, false
}

// toPostmaster reports whether a mail was brought to an address that a person
// must read (RFC 5321 §4.5.1, RFC 2142).
func toPostmaster(to []string) bool {
	for _, a := range to {
		switch local, _, _ := strings.Cut(strings.ToLower(a), "@"); local {
		case "postmaster", "abuse":
			return true
		}
	}
	return false
}

// findingOf takes what a mail says of the one reader that it was sent to: of several
// recipients (somebody forwards their mail) the one that is gone.
func findingOf(r Report) Finding {
	f := Finding{Kind: r.Kind}
	for i, x := range r.Recipients {
		if i == 0 || x.Class == subscribers.BounceHard {
			f.Class, f.Status, f.Reply, f.Reason = x.Class, x.Status, x.Reply, x.Reason
		}
	}
	switch r.Kind {
	case KindComplaint:
		f.Class = subscribers.BounceComplaint
	case KindDelay:
		f.Class = subscribers.BounceDelayed
	case KindAutoreply, KindDMARC:
		f.Class, f.Reply = "", ""
	}
	return f
}

func (t *Taker) keep(ctx context.Context, it *item, why string) error {
	it.Outcome, it.Why = OutcomeKept, why
	k := Kept{Mail: it.mail, Kind: it.Report.Kind, Why: why, At: t.in.Now(), Size: len(it.raw), Raw: it.raw[:min(len(it.raw), KeptBytes)]}
	if err := t.in.Store.Keep(ctx, k); err != nil {
		return fmt.Errorf("keep a mail: %w", err)
	}
	return nil
}

// leave lets a reader go who is named by what only their mail has.
func (t *Taker) leave(ctx context.Context, it *item, leave func() error) error {
	it.Report.Kind = KindUnsubscribe
	err := leave()
	if errors.Is(err, subscribers.ErrNotFound) {
		return t.keep(ctx, it, "it asks to unsubscribe with the link of nobody on the list")
	}
	if err != nil {
		return fmt.Errorf("unsubscribe a reader by mail: %w", err)
	}
	it.Outcome = OutcomeLeft
	return t.in.Store.Count(ctx, KindUnsubscribe, OutcomeLeft, t.in.Now())
}

// leaveToken finds the reader's token behind the word in a subject.
func leaveToken(subject string) string {
	words := strings.Fields(subject)
	for i, w := range words {
		if strings.EqualFold(w, "unsubscribe") && i+1 < len(words) {
			if _, err := subscribers.ParseToken(words[i+1]); err == nil {
				return words[i+1]
			}
		}
	}
	return ""
}
