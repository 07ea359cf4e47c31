package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// machine follows one address through any sequence of acts, and knows from the
// acts alone what must not happen.
type machine struct {
	*list
	email   string
	unsub   string   // the unsubscribe token, once known
	tokens  []string // of every confirmation that was delivered
	vouched bool     // a confirmation, or an operator, stands behind the reader since they last left
	blocked bool     // suppressed, and not only erased
	mails   []time.Time
	sinceOK int // confirmations since the last one that was used
}

func testMachine(t *testing.T, l *list) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		l.t = rt
		m := &machine{list: l, email: fmt.Sprintf("reader%d@example.com", run)}
		rt.Repeat(map[string]func(*rapid.T){
			"":            m.invariants,
			"sign up":     m.signsUp,
			"ask again":   m.asksAgain,
			"process":     func(*rapid.T) { m.process() },
			"deliver":     m.deliver,
			"confirm":     m.confirms,
			"unsubscribe": m.leaves,
			"import":      m.imports,
			"suppress":    m.suppresses,
			"erase":       m.erases,
			"wait":        m.waits,
		})
		l.process() // what this address left behind is not the next one's
		l.delivered()
	})
	l.t = t
}

func (m *machine) current() (subscribers.Subscriber, bool) {
	s, err := m.Get(m.ctx(), m.email)
	if errors.Is(err, subscribers.ErrNotFound) {
		return s, false
	}
	m.check(err)
	m.unsub = s.Token.String()
	return s, true
}

func (m *machine) invariants(rt *rapid.T) {
	s, ok := m.current()
	if ok && s.Mailable() && (!m.vouched || m.blocked) {
		rt.Fatalf("got %+v mailable, want nobody mailable without a confirmation or an operator since they left", s)
	}
	if m.sinceOK > subscribers.ConfirmMax {
		rt.Fatalf("got %d confirmations without one being used, want at most %d", m.sinceOK, subscribers.ConfirmMax)
	}
	if n := len(m.mails); n > 1 && m.mails[n-1].Sub(m.mails[n-2]) < subscribers.ConfirmEvery {
		rt.Fatalf("got confirmations at %v, want a day between two", m.mails[n-2:])
	}
}

func (m *machine) signsUp(rt *rapid.T) {
	email := rapid.SampledFrom([]string{m.email, strings.ToUpper(m.email), " " + m.email}).Draw(rt, "spelling")
	m.check(m.SignUp(m.ctx(), subscribers.SignUp{Email: email, Name: "Ada"}))
}

// asksAgain is what somebody does who never looks into the mailbox.
func (m *machine) asksAgain(rt *rapid.T) {
	m.now = m.now.Add(subscribers.ConfirmEvery)
	m.signsUp(rt)
	m.process()
	m.deliver(rt)
}

func (m *machine) deliver(*rapid.T) {
	mails, tokens := m.delivered()
	for _, mail := range mails {
		if mail.Kind == outbox.KindConfirm {
			m.mails = append(m.mails, m.now)
			m.sinceOK++
		}
		if m.blocked {
			m.t.Fatalf("got a %s mail to a suppressed address, want none", mail.Kind)
		}
	}
	m.tokens = append(m.tokens, tokens...)
}

func (m *machine) confirms(rt *rapid.T) {
	if len(m.tokens) == 0 {
		rt.Skip("no link yet")
	}
	token := rapid.SampledFrom(m.tokens).Draw(rt, "link")
	before, _ := m.current()
	s, err := m.Confirm(m.ctx(), token)
	switch {
	case err == nil:
		if !s.Mailable() {
			rt.Fatalf("got %+v after confirming, want it mailable", s)
		}
		m.vouched, m.sinceOK = true, 0
		if again, err := m.Confirm(m.ctx(), token); !errors.Is(err, subscribers.ErrUsed) || again.ID != s.ID {
			rt.Fatalf("got %v for the same link again, want ErrUsed", err)
		}
	case errors.Is(err, subscribers.ErrUsed), errors.Is(err, subscribers.ErrExpired), errors.Is(err, subscribers.ErrNotFound):
		if after, _ := m.current(); after.Standing() != before.Standing() {
			rt.Fatalf("got %s after %v, want it to stay %s", after.Standing(), err, before.Standing())
		}
	default:
		m.check(err)
	}
}

func (m *machine) leaves(rt *rapid.T) {
	if m.unsub == "" {
		rt.Skip("no link yet")
	}
	s, err := m.Unsubscribe(m.ctx(), m.unsub, "page")
	if errors.Is(err, subscribers.ErrNotFound) { // erased
		return
	}
	m.check(err)
	if s.Status != subscribers.Unsubscribed {
		rt.Fatalf("got %+v, want it unsubscribed", s)
	}
	m.left()
}

// left: from here on only links that are yet to come count.
func (m *machine) left() {
	m.vouched = false
	for _, token := range m.tokens {
		if s, err := m.Confirm(m.ctx(), token); err == nil {
			m.t.Fatalf("got %+v by a link from before, want it void", s)
		}
	}
}

func (m *machine) imports(rt *rapid.T) {
	status := rapid.SampledFrom([]string{"active", "pending", "unsubscribed", "bounced"}).Draw(rt, "status")
	before, known := m.current()
	report, err := m.Import(m.ctx(), strings.NewReader("email,status\n"+m.email+","+status+"\n"), subscribers.ImportOptions{})
	m.check(err)
	if n := report.Added + report.Updated + report.Unchanged + len(report.Rejected); n != 1 {
		rt.Fatalf("got %+v, want the one row in one place", report)
	}
	switch {
	case status == "active" && report.Added+report.Updated == 1:
		m.vouched = true // the operator answers for it
	case status == "active" && known && before.Status == subscribers.Unsubscribed && len(report.Rejected) != 1:
		rt.Fatalf("got %+v, want a row that revives refused", report)
	case status == "bounced":
		m.blocked = m.blocked || report.Added+report.Updated == 1
		m.left()
	case status == "unsubscribed" && report.Added+report.Updated == 1: // else a link that they asked for since stays good
		m.left()
	}
}

func (m *machine) suppresses(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "seldom") > 0 {
		rt.Skip("most runs go on without")
	}
	m.check(m.Suppress(m.ctx(), m.email, subscribers.Complaint, ""))
	m.blocked = true
	m.left()
}

func (m *machine) erases(rt *rapid.T) {
	if rapid.IntRange(0, 2).Draw(rt, "seldom") > 0 {
		rt.Skip("most runs go on without")
	}
	_, err := m.Erase(m.ctx(), m.email)
	m.check(err)
	if _, ok := m.current(); ok {
		rt.Fatalf("got the address on the list after its erasure, want it gone")
	}
	m.left()
}

func (m *machine) waits(rt *rapid.T) {
	m.now = m.now.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 11 * time.Hour, 25 * time.Hour, 8 * 24 * time.Hour}).Draw(rt, "how long"))
}
