package subscribers_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	pending := subscribers.Subscriber{Status: subscribers.Pending}
	left := subscribers.Subscriber{Status: subscribers.Unsubscribed, UnsubscribedAt: now.Add(-time.Hour)}
	asked := subscribers.QueuedSignUp{At: now}
	tests := []struct {
		name string
		c    subscribers.Case
		want bool
	}{
		{"new", subscribers.Case{}, true},
		{"pending", subscribers.Case{Found: true, Subscriber: pending}, true},
		{"active", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Status: subscribers.Active}}, false},
		{"left before", subscribers.Case{Found: true, Subscriber: left, SignUp: asked}, true},
		{"left while it waited", subscribers.Case{Found: true, Subscriber: left, SignUp: subscribers.QueuedSignUp{At: now.Add(-2 * time.Hour)}}, false},
		{"suppressed by hash", subscribers.Case{Suppressed: subscribers.HardBounce}, false},
		{"complained", subscribers.Case{Found: true, Subscriber: pending, Suppressed: subscribers.Complaint}, false},
		{"suppressed on the list", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Suppressed: subscribers.Manual}}, false},
		{"erased", subscribers.Case{Suppressed: subscribers.Erased}, true},
		{"one waits", subscribers.Case{Found: true, Subscriber: pending, Waiting: true}, false},
		{"a day ago", subscribers.Case{Found: true, Subscriber: pending, Sent: 1, LastSent: now.Add(-24 * time.Hour)}, true},
		{"almost a day ago", subscribers.Case{Found: true, Subscriber: pending, Sent: 1, LastSent: now.Add(-24*time.Hour + time.Millisecond)}, false},
		{"almost a day ago, confirmed since", subscribers.Case{Found: true, Subscriber: left, SignUp: asked, LastSent: now.Add(-23 * time.Hour)}, false},
		{"the third", subscribers.Case{Found: true, Subscriber: pending, Sent: 2, LastSent: now.Add(-48 * time.Hour)}, true},
		{"a slip, an hour after the confirmation", subscribers.Case{Found: true, Subscriber: left, SignUp: subscribers.QueuedSignUp{At: now, Wish: subscribers.WishRejoin}, LastSent: now.Add(-2 * time.Hour)}, true},
		{"a slip, answered before", subscribers.Case{Found: true, Subscriber: left, SignUp: subscribers.QueuedSignUp{At: now, Wish: subscribers.WishRejoin}, Sent: 1, LastSent: now.Add(-time.Minute)}, false},
		{"a slip of a complainer", subscribers.Case{Found: true, Subscriber: left, SignUp: subscribers.QueuedSignUp{At: now, Wish: subscribers.WishRejoin}, Suppressed: subscribers.Complaint}, false},
		{"a link for a reader", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Status: subscribers.Active}, SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}}, true},
		{"a link, an hour after the last", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Status: subscribers.Active}, SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}, LastLink: now.Add(-time.Hour)}, true},
		{"a link, within the hour", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Status: subscribers.Active}, SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}, LastLink: now.Add(-59 * time.Minute)}, false},
		{"a link for a stranger", subscribers.Case{SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}}, false},
		{"a link for a pending one", subscribers.Case{Found: true, Subscriber: pending, SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}}, false},
		{"a link for a suppressed one", subscribers.Case{Found: true, Subscriber: subscribers.Subscriber{Status: subscribers.Active, Suppressed: subscribers.HardBounce}, SignUp: subscribers.QueuedSignUp{Wish: subscribers.WishLeave}}, false},
		{"a fourth", subscribers.Case{Found: true, Subscriber: pending, Sent: 3, LastSent: now.Add(-999 * time.Hour)}, false},
	}
	for _, tt := range tests {
		if got := subscribers.Decide(tt.c, now); got != tt.want {
			t.Errorf("%s: got a mail %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestConfirmationCheck(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		c    subscribers.Confirmation
		want error
	}{
		{"fresh", subscribers.Confirmation{ExpiresAt: now.Add(time.Millisecond)}, nil},
		{"expired", subscribers.Confirmation{ExpiresAt: now}, subscribers.ErrExpired},
		{"used", subscribers.Confirmation{ExpiresAt: now.Add(time.Hour), UsedAt: now}, subscribers.ErrUsed},
		{"used and expired", subscribers.Confirmation{ExpiresAt: now.Add(-time.Hour), UsedAt: now}, subscribers.ErrUsed},
		{"suppressed", subscribers.Confirmation{ExpiresAt: now.Add(time.Hour), Subscriber: subscribers.Subscriber{Suppressed: subscribers.Manual}}, subscribers.ErrUsed},
	}
	for _, tt := range tests {
		if err := tt.c.Check(now); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	known := func(status subscribers.Status, suppressed subscribers.Reason) subscribers.Known {
		return subscribers.Known{Found: true, Subscriber: subscribers.Subscriber{Name: "Ada", Status: status, Suppressed: suppressed, UnsubscribedAt: day}}
	}
	row := func(status subscribers.Status, suppressed subscribers.Reason) subscribers.ImportRow {
		return subscribers.ImportRow{Status: status, Suppressed: suppressed, Left: day}
	}
	named := subscribers.ImportRow{Name: "Ada L.", Status: subscribers.Active}
	twice := known(subscribers.Active, 0)
	twice.Line = 7
	anew := known(subscribers.Pending, 0)
	anew.Suppressed = subscribers.Erased
	tests := []struct {
		name   string
		k      subscribers.Known
		row    subscribers.ImportRow
		want   subscribers.Change
		stands subscribers.Standing // after an update
		reason string
	}{
		{name: "new", row: row(subscribers.Active, 0), want: subscribers.Added},
		{name: "new, token taken", k: subscribers.Known{TokenTaken: true}, row: row(subscribers.Active, 0), want: subscribers.Added, reason: "token: it belongs to another subscriber; a new one is made"},
		{name: "new, suppressed by hash", k: subscribers.Known{Suppressed: subscribers.Complaint}, row: row(subscribers.Active, 0), want: subscribers.Rejected, reason: "suppressed: its reader reported the digest as spam"},
		{name: "erased", k: subscribers.Known{Suppressed: subscribers.Erased}, row: row(subscribers.Active, 0), want: subscribers.Rejected, reason: "suppressed: erased at the reader's request"},
		{name: "erased, signed up anew", k: anew, row: row(subscribers.Active, 0), want: subscribers.Rejected, reason: "suppressed: erased at the reader's request"},
		{name: "erased, signed up anew, leaves", k: anew, row: row(subscribers.Unsubscribed, 0), want: subscribers.Updated, stands: subscribers.StandsUnsubscribed},
		{name: "suppressed by hash, agrees", k: subscribers.Known{Suppressed: subscribers.Complaint}, row: row(subscribers.Unsubscribed, 0), want: subscribers.Unchanged},
		{name: "same", k: known(subscribers.Active, 0), row: row(subscribers.Active, 0), want: subscribers.Unchanged},
		{name: "never demoted", k: known(subscribers.Active, 0), row: row(subscribers.Pending, 0), want: subscribers.Unchanged},
		{name: "renamed", k: known(subscribers.Active, 0), row: named, want: subscribers.Updated, stands: subscribers.StandsActive},
		{name: "vouched for", k: known(subscribers.Pending, 0), row: row(subscribers.Active, 0), want: subscribers.Updated, stands: subscribers.StandsActive},
		{name: "leaves", k: known(subscribers.Active, 0), row: row(subscribers.Unsubscribed, 0), want: subscribers.Updated, stands: subscribers.StandsUnsubscribed},
		{name: "pending leaves", k: known(subscribers.Pending, 0), row: row(subscribers.Unsubscribed, 0), want: subscribers.Updated, stands: subscribers.StandsUnsubscribed},
		{name: "left, agrees", k: known(subscribers.Unsubscribed, 0), row: row(subscribers.Unsubscribed, 0), want: subscribers.Unchanged},
		{name: "left, not revived", k: known(subscribers.Unsubscribed, 0), row: row(subscribers.Active, 0), want: subscribers.Rejected, reason: "unsubscribed on 2026-11-01"},
		{name: "left, not pending either", k: known(subscribers.Unsubscribed, 0), row: row(subscribers.Pending, 0), want: subscribers.Rejected, reason: "unsubscribed on 2026-11-01"},
		{name: "left, bounced since", k: known(subscribers.Unsubscribed, 0), row: row(subscribers.Unsubscribed, subscribers.HardBounce), want: subscribers.Updated, stands: subscribers.StandsSuppressed},
		{name: "bounced", k: known(subscribers.Active, 0), row: row(subscribers.Unsubscribed, subscribers.HardBounce), want: subscribers.Updated, stands: subscribers.StandsSuppressed},
		{name: "suppressed, not revived", k: known(subscribers.Active, subscribers.HardBounce), row: row(subscribers.Active, 0), want: subscribers.Rejected, reason: "suppressed: the mailbox does not exist"},
		{name: "suppressed, agrees", k: known(subscribers.Active, subscribers.HardBounce), row: row(subscribers.Unsubscribed, subscribers.Manual), want: subscribers.Unchanged},
		{name: "suppressed, complains", k: known(subscribers.Active, subscribers.HardBounce), row: row(subscribers.Unsubscribed, subscribers.Complaint), want: subscribers.Updated, stands: subscribers.StandsSuppressed},
		{name: "erased, bounced elsewhere", k: subscribers.Known{Suppressed: subscribers.Erased}, row: row(subscribers.Unsubscribed, subscribers.HardBounce), want: subscribers.Unchanged},
		{name: "twice", k: twice, row: named, want: subscribers.Rejected, reason: "the same address as line 7"},
		{name: "twice, leaves", k: twice, row: row(subscribers.Unsubscribed, 0), want: subscribers.Updated, stands: subscribers.StandsUnsubscribed},
	}
	for _, tt := range tests {
		change, s, reason := subscribers.Merge(tt.k, tt.row)
		if change != tt.want || reason != tt.reason {
			t.Errorf("%s: got %v, %q, want %v, %q", tt.name, change, reason, tt.want, tt.reason)
		}
		if change == subscribers.Updated && s.Standing() != tt.stands {
			t.Errorf("%s: got %s after the update, want %s", tt.name, s.Standing(), tt.stands)
		}
	}
}

func TestMergeHashed(t *testing.T) {
	t.Parallel()
	const none, hard, complaint, erased = subscribers.NotSuppressed, subscribers.HardBounce, subscribers.Complaint, subscribers.Erased
	tests := []struct {
		standing, row subscribers.Reason
		found         bool
		want          subscribers.Change
	}{
		{none, hard, false, subscribers.Added},
		{none, hard, true, subscribers.Updated},
		{hard, hard, true, subscribers.Unchanged},
		{hard, complaint, false, subscribers.Updated},
		{complaint, hard, true, subscribers.Unchanged},
		{none, erased, false, subscribers.Added},
		{none, erased, true, subscribers.Rejected},
		{hard, erased, false, subscribers.Unchanged},
		{erased, hard, false, subscribers.Updated},
	}
	for _, tt := range tests {
		got, reason := subscribers.MergeHashed(subscribers.Suppression{Reason: tt.standing}, tt.found, subscribers.ImportRow{Suppressed: tt.row})
		if got != tt.want || (reason != "") != (tt.want == subscribers.Rejected) {
			t.Errorf("%s after %s, on the list %v: got %v, %q, want %v", tt.row, tt.standing, tt.found, got, reason, tt.want)
		}
	}
}
