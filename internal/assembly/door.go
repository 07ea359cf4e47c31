package assembly

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/visitor"
	"verdicts.example/digest/internal/workbench"
)

// deskPath is where the desk is on the site.
const deskPath = "/desk"

// openDesk makes the editors' desk of serve, behind their login. It shows the
// mail by the templates that editions go out with, those of the start.
func (m *Maker) openDesk(s *Service, r *render.Renderer) error {
	site, err := url.Parse(strings.TrimRight(m.in.Edition.Site.BaseURL, "/"))
	if err != nil {
		return fmt.Errorf("site.base_url: %w", err)
	}
	s.door = editors.New(editors.Parts{
		Store: s.DB.Editors, Roster: m.roster, Now: m.host.Now, Log: m.host.Log,
		State: func(ctx context.Context, w edition.Week) (edition.State, error) {
			e, err := s.Desk.Edition(ctx, w)
			if errors.Is(err, edition.ErrNotFound) {
				err = nil
			}
			return e.State, err
		},
	})
	trusted := m.in.Signup.TrustedProxies
	deps := m.benchDeps(s.Desk)
	deps.Mails = func() (*render.Renderer, error) { return r, nil }
	deps.Standing = m.standing()
	deps.Base = site.EscapedPath() + deskPath
	deps.Door = &workbench.Door{Editors: s.door, Site: site, Visitor: func(r *http.Request) netip.Addr { return visitor.IP(r, trusted) }}
	if s.bench, err = workbench.New(deps); err != nil {
		return err
	}
	if len(m.in.Editors) > 0 && !m.hasDesk() {
		m.host.Log.Warn("the editors' desk needs https and does not open: site.base_url is plain http", "base_url", m.in.Edition.Site.BaseURL)
	}
	return nil
}

// hasDesk reports whether editors can log in on the site.
func (m *Maker) hasDesk() bool {
	site, err := url.Parse(m.in.Edition.Site.BaseURL)
	return err == nil && workbench.Private(site) && len(m.in.Editors) > 0
}
