package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/journal"
)

// followServer is for a database whose server has changed since a send began. A
// standby that was promoted may have forgotten what was committed last, as a
// restored backup has: intents are gone, and their readers would be mailed again.
// So nobody sends until each node of the send has compared its journal with the
// database. A node does so by itself when it comes; of one that does not come an
// operator says that its journal is lost (AcceptJournalLoss).
func (l Ledger) followServer(ctx context.Context, info SendInfo, node string, at time.Time) (SendInfo, error) {
	if !info.Several {
		return info, nil
	}
	if err := l.notBefore(info.Server); err != nil {
		return info, err
	}
	if slices.Contains(info.NotCompared, node) {
		if err := l.compareOwn(ctx, info, node, at); err != nil {
			return info, fmt.Errorf("compare the journal with the database's new server: %w", err)
		}
	}
	info, err := l.Store.Info(ctx, info.Edition)
	if err != nil {
		return info, err
	}
	if late := info.NotCompared; len(late) > 0 {
		return info, fmt.Errorf("%w; it may have forgotten messages, so nothing is sent until these nodes have compared their journals: %s",
			ErrServerMoved, strings.Join(late, ", "))
	}
	return info, nil
}

// compareOwn is Reconcile of a node's own journal; one that was never begun has
// nothing to say.
func (l Ledger) compareOwn(ctx context.Context, info SendInfo, node string, at time.Time) error {
	exists, err := l.Journals.Exists(info.header(node).Name)
	if err != nil {
		return err
	}
	if exists {
		_, err = l.reconcile(ctx, info, node, at)
		return err
	}
	if info.Seq(node) > 0 {
		return ErrJournalLost
	}
	_, err = l.Store.Reconcile(ctx, info.Edition, info.account(node, nil, 0), at)
	return err
}

// notBefore fails with ErrFormerServer when this node has sent from a later timeline
// of the server's cluster: somebody has started the former primary again, which
// knows nothing of what was sent since.
func (l Ledger) notBefore(now journal.Server) error {
	seen, err := l.Journals.Seen()
	switch {
	case err != nil || seen == now:
		return err
	case seen.Cluster == now.Cluster && seen.Timeline > now.Timeline:
		return fmt.Errorf("%w: it is on timeline %d, and this node has sent from timeline %d, which a promoted standby began", ErrFormerServer, now.Timeline, seen.Timeline)
	}
	return l.Journals.See(now)
}
