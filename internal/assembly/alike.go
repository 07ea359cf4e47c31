package assembly

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/templates"
)

// join makes this process one of the nodes that the database knows, until Close.
func (m *Maker) join(ctx context.Context, db *Database, journals *journal.Folder) error {
	if m.keeper != nil || db.Registry == nil {
		return nil
	}
	settings, err := m.alike()
	if err != nil {
		return err
	}
	place, err := journals.Place()
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	self := node.Node{
		Name: m.claimed, Process: rand.Text(), Place: place, Host: host, PID: os.Getpid(),
		Roles: m.in.Roles, Version: version.This().String(), Settings: settings,
	}
	keeper := node.NewKeeper(db.Registry, self, m.host.Log, time.Now)
	if err := keeper.Join(ctx); errors.Is(err, node.ErrTaken) {
		return m.in.Problem("node.name", err)
	} else if err != nil {
		return err
	}
	m.keeper = keeper
	alive, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); keeper.Run(alive) }()
	m.closing("node", func() error { end(); <-done; return nil })
	return nil
}

// warnings are what is not alike on the nodes of the list.
func (m *Maker) warnings() []string {
	if m.keeper == nil {
		return nil
	}
	return m.keeper.Warnings()
}

// alike is what all nodes of a list have to be told alike, by the names of the
// settings. Of files and keys it has a digest.
func (m *Maker) alike() (map[string]string, error) {
	e, h := m.in.Edition, m.in.Edition.Headers
	out := map[string]string{
		"site.name": e.Site.Name, "site.base_url": e.Site.BaseURL, "site.postal_address": e.Site.PostalAddress,
		"mail.from": h.From.String(), "mail.list_id": h.ListID, "mail.bounce_domain": h.BounceDomain,
		"schedule.timezone":     m.in.Schedule.Zone().String(),
		"smtp.rate":             fmt.Sprint(m.in.Pacing.Rate),
		"smtp.per_domain":       fmt.Sprint(m.in.Pacing.Domain.AtOnce),
		"smtp.domain_rate":      fmt.Sprint(m.in.Pacing.Domain.Rate),
		"smtp.warm_up":          fmt.Sprint(m.in.Pacing.Warmup.PerDay),
		"smtp.relays' rates":    m.in.Relay.rateWords(),
		"the program's version": version.This().String(),
	}
	if h.ReplyTo.Address != "" {
		out["mail.reply_to"] = h.ReplyTo.String()
	}
	files, err := m.templates()
	if err != nil {
		return nil, err
	}
	if out["templates"], err = digestOf(files); err != nil {
		return nil, err
	}
	keys, err := m.keys()
	if err != nil {
		return nil, err
	}
	out["dkim"] = ""
	for _, k := range keys {
		public, err := message.DNSRecord(k.Key)
		if err != nil {
			return nil, err
		}
		out["dkim"] += fmt.Sprintf("%s._domainkey.%s %s ", k.Selector, k.Domain, short([]byte(strings.Join(public, ""))))
	}
	return out, nil
}

// digestOf is the digest of all templates.
func digestOf(files fs.FS) (string, error) {
	var all []byte
	for _, name := range templates.Names() {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		all = fmt.Appendf(all, "%s %s\n", name, short(text))
	}
	return short(all), nil
}

// short tells apart what it was made of, and says nothing else of it.
func short(text []byte) string {
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%x", sum[:6])
}
