package assembly

import (
	"context"
	"fmt"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
)

// Signer signs with the DKIM keys that the settings name, if there are any.
func (m *Maker) Signer() (*message.Signer, error) {
	keys, err := m.keys()
	if err != nil {
		return nil, err
	}
	return message.NewSigner(m.host.Now, keys...)
}

func (m *Maker) keys() ([]message.DKIMKey, error) {
	var keys []message.DKIMKey
	for _, k := range m.in.Keys {
		if k.File == "" {
			continue
		}
		key, err := message.LoadKey(k.File)
		if err != nil {
			return nil, m.in.Problem(k.Setting, err)
		}
		if warning := key.Warning(); warning != "" {
			m.host.Warn("%s: %s", k.File, warning)
		}
		keys = append(keys, message.DKIMKey{Domain: m.in.Edition.DKIMDomain, Selector: k.Selector, Key: key})
	}
	return keys, nil
}

// tagger tells the list's own deliveries.
func tagger(ctx context.Context, db *Database) (*message.Tagger, error) {
	secret, err := db.Secret(ctx)
	if err != nil {
		return nil, err
	}
	return message.NewTagger(secret)
}

// A postman takes messages to the mail server: many, or one.
type postman interface {
	delivery.Dialer
	pipeline.SingleSender
}

// dialer connects to the relay, to several, or to a built-in mailbox that it starts.
func (m *Maker) dialer(ctx context.Context) (postman, error) {
	if len(m.in.Relay.Several) > 0 {
		return m.relays()
	}
	if m.in.Relay.Mailbox == "" {
		d, err := m.relayDialer(mailer.Timeouts{})
		if err != nil || !m.in.Relay.Auto {
			return d, err
		}
		one := mailer.Relay{Name: m.in.Relay.Host, Dialer: d, Connections: m.in.Pacing.Connections, Auto: true}
		return mailer.NewPool([]mailer.Relay{one}, m.host.Log, time.Now), nil
	}
	box, err := m.startMailbox(ctx)
	if err != nil {
		return nil, err
	}
	mc := m.in.Relay.Config
	mc.Name, mc.Host, mc.Port, mc.TLS = "mailbox", box.Host(), box.Port(), mailer.NoTLS
	return mailer.New(mc, m.host.Log)
}

// relayDialer connects to the relay.
func (m *Maker) relayDialer(t mailer.Timeouts) (*mailer.Dialer, error) {
	return m.dialerOf(m.in.Relay.Config, m.in.Relay.CAFile, "smtp.ca_file", t)
}

func (m *Maker) dialerOf(mc mailer.Config, caFile, setting string, t mailer.Timeouts) (*mailer.Dialer, error) {
	mc.Timeouts = t
	if caFile != "" {
		var err error
		if mc.RootCAs, err = mailer.Certificates(caFile); err != nil {
			return nil, m.in.Problem(setting, err)
		}
	}
	return mailer.New(mc, m.host.Log)
}

// relays spread the sessions over several servers.
func (m *Maker) relays() (*mailer.Pool, error) {
	var list []mailer.Relay
	for i := range m.in.Relay.Several {
		r := &m.in.Relay.Several[i]
		d, err := m.severalDialer(i, mailer.Timeouts{})
		if err != nil {
			return nil, err
		}
		list = append(list, mailer.Relay{Name: r.Name, Dialer: d, Weight: r.Weight, Connections: r.Connections, Rate: r.Rate, Auto: r.Auto})
	}
	return mailer.NewPool(list, m.host.Log, time.Now), nil
}

func (m *Maker) severalDialer(i int, t mailer.Timeouts) (*mailer.Dialer, error) {
	r := m.in.Relay.Several[i]
	return m.dialerOf(r.Config, r.CAFile, fmt.Sprintf("smtp.relays[%d].ca_file", i), t)
}

// startMailbox starts the built-in mail server. It outlives ctx, so that what
// is in flight when the program is told to stop still arrives.
func (m *Maker) startMailbox(ctx context.Context) (*mailbox.Mailbox, error) {
	box, err := mailbox.Start(context.WithoutCancel(ctx), m.in.Relay.Mailbox, m.host.Log)
	if err != nil {
		return nil, err
	}
	m.closing("mailbox", box.Close)
	return box, nil
}

// transport is what editions are sent through; without a database there is no
// record of a send, and only single messages can be sent.
func (m *Maker) transport(ctx context.Context, db *Database, single pipeline.SingleSender, dialer delivery.Dialer) (pipeline.Transport, error) {
	t := pipeline.Transport{Dialer: dialer, Single: single}
	t.Relays, _ = single.(delivery.Relays) // one server with a set number of sessions has nothing to tell
	if db == nil {
		return t, nil
	}
	var err error
	if t.Ledger, err = m.Ledger(db.Deliveries, db.Leases); err != nil {
		return t, err
	}
	t.Pacing, t.Notices, t.Quotas, t.Holder = m.in.Pacing, db.Notices, db.Quotas, delivery.ThisProcess()
	t.Pacing.Relays = m.in.Relay.rates()
	if m.in.Server == nil {
		return t, nil
	}
	if t.Ledger.Node, err = m.claimNode(t.Ledger.Journals); err != nil {
		return t, err
	}
	t.Holder += ", node " + t.Ledger.Node
	return t, m.join(ctx, db, t.Ledger.Journals)
}

// A lateDialer connects to the mail server with its first message: a preview
// that sends no test mail needs none.
type lateDialer struct {
	maker  *Maker
	once   sync.Once
	dialer postman
	err    error
}

// SendOne sends one message.
func (l *lateDialer) SendOne(ctx context.Context, env delivery.Envelope, msg []byte) delivery.Result {
	l.once.Do(func() { l.dialer, l.err = l.maker.dialer(ctx) })
	if l.err != nil {
		return delivery.Result{Err: l.err}
	}
	return l.dialer.SendOne(ctx, env, msg)
}
