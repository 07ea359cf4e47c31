package delivery

import (
	"context"
	"fmt"
	"strings"
	"time"
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
	for _, j := range info.Journals {
		if j.Node != node || j.Server == info.Server {
			continue
		}
		if _, err := l.reconcile(ctx, info, node, at); err != nil {
			return info, fmt.Errorf("compare the journal with the database's new server: %w", err)
		}
	}
	info, err := l.Store.Info(ctx, info.Edition)
	if err != nil {
		return info, err
	}
	if late := info.notCompared(); len(late) > 0 {
		return info, fmt.Errorf("%w; it may have forgotten messages, so nothing is sent until these nodes have compared their journals: %s",
			ErrServerMoved, strings.Join(late, ", "))
	}
	return info, nil
}

// notCompared are the nodes whose journals were not compared with the server that
// the database is on now.
func (s SendInfo) notCompared() (nodes []string) {
	for _, j := range s.Journals {
		if j.Server != s.Server {
			nodes = append(nodes, j.Node)
		}
	}
	return nodes
}
