package mailer

import (
	"errors"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"verdicts.example/digest/internal/delivery"
)

// An offer is what a server answered to EHLO: parameters by keyword, the
// keywords in upper case.
type offer map[string]string

func (o offer) has(keyword string) bool {
	_, ok := o[keyword]
	return ok
}

// offer tells which of the keywords the server offers. Keywords are written in
// any case (RFC 5321 §4.1.1.1), and go-mail finds those in upper case only: when
// it misses one, the server is asked again. A server that knows no EHLO offers
// nothing.
func (d *Dialer) offer(c *smtp.Client, keywords ...string) (offer, error) {
	known := offer{}
	for _, k := range keywords {
		if ok, params := c.Extension(k); ok {
			known[k] = params
		}
	}
	if len(known) == len(keywords) {
		return known, nil
	}
	id, err := c.Text.Cmd("EHLO %s", d.cfg.HELO)
	if err != nil {
		return known, err
	}
	c.Text.StartResponse(id)
	defer c.Text.EndResponse(id)
	_, text, err := c.Text.ReadResponse(250)
	var refused *textproto.Error
	switch {
	case errors.As(err, &refused) && refused.Code != 421:
		return known, nil
	case err != nil:
		return known, refusal(delivery.PhaseConnect, err)
	}
	_, lines, _ := strings.Cut(text, "\n")
	asked := offer{}
	for line := range strings.Lines(lines) {
		keyword, params, _ := strings.Cut(strings.TrimSpace(line), " ")
		asked[strings.ToUpper(keyword)] = params
	}
	return asked, nil
}
