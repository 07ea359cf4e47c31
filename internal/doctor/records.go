package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// Records are what the database and the journals say; package desk has them.
type Records interface {
	Editions(ctx context.Context) ([]edition.Edition, error)
	Standing(ctx context.Context, w edition.Week) (edition.Edition, delivery.Counts, error)
	// Verify proves a send.
	Verify(ctx context.Context, w edition.Week) (delivery.Proof, error)
	// Gaps says what the journals know and the database does not.
	Gaps(ctx context.Context) ([]delivery.Gap, error)
}

// A List is the newsletter: its records, its calendar and its settings.
type List struct {
	Records Records
	Server  bool // a server keeps the records, not a file
	// Damage looks through the whole database and names what is not in order.
	Damage  func(ctx context.Context) ([]string, error)
	Next    func() time.Time // the next slot; zero for none
	Notes   []string         // what is odd about the schedule
	Unready error            // why readers can't be mailed
	Postal  string           // site.postal_address
	CatchUp time.Duration
	Now     func() time.Time
}

// Checks are those of a list; without records only the settings'.
func (l List) Checks() []Check {
	list := []Check{{"settings", l.settings}, {"postal-address", l.postal}, {"next-slot", l.next}}
	if l.Records == nil {
		return list
	}
	return append(list, Check{integrityCheck, l.integrity}, Check{"journal", l.journal}, Check{"editions", l.editions}, Check{"unknown", l.unknown})
}

// integrityCheck takes as long as the database is large.
const integrityCheck = "integrity"

func (l List) settings(context.Context) Finding {
	if l.Unready != nil {
		return fail("write your own values into config.yaml", "%s", strings.ReplaceAll(l.Unready.Error(), "\n", "; "))
	}
	return pass("readers can be mailed with these settings")
}

func (l List) postal(context.Context) Finding {
	if strings.TrimSpace(l.Postal) == "" {
		return warn("write it into site.postal_address", "no postal address is set; the law of most countries asks for one in every mail to a list")
	}
	return pass("%s", strings.Join(strings.Fields(l.Postal), " "))
}

func (l List) next(context.Context) Finding {
	at := l.Next()
	if at.IsZero() {
		return fail("correct schedule.send", "schedule.send has no further slot")
	}
	if len(l.Notes) > 0 {
		return warn("correct schedule.draft or schedule.send", "%s", strings.Join(l.Notes, "; "))
	}
	return pass("the next slot is %s", at.Format("Monday 2 January 2006 15:04 MST"))
}

func (l List) integrity(ctx context.Context) Finding {
	damage, err := l.Damage(ctx)
	if l.Server {
		return integrityOfServer(damage, err)
	}
	const fix = "stop 'digest serve' and restore the newest backup with 'digest restore FILE'"
	if err != nil {
		return fail(fix, "%s", err)
	}
	if len(damage) > 0 {
		return fail(fix, "%s", strings.Join(damage, "; "))
	}
	return pass("every page, index and reference of the database is in order")
}

// integrityOfServer repeats what a server says of itself: it looks at its pages
// when it reads them, if they have checksums (the check checksums).
func integrityOfServer(damage []string, err error) Finding {
	if err != nil {
		return fail(askServer, "%s", err)
	}
	if len(damage) > 0 {
		return fail("rebuild an index that is not valid; after a failed checksum promote a standby or restore the server's backup, see docs/operating.md, damaged pages", "%s", strings.Join(damage, "; "))
	}
	return pass("the server knows of no index that is not valid and of no page that failed its checksum")
}

// journalFix is what to do about journals that cannot be read.
func (l List) journalFix() string {
	if l.Server {
		return "put this node's folder of journals (in data:) back as it was; if its disk is gone, see docs/scaling.md, with a standby"
	}
	return "put the journal folder back as it was beside the database"
}

