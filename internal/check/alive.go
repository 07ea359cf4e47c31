package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/sync/errgroup"

	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/mergefield"
)

// A Fetcher reads a URL. Package fetch's Client does, and refuses to reach
// inside; its errors are understood here.
type Fetcher interface {
	Get(ctx context.Context, url string) ([]byte, error)
}

var _ Fetcher = (*fetch.Client)(nil)

const (
	fetchesAtOnce = 6
	fetchesMost   = 100
)

// LinksAlive follows each address that a mail links, once, and reports the dead
// ones: a page that is gone (404, 410) is a Fail, one that could not be reached
// now is a Warn. Addresses below own (site.base_url) are left out: an edition's
// own pages exist once it is sent, and a reader's links need a token. When ctx
// ends, the addresses not yet reached are warned of.
func LinksAlive(ctx context.Context, f Fetcher, own, document string) []Finding {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return []Finding{{Check: "links.alive", Level: Fail, Detail: "the HTML cannot be parsed: " + err.Error(), Fix: "fix the template"}}
	}
	urls := addresses(newDocument(root), own)
	skipped := max(0, len(urls)-fetchesMost)
	urls = urls[:len(urls)-skipped]
	failed := make([]error, len(urls))
	var g errgroup.Group
	g.SetLimit(fetchesAtOnce)
	for i, u := range urls {
		g.Go(func() error {
			_, failed[i] = f.Get(ctx, u)
			return nil
		})
	}
	_ = g.Wait() // the functions return none
	var dead, doubtful []string
	for i, err := range failed {
		switch {
		case err == nil, errors.Is(err, fetch.ErrTooLarge):
		case isGone(err):
			dead = append(dead, fmt.Sprintf("%s is gone (%s)", urls[i], reason(err)))
		default:
			doubtful = append(doubtful, fmt.Sprintf("%s could not be reached (%s)", urls[i], reason(err)))
		}
	}
	if skipped > 0 {
		doubtful = append(doubtful, fmt.Sprintf("%d more addresses were not tried", skipped))
	}
	r := &report{}
	r.addAll("links.alive", Fail, says(dead...), "correct the url in the comparison", "%d addresses tried, none is gone", len(urls))
	r.addAll("links.reachable", Warn, says(doubtful...), "open it in a browser; some sites refuse programs", "%d addresses tried, all answer", len(urls))
	return r.findings
}

// addresses gives the web addresses to try, each once, in the mail's order.
func addresses(d *document, own string) []string {
	own = strings.TrimRight(own, "/")
	var out []string
	seen := map[string]bool{}
	for _, n := range d.links() {
		href, _, _ := strings.Cut(attr(n, "href"), "#")
		lower := strings.ToLower(href)
		switch {
		case !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://"), seen[href]:
			continue
		case own != "" && (href == own || strings.HasPrefix(href, own+"/")), hasSlot(href):
			continue
		}
		seen[href] = true
		out = append(out, href)
	}
	return out
}

func hasSlot(s string) bool {
	for _, p := range mergefield.All() {
		if strings.Contains(s, string(p)) {
			return true
		}
	}
	return false
}

// isGone reports an answer that says that nothing is there (RFC 9110 §15.5.5, §15.5.11).
func isGone(err error) bool {
	var status *fetch.StatusError
	return errors.As(err, &status) && (status.Code == 404 || status.Code == 410)
}

// reason is the last part of an error, without the address that it repeats.
func reason(err error) string {
	var status *fetch.StatusError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, fetch.ErrPrivate):
		return "its address is not on the public Internet"
	case errors.Is(err, fetch.ErrTooSlow), errors.Is(err, context.DeadlineExceeded):
		return "it took too long"
	case errors.Is(err, context.Canceled):
		return "it was not tried"
	}
	return err.Error()
}
