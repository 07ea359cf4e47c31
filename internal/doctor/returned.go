package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/spelling"
)

// Returned is what came back after sends.
type Returned struct {
	// Shelf gives what was kept, and the DMARC reports.
	Shelf interface {
		Kept(ctx context.Context) ([]inbound.Kept, error)
		DMARC(ctx context.Context) ([]inbound.DMARC, error)
	}
	Own    []netip.Addr // the sending addresses
	Expect bool         // mails that come back are read
	Now    func() time.Time
}

// reportsFor is how far back DMARC reports and kept mails count.
const reportsFor = 30 * 24 * time.Hour

// Checks are those of what came back.
func (r Returned) Checks() []Check {
	return []Check{{"returned", r.kept}, {"dmarc-reports", r.reports}}
}

// kept names what somebody should look at.
func (r Returned) kept(ctx context.Context) Finding {
	list, err := r.Shelf.Kept(ctx)
	if err != nil {
		return fail("see the check integrity", "%s", err)
	}
	list = slices.DeleteFunc(list, func(k inbound.Kept) bool { return r.Now().Sub(k.At) > reportsFor })
	switch {
	case len(list) > 0:
		return warn("'digest inbound list' shows them", "%s came back that the program could not act on, the last on %s",
			spelling.Count(len(list), "mail"), list[0].At.UTC().Format(time.DateOnly))
	case !r.Expect:
		return skipped("set inbound.listen, inbound.maildir or inbound.pipe", "no mail that comes back is read: gone mailboxes are mailed for ever, and complaints are not heard")
	}
	return pass("nothing waits for somebody to look at it")
}

// reports sums the DMARC aggregate reports up. What fails from an address of the
// list's own is the list's own trouble; others forge its name, or forward.
func (r Returned) reports(ctx context.Context) Finding {
	list, err := r.Shelf.DMARC(ctx)
	if err != nil {
		return fail("see the check integrity", "%s", err)
	}
	var reports, mails, failed, own int64
	by := map[string]int64{}
	for _, d := range list {
		if r.Now().Sub(d.End) > reportsFor {
			continue
		}
		reports, mails, failed = reports+1, mails+d.Messages, failed+d.Failed
		for _, s := range d.Sources {
			by[s.IP] += s.Failed
			if ip, err := netip.ParseAddr(s.IP); err == nil && slices.Contains(r.Own, ip.Unmap()) {
				own += s.Failed
			}
		}
	}
	if reports == 0 {
		return skipped("have rua= of your DMARC record name an address that the program reads, such as dmarc@ your bounce domain", "no DMARC report came in the last 30 days")
	}
	said := fmt.Sprintf("of %d mails in %s of 30 days, %d failed", mails, spelling.Count(reports, "DMARC report"), failed)
	if failed > 0 {
		said += ", most from " + most(by)
	}
	switch {
	case own > 0:
		return fail("see the checks spf, dkim and alignment for the sending addresses", "%s; %d of them from your own sending addresses", said, own)
	case failed*100 >= mails && failed > 0:
		return warn("is it a relay of yours? then put it into SPF and sign there; else somebody uses your name, and p=reject stops them", "%s", said)
	}
	return pass("%s", said)
}

// most names the source with the most failures.
func most(by map[string]int64) string {
	worst := ""
	for ip, n := range by {
		if c := cmp.Compare(n, by[worst]); c > 0 || c == 0 && ip < worst {
			worst = ip
		}
	}
	return fmt.Sprintf("%s (%d)", worst, by[worst])
}