// journal compares the journals with the database, and proves the newest send.
func (l List) journal(ctx context.Context) Finding {
	gaps, err := l.Records.Gaps(ctx)
	if err != nil {
		return fail(l.journalFix(), "%s", err)
	}
	if len(gaps) > 0 {
		var say []string
		for _, g := range gaps {
			say = append(say, g.String())
		}
		return fail(fmt.Sprintf("'digest resume --week %s --reconcile' takes it over", gaps[0].Week), "%s", strings.Join(say, "; "))
	}
	list, err := l.Records.Editions(ctx)
	if err != nil {
		return fail("see the check integrity", "%s", err)
	}
	last, ok := latestFrozen(list)
	if !ok {
		return pass("no edition was sent yet")
	}
	proof, err := l.Records.Verify(ctx, last.Week)
	if err != nil {
		return fail(l.journalFix(), "%s", err)
	}
	if problems := proof.Problems(); len(problems) > 0 {
		return fail(fmt.Sprintf("'digest verify --week %s' shows it, docs/operating.md says what to do", last.Week), "the proof of %s does not hold: %s", last.Week, strings.Join(problems, "; "))
	}
	return pass("the journals know nothing that the database does not, and the proof of %s holds", last.Week)
}

func latestFrozen(list []edition.Edition) (last edition.Edition, ok bool) {
	for _, e := range list {
		if e.Frozen() && e.FrozenAt.After(last.FrozenAt) {
			last, ok = e, true
		}
	}
	return last, ok
}

// A send of a million readers takes hours, not a day.
const longSend = 24 * time.Hour

// editions names those that wait for a person.
func (l List) editions(ctx context.Context) Finding {
	list, err := l.Records.Editions(ctx)
	if err != nil {
		return fail("see the check integrity", "%s", err)
	}
	found := []Finding{pass("no edition is stuck")}
	for _, e := range list {
		found = append(found, l.edition(e))
	}
	return gravest(found...)
}

func (l List) edition(e edition.Edition) Finding {
	w, now := e.Week, l.Now()
	switch late := now.Sub(e.Slot); {
	case e.State == edition.Sending && e.PauseReason != "":
		return fail(fmt.Sprintf("fix what the reason names, then 'digest resume %s'", w), "%s is paused: %s", w, e.PauseReason)
	case e.State == edition.Sending && now.Sub(e.FrozenAt) > longSend:
		return warn(fmt.Sprintf("'digest status %s' shows it; start 'digest serve', or 'digest send --week %[1]s'", w), "%s has been in the sending for %s", w, hours(now.Sub(e.FrozenAt)))
	case e.State == edition.Held && late > -longSend && late < l.CatchUp:
		return warn(fmt.Sprintf("'digest edition approve %s' releases it, 'digest edition cancel %[1]s' ends it", w), "%s is held and its slot is %s", w, e.Slot.Format(time.RFC3339))
	case e.State == edition.Draft && e.NeedsApproval && late > -longSend && late < l.CatchUp:
		return warn(fmt.Sprintf("'digest edition approve %s'", w), "%s is not approved and its slot is %s", w, e.Slot.Format(time.RFC3339))
	case e.State == edition.Missed && late < 7*24*time.Hour:
		return warn("see why 'digest serve' did not run then", "%s was missed", w)
	}
	return pass("no edition is stuck")
}

func hours(d time.Duration) string { return fmt.Sprintf("%d hours", int(d.Hours())) }

// unknown counts deliveries that a person must settle.
func (l List) unknown(ctx context.Context) Finding {
	list, err := l.Records.Editions(ctx)
	if err != nil {
		return fail("see the check integrity", "%s", err)
	}
	var say []string
	var first edition.Week
	for _, e := range list {
		if !e.Frozen() {
			continue
		}
		_, counts, err := l.Records.Standing(ctx, e.Week)
		if err != nil {
			return fail("see the check integrity", "%s", err)
		}
		if n := counts[delivery.Unknown]; n > 0 {
			if len(say) == 0 {
				first = e.Week
			}
			say = append(say, fmt.Sprintf("%d of %s", n, e.Week))
		}
	}
	if len(say) > 0 {
		return warn(fmt.Sprintf("give the relay's log to 'digest settle FILE', then settle what it does not know with 'digest resolve --week %s --as sent' or '--as retry'", first), "whether they arrived is not known: %s", strings.Join(say, ", "))
	}
	return pass("the outcome of every delivery is known")
}
