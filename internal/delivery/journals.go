package delivery

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/journal"
)

func (s SendInfo) header(node string) journal.Header {
	return journal.Header{Name: journal.Name{Week: s.Week, Node: node}, Database: s.Database}
}

func (s SendInfo) account(node string, readers []int64, seq uint64) JournalAccount {
	return JournalAccount{Node: node, Readers: readers, Seq: seq, Server: s.Server}
}

// nodes are those that have a journal of the send, by the database or by the
// folder. Where several hosts send, only the folder counts: the others' journals are
// on their hosts.
func (s SendInfo) nodes(f *journal.Folder) ([]string, error) {
	list, err := f.List()
	if err != nil {
		return nil, err
	}
	var nodes []string
	if !s.Several {
		for _, j := range s.Journals {
			nodes = append(nodes, j.Node)
		}
	}
	for _, n := range list {
		if n.Week == s.Week {
			nodes = append(nodes, n.Node)
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes), nil
}

// openJournal opens node's journal of a send, whose lease the caller holds, and
// refuses when a journal and the database do not belong together.
func (l Ledger) openJournal(ctx context.Context, info SendInfo, node string, at time.Time) (*journal.Log, error) {
	nodes, err := info.nodes(l.Journals)
	if err != nil {
		return nil, err
	}
	if info.Several { // each sender asks its own
		nodes = slices.DeleteFunc(nodes, func(n string) bool { return n != node })
		if len(nodes) == 0 && info.Seq(node) > 0 {
			nodes = []string{node} // the database knows of one, and it is gone
		}
	}
	for _, n := range nodes {
		if err := checkJournal(l.Journals, info, n); err != nil {
			return nil, err
		}
	}
	log, err := l.Journals.Open(info.header(node))
	if err != nil {
		return nil, err
	}
	if err := l.settle(ctx, log, info, node, at); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return log, nil
}

// settle settles the record that a sender which is at work no more left unsettled:
// its messages were not ended, unless the machine went down since. Nobody can
// commit their intents any more, because the lease is ours.
func (l Ledger) settle(ctx context.Context, log *journal.Log, info SendInfo, node string, at time.Time) error {
	r, open := log.Unsettled()
	if !open {
		return nil
	}
	void := r.IDs()
	switch {
	case r.Seq <= info.Seq(node): // the database has the intents
		dotted := map[int64]bool{}
		err := l.Store.VisitDotted(ctx, info.Edition, func(id int64, s State, _ int) error {
			if s != Suppressed && slices.Contains(void, id) {
				dotted[id] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		void = slices.DeleteFunc(void, func(id int64) bool { return dotted[id] })
	case r.Rebooted: // the database may have lost them
		if _, err := l.Store.Reconcile(ctx, info.Edition, info.account(node, void, r.Seq), at); err != nil {
			return err
		}
		void = nil
	}
	return log.Settle(void)
}

// checkJournal compares how far a journal reaches with what the database knows.
func checkJournal(f *journal.Folder, info SendInfo, node string) error {
	h, known := info.header(node), info.Seq(node)
	exists, err := f.Exists(h.Name)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if !exists {
		return fmt.Errorf("%w: %s is missing, and without it nobody can tell whether this database is a restored backup; "+
			"put the file back, or, if the database was not restored since the send began, begin a new one", ErrJournalLost, f.Path(h.Name))
	}
	var last uint64
	_, err = f.Read(h, func(r journal.Record) error {
		if !r.Unsettled { // else it may be ahead; see settle
			last = r.Seq
		}
		return nil
	})
	if err != nil {
		return err
	}
	if last > known {
		return fmt.Errorf("%w: %s reaches record %d, the database %d; the database was restored from a backup "+
			"after messages had left",
			ErrJournalAhead, f.Path(h.Name), last, known)
	}
	return nil
}

// reconcileBatch is how many deliveries one transaction takes over.
const reconcileBatch = 10_000

// Reconcile makes a restored database and the journals agree: every reader whom
// a journal notes after the database's last record of it, and whose delivery is
// not final, becomes unknown, never to be sent again by itself. It gives their
// number, and fails with ErrLocked while a sender works.
func (l Ledger) Reconcile(ctx context.Context, id int64, at time.Time) (n int64, err error) {
	info, err := l.Store.Info(ctx, id)
	if err != nil {
		return 0, err
	}
	err = exclusively(ctx, l, info, at, func() error {
		nodes, err := info.nodes(l.Journals)
		if err != nil {
			return err
		}
		for _, node := range nodes {
			m, err := l.reconcile(ctx, info, node, at)
			n += m
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (l Ledger) reconcile(ctx context.Context, info SendInfo, node string, at time.Time) (n int64, err error) {
	var ids []int64
	take := func(seq uint64) error {
		m, err := l.Store.Reconcile(ctx, info.Edition, info.account(node, ids, seq), at)
		n += m
		ids = ids[:0]
		return err
	}
	last, err := l.Journals.Read(info.header(node), func(r journal.Record) error {
		if r.Seq <= info.Seq(node) || !r.MayHaveLeft() {
			return nil
		}
		ids = append(ids, r.IDs()...)
		if len(ids) < reconcileBatch {
			return nil
		}
		return take(0) // the sequence is taken over when every id was
	})
	if err != nil {
		return n, err
	}
	return n, take(last)
}

// AcceptJournalLoss begins new journals for an edition whose own are gone or
// damaged. Only an operator who knows that the database was not restored from a
// backup since the send began may say so. A damaged one is set aside; whom it
// notes before the damage, and the database does not, becomes unknown. lost names the
// nodes that will compare no journal with a database whose server has changed,
// because their disks are gone: of whom they mailed last the database may know
// nothing. It fails with ErrNoSuchNode where one of them is no such node.
func (l Ledger) AcceptJournalLoss(ctx context.Context, id int64, at time.Time, lost ...string) error {
	info, err := l.Store.Info(ctx, id)
	if err != nil {
		return err
	}
	return exclusively(ctx, l, info, at, func() error {
		nodes, err := info.nodes(l.Journals)
		if err != nil {
			return err
		}
		if info.Several && info.Seq(l.Node) > 0 && !slices.Contains(nodes, l.Node) {
			nodes = append(nodes, l.Node)
		}
		for _, node := range nodes {
			if err := l.beginAgain(ctx, info, node, at); err != nil {
				return err
			}
		}
		return l.giveUpOn(ctx, info, lost, at)
	})
}

// giveUpOn has nobody wait for the journals of nodes that are lost. Of this host's
// own nothing is to be waited for either, once it is begun again.
func (l Ledger) giveUpOn(ctx context.Context, info SendInfo, lost []string, at time.Time) error {
	for _, node := range lost {
		if !slices.Contains(info.NotCompared, node) {
			return fmt.Errorf("%w: %q; those are: %s", ErrNoSuchNode, node, cmp.Or(strings.Join(info.NotCompared, ", "), "none"))
		}
	}
	if slices.Contains(info.NotCompared, l.Node) {
		lost = append(slices.Clone(lost), l.Node)
	}
	for _, node := range lost {
		if _, err := l.Store.Reconcile(ctx, info.Edition, info.account(node, nil, 0), at); err != nil {
			return err
		}
	}
	return nil
}

func (l Ledger) beginAgain(ctx context.Context, info SendInfo, node string, at time.Time) error {
	h := info.header(node)
	var ids []int64
	_, err := l.Journals.Read(h, func(r journal.Record) error {
		if r.Seq > info.Seq(node) && r.MayHaveLeft() {
			ids = append(ids, r.IDs()...)
		}
		return nil
	})
	if errors.Is(err, journal.ErrDamaged) {
		if _, err := l.Store.Reconcile(ctx, info.Edition, info.account(node, ids, 0), at); err != nil {
			return err
		}
		if _, err := l.Journals.SetAside(h.Name, at); err != nil {
			return err
		}
		err = nil
	}
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	log, err := l.Journals.Open(h)
	if err != nil {
		return err
	}
	return log.Close()
}

// CompactJournals makes a finished edition's journals small; see
// journal.Folder.Compact.
func (l Ledger) CompactJournals(ctx context.Context, id int64, at time.Time) error {
	info, err := l.Store.Info(ctx, id)
	if err != nil {
		return err
	}
	return l.compactJournals(info, at)
}

func (l Ledger) compactJournals(info SendInfo, at time.Time) error {
	nodes, err := info.nodes(l.Journals)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		if err := l.Journals.Compact(info.header(node), true, at); err != nil && !errors.Is(err, journal.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Identity tells databases apart by the bytes that were made with them: those of a
// restored backup are its original's. It is in each journal's header.
func Identity(secret []byte) (id [8]byte) {
	sum := sha256.Sum256(append([]byte("journal\x00"), secret...))
	copy(id[:], sum[:])
	return id
}
