package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
)

// proofExamples is how many offenders a Proof names; it counts them all.
const proofExamples = 20

// A Proof compares what was frozen, what the database says became of it, and
// what the journal says left.
type Proof struct {
	Info    SendInfo
	Counts  Counts
	Unknown []Delivery // the first few; Counts has their number
	Relays  []RelayCounts

	// Each holds the subscribers that contradict the promise; empty is good.
	Twice       Offenders // the journal ended their message more often than the database knows
	Unjournaled Offenders // accepted, and the journal does not know that it left
	Ahead       Offenders // in the journal, and the database does not know that it left
	NoJournal   bool      // messages left and there is no journal
	Elsewhere   []string  // nodes whose journals are on other hosts: whether they have their own is proved there
}

// Offenders are subscribers, the first few by id.
type Offenders struct {
	Count int64
	IDs   []int64
}

func (o *Offenders) include(id int64) {
	o.Count++
	if len(o.IDs) < proofExamples {
		o.IDs = append(o.IDs, id)
	}
}

// Problems lists why the proof does not hold, empty when it does. Unknown
// deliveries are not among them: they are listed apart.
func (p *Proof) Problems() []string {
	var out []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(p.Counts.Total() != p.Info.Recipients, "%d recipients were frozen, %d are recorded", p.Info.Recipients, p.Counts.Total())
	say(p.waiting() > 0, "the edition is %s, yet %d readers still wait for it", p.Info.State, p.waiting())
	say(p.Twice.Count > 0, "%d readers may have got it twice (subscribers %v)", p.Twice.Count, p.Twice.IDs)
	say(p.Unjournaled.Count > 0, "%d accepted deliveries are not in the journal (subscribers %v)", p.Unjournaled.Count, p.Unjournaled.IDs)
	say(p.Ahead.Count > 0, "%d readers are in the journal but not in the database (subscribers %v): was it restored from a backup?", p.Ahead.Count, p.Ahead.IDs)
	say(p.NoJournal, "the journal is gone, so only the database shows that nobody got it twice")
	return out
}

// waiting is how many readers wait for an edition that nobody sends any more.
// What is on its way of a cancelled one is recorded by its sender.
func (p *Proof) waiting() int64 {
	switch edition.State(p.Info.State) {
	case edition.Sent:
		return p.Counts.Open()
	case edition.Cancelled:
		return p.Counts.Open() - p.Counts[Dotting]
	}
	return 0
}

// Verify proves an edition's send, also a running one: every recipient is in
// one state, and no message was ended more often than it was refused plus one.
// Of a compacted edition only the counts are left to compare.
func Verify(ctx context.Context, store Records, f *journal.Folder, id int64) (Proof, error) {
	var p Proof
	var err error
	if p.Info, err = store.Info(ctx, id); err != nil {
		return p, err
	}
	// The journal first: the database may only know more by the time it is read.
	left := &departures{}
	if err := p.readJournal(f, left.note); err != nil {
		return p, err
	}
	if p.Counts, err = store.Counts(ctx, id); err != nil {
		return p, err
	}
	if p.Unknown, err = store.List(ctx, id, Unknown, 0, proofExamples); err != nil {
		return p, err
	}
	if p.Relays, err = store.Relays(ctx, id); err != nil {
		return p, err
	}
	if !p.Info.CompactedAt.IsZero() || p.NoJournal {
		return p, nil
	}
	if err := store.VisitDotted(ctx, id, func(id int64, s State, dots int) error {
		p.compare(left, id, s, dots)
		return nil
	}); err != nil {
		return p, err
	}
	left.first.Each(p.Ahead.include)
	if err := p.askAgain(f, &left.unjournaled); err != nil {
		return p, err
	}
	if len(p.Elsewhere) == 0 { // else another host's journal may have them
		left.unjournaled.Each(p.Unjournaled.include)
	}
	return p, nil
}

// askAgain takes out of missing whom a running send has noted since the journal
// was read.
func (p *Proof) askAgain(f *journal.Folder, missing *journal.Set) error {
	if missing.Empty() {
		return nil
	}
	return p.readJournal(f, func(r journal.Record) {
		for _, id := range r.IDs() {
			missing.Remove(id)
		}
	})
}

func (p *Proof) readJournal(f *journal.Folder, note func(journal.Record)) error {
	nodes, err := p.Info.nodes(f)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		_, err := f.Read(p.Info.header(node), func(r journal.Record) error {
			note(r)
			return nil
		})
		if errors.Is(err, journal.ErrNotFound) {
			p.NoJournal = true
			continue
		}
		if err != nil {
			return err
		}
	}
	p.missing(nodes)
	return nil
}

// missing notes the nodes that have a journal by the database and none here. Where
// no journal is here, there is none to prove anything.
func (p *Proof) missing(here []string) {
	if !p.Info.Several {
		return
	}
	p.Elsewhere = nil
	for _, j := range p.Info.Journals {
		if !slices.Contains(here, j.Node) {
			p.Elsewhere = append(p.Elsewhere, j.Node)
		}
	}
	p.NoJournal = len(here) == 0 && len(p.Elsewhere) > 0
}

// compare holds one delivery against the journal and strikes it off there.
func (p *Proof) compare(left *departures, id int64, s State, dots int) {
	n := left.count(id)
	if n > dots {
		p.Twice.include(id)
	}
	if n == 0 && s == Accepted {
		left.unjournaled.Add(id)
	}
}

// departures is how often each reader's message left by the journal: a bit a
// reader, and a map of the few that left again.
type departures struct {
	first       journal.Set
	extra       map[int64]int
	unjournaled journal.Set // accepted, and not in the journal
}

// note does not tell first from again: the record of the first may have failed. A
// record that is not settled shows nothing yet: its intents may not be committed.
func (d *departures) note(r journal.Record) {
	if r.Unsettled {
		return
	}
	for _, id := range r.IDs() {
		if !d.first.Add(id) {
			d.more(id)
		}
	}
}

func (d *departures) more(id int64) {
	if d.extra == nil {
		d.extra = map[int64]int{}
	}
	d.extra[id]++
}

// count gives and forgets how often a reader's message left.
func (d *departures) count(id int64) int {
	n := d.extra[id]
	if d.first.Remove(id) {
		n++
	}
	return n
}
