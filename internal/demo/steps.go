package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/subscribers"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	// patience is how long the demo waits for something that takes a second.
	patience = 30 * time.Second
)

func (d *Demo) serve(ctx context.Context) error {
	return d.wait(ctx, "the site", func() (bool, error) {
		status, _, err := d.get(ctx, http.MethodGet, d.base()+"/readyz", nil, "")
		if err != nil || status != http.StatusOK {
			return false, nil // not yet
		}
		d.line("%s, with the mailbox that stands in for a mail server at %s/mailbox", d.base(), d.base())
		return true, nil
	})
}

func (d *Demo) signUp(ctx context.Context) error {
	body := fmt.Sprintf(`{"email":%q,"name":"Ada","source":"demo"}`, firstReader)
	status, _, err := d.get(ctx, http.MethodPost, d.base()+"/subscribe", strings.NewReader(body), jsonType)
	if err != nil {
		return err
	}
	if status != http.StatusAccepted {
		return fmt.Errorf("POST /subscribe answered %d, not 202", status)
	}
	d.line("POST /subscribe %s: 202", firstReader)
	_, mail, err := d.mail(ctx, firstReader, "/confirm/")
	if err != nil {
		return err
	}
	link := regexp.MustCompile(regexp.QuoteMeta(d.base()) + `/confirm/\S+`).FindString(mail.Text)
	if link == "" {
		return errors.New("the confirmation mail has no link")
	}
	d.line("“%s” arrived: a visit of its link changes nothing, its button confirms", mail.Subject)
	if status, _, err = d.get(ctx, http.MethodGet, link, nil, ""); err != nil || status != http.StatusOK {
		return fmt.Errorf("GET of the confirmation link answered %d: %w", status, err)
	}
	if status, _, err = d.get(ctx, http.MethodPost, link, nil, formType); err != nil || status != http.StatusOK {
		return fmt.Errorf("POST to the confirmation link answered %d: %w", status, err)
	}
	s, err := d.List.Get(ctx, firstReader)
	if err != nil {
		return err
	}
	d.line("%s is %s", firstReader, s.Standing())
	second, err := d.List.Add(ctx, subscribers.NewReader{Email: secondReader, Name: "Grace"})
	if err != nil {
		return err
	}
	d.token = second.Token.String()
	d.line("%s was added by hand, as an operator may", secondReader)
	return nil
}

func (d *Demo) pick(ctx context.Context) error {
	d.week = edition.WeekOf(d.Now().UTC()) // the demo's list is in UTC
	draft, err := d.Desk.Draft(ctx, d.week)
	if err != nil {
		return err
	}
	e, err := d.Desk.Build(ctx, draft)
	if err != nil {
		return err
	}
	for _, dec := range draft.Selection.Decisions {
		mark := "out"
		if dec.In {
			mark = "in "
		}
		d.line("%s  %s: %s", mark, dec.Title, dec.Reason)
	}
	d.line("subject of %s: %s", d.week, e.Subject)
	return nil
}

func (d *Demo) check(ctx context.Context) error {
	began := time.Now()
	draft, err := d.Desk.Draft(ctx, d.week)
	if err != nil {
		return err
	}
	passed := 0
	for _, f := range draft.Findings {
		if f.Level == check.Pass {
			passed++
		}
	}
	d.line("%d bytes of HTML, %d of text, rendered and checked in %s", len(draft.Rendered.HTML), len(draft.Rendered.Text), time.Since(began).Round(time.Millisecond))
	d.line("%d of %d checks passed", passed, len(draft.Findings))
	for _, f := range draft.Findings {
		if f.Level != check.Pass {
			d.line("%s  %s: %s", f.Level, f.Check, f.Detail)
		}
	}
	return nil
}

