package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/server"
)

const serveLong = `Serve the site (sign-up, confirmation, unsubscription, archive, feeds), run the
scheduler, and send what is due, until SIGTERM or SIGINT: work in flight is then
finished, and the exit code is 0.

What comes back after a send is taken in on inbound.listen, from inbound.maildir and
through webhooks, and the relay's log (inbound.relay_log) is followed, where these
are set.

With smtp.host mailbox, /mailbox shows what the built-in mail server received.

The address of 'metrics' has /metrics for Prometheus and, when it is a loopback
address, a page that follows the sends: it shows readers' addresses and has no
login. From another machine: ssh -L 9090:127.0.0.1:9090 HOST.`

func newServeCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the site, the scheduler and the sender",
		Long:  serveLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.serving = true
			s, err := a.service(cmd.Context())
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), s)
		},
	}
}

// service makes all the parts of serve.
func (a *app) service(ctx context.Context) (*assembly.Service, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	return w.Service(ctx)
}

// serve opens the listeners and runs the service on them.
func (a *app) serve(ctx context.Context, s *assembly.Service) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	mail := cfg.Inbound.Listen
	if !cfg.HasRole("inbound") {
		mail = ""
	}
	on, err := server.Listen(cfg.Listen, cfg.Metrics, mail)
	if err != nil {
		return err
	}
	url := "http://" + on.Site.Addr().String()
	a.say("serving %s on %s", cfg.Site.BaseURL, url)
	if len(cfg.Editors) > 0 {
		a.say("the editors' desk: %s/desk/", strings.TrimRight(cfg.Site.BaseURL, "/"))
	}
	if cfg.UsesMailbox() {
		a.say("mail goes to the built-in mailbox: %s/mailbox", url)
	}
	if lm := on.Operators; lm != nil && loopback.Is(lm.Addr()) {
		a.say("how sends go, for operators: http://%s/", lm.Addr())
	}
	if on.Mail != nil {
		a.say("mail to %s comes in by LMTP or SMTP: %s", cfg.Mail.BounceDomain, on.Mail.Addr())
	}
	server.CollectOften(server.ServeGrowth)
	return s.Run(ctx, s.Pages, on)
}