func (d *Demo) send(ctx context.Context) error {
	look, err := d.Desk.Look(ctx, d.week)
	if err != nil {
		return err
	}
	_, frozen, err := d.Desk.Release(ctx, look.Look)
	if err != nil {
		return err
	}
	for _, reader := range []string{secondReader, firstReader} {
		id, mail, err := d.mail(ctx, reader, "List-Id:")
		if err != nil {
			return err
		}
		d.mailID, d.digest = id, mail
	}
	d.line("to %d readers: “%s” is in the mailbox, %d bytes", frozen.Recipients, d.digest.Subject, len(d.digest.Source))
	return nil
}

func (d *Demo) prove(ctx context.Context) error {
	return d.wait(ctx, "the record of the send", func() (bool, error) {
		p, err := d.Desk.Verify(ctx, d.week)
		if err != nil || p.Counts.Open() > 0 {
			return false, err
		}
		if problems := p.Problems(); len(problems) > 0 {
			return false, errors.New(strings.Join(problems, "; "))
		}
		c := p.Counts
		d.line("%d recipients = %d accepted + %d failed + %d deferred + %d unknown + %d suppressed",
			p.Info.Recipients, c[delivery.Accepted], c[delivery.Failed], c[delivery.Deferred], c[delivery.Unknown], c[delivery.Suppressed])
		if c[delivery.Accepted] != p.Info.Recipients {
			return false, errors.New("not every message was accepted")
		}
		return true, nil
	})
}

// links tries what a mail scanner and a mail program do with the unsubscribe
// link in the second reader's digest; the first one stays.
func (d *Demo) links(ctx context.Context) error {
	_, mail, err := d.mail(ctx, secondReader, "List-Id:")
	if err != nil {
		return err
	}
	link := d.base() + "/unsubscribe/" + d.token
	if !bytes.Contains(mail.Source, []byte("<"+link+">")) || !strings.Contains(mail.HTML, link) || !strings.Contains(mail.Text, link) {
		return errors.New("the digest lacks the reader's unsubscribe link")
	}
	status, _, err := d.get(ctx, http.MethodGet, link, nil, "")
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("GET of the unsubscribe link answered %d: %w", status, err)
	}
	s, err := d.List.ByToken(ctx, d.token)
	if err != nil || !s.Mailable() {
		return fmt.Errorf("a visit of the unsubscribe link changed something: %w", err)
	}
	d.line("a scanner's visit of the unsubscribe link: 200, nothing changed")
	for range 2 {
		status, _, err = d.get(ctx, http.MethodPost, link, strings.NewReader("List-Unsubscribe=One-Click"), formType)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("one-click unsubscription answered %d: %w", status, err)
		}
	}
	s, err = d.List.ByToken(ctx, d.token)
	if err != nil || s.Mailable() {
		return fmt.Errorf("one-click unsubscription did not unsubscribe: %w", err)
	}
	d.line("one click in the mail program (RFC 8058): 200, %s is %s; repeated: 200", secondReader, s.Standing())
	return nil
}

// mail waits for a reader's message in the mailbox that has a word in it.
func (d *Demo) mail(ctx context.Context, reader, word string) (string, *mailbox.Message, error) {
	var id string
	var found *mailbox.Message
	err := d.wait(ctx, "the mail", func() (bool, error) {
		list, _, err := mailbox.List(filepath.Join(d.Stage.Dir, "data", "mailbox"), 0, 10, reader)
		if err != nil {
			return false, err
		}
		for _, s := range list {
			m, err := mailbox.Open(filepath.Join(d.Stage.Dir, "data", "mailbox"), s.ID)
			if err != nil {
				return false, err
			}
			if strings.Contains(m.Text, word) || bytes.Contains(m.Source, []byte(word)) {
				id, found = s.ID, m
				return true, nil
			}
		}
		return false, nil
	})
	return id, found, err
}

// wait asks until done says so.
func (d *Demo) wait(ctx context.Context, what string, done func() (bool, error)) error {
	for end := time.Now().Add(patience); ; {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s did not come within %s", what, patience)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
