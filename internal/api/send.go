package api

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/subscribers"
)

// A Status says where a send stands: status, and send, resume and resolve when
// they end. The state stays "sending" while a send is paused.
type Status struct {
	Week    string   `json:"week"`
	State   string   `json:"state"`
	Subject string   `json:"subject"`
	Paused  string   `json:"paused,omitempty"`
	Counts  Counts   `json:"counts"`
	Total   int64    `json:"total"`
	Domains []Domain `json:"domains,omitempty"` // with --domains
	Canary  *Canary  `json:"canary,omitempty"`  // while the others wait for a first part
	Relays  []Relay  `json:"relays,omitempty"`  // what each took, and how those stand that it is sent through
	// Refusals are what servers said of those who have not got it, the most frequent
	// first.
	Refusals []Refusal `json:"refusals,omitempty"`
	Unread   []string  `json:"unreadable,omitempty"`   // files of comparisons that may be new and could not be read for it
	Surge    *Surge    `json:"signup_surge,omitempty"` // while one goes on, or sign-ups wait because of one
}

// A Surge is one of sign-ups.
type Surge struct {
	Since     *time.Time `json:"since,omitempty"`   // absent: it has ended
	Domains   []string   `json:"domains,omitempty"` // absent: of all
	Asked     int        `json:"asked"`             // in the last hour
	Confirmed int        `json:"confirmed"`
	Held      int        `json:"held"` // sign-ups that wait
}

// NewSurge makes the row of s; nil when there is nothing to tell.
func NewSurge(s subscribers.SurgeState) *Surge {
	if len(s.Surges) == 0 && s.Held == 0 {
		return nil
	}
	row := &Surge{Domains: s.Domains(), Asked: s.Asked, Confirmed: s.Confirmed, Held: s.Held}
	if len(s.Surges) > 0 {
		row.Since = &s.Surges[0].Episode
	}
	return row
}

// A Canary is a first part of the list, which has the edition before the others.
type Canary struct {
	Readers int        `json:"readers"`
	Until   *time.Time `json:"until,omitempty"` // when the others' turn comes; absent while the first part is sent
}

// NewCanary makes the row of c; nil when the others do not wait.
func NewCanary(c delivery.CanaryStand, now time.Time) *Canary {
	if !c.Pending(now) {
		return nil
	}
	row := &Canary{Readers: len(c.IDs)}
	if !c.Until.IsZero() {
		row.Until = &c.Until
	}
	return row
}

// A Refusal is what servers said to several readers, and what that means where the
// provider's refusals are known.
type Refusal struct {
	Readers  int64    `json:"readers"`
	State    string   `json:"state"`
	Fault    string   `json:"fault"`
	Reply    string   `json:"reply"` // one of them, without addresses
	Provider string   `json:"provider,omitempty"`
	Meaning  string   `json:"meaning,omitempty"`
	Action   string   `json:"action,omitempty"`
	Checks   []string `json:"checks,omitempty"` // of doctor
}

// Refusals makes the rows of list.
func Refusals(list []delivery.Refusal) []Refusal {
	rows := make([]Refusal, 0, len(list))
	for _, r := range list {
		row := Refusal{Readers: r.Count, State: r.State.String(), Fault: r.Fault.String(), Reply: r.Reply}
		if x, ok := r.Explanation(); ok {
			row.Provider, row.Meaning, row.Action, row.Checks = x.Provider, x.Meaning, x.Action, x.Checks
		}
		rows = append(rows, row)
	}
	return rows
}

// Counts are an edition's deliveries by state.
type Counts struct {
	Queued     int64 `json:"queued"`
	Sending    int64 `json:"sending"`
	Accepted   int64 `json:"accepted"`
	Deferred   int64 `json:"deferred"`
	Failed     int64 `json:"failed"`
	Unknown    int64 `json:"unknown"`
	Suppressed int64 `json:"suppressed"`
}

// NewCounts makes the row of c.
func NewCounts(c delivery.Counts) Counts {
	return Counts{
		Queued: c[delivery.Queued], Sending: c.Sending(), Accepted: c[delivery.Accepted], Deferred: c[delivery.Deferred],
		Failed: c[delivery.Failed], Unknown: c[delivery.Unknown], Suppressed: c[delivery.Suppressed],
	}
}

// NewStatus makes the row of e with the counts of its deliveries.
func NewStatus(e edition.Edition, c delivery.Counts) Status {
	row := Status{
		Week: e.Week.String(), State: string(e.State), Subject: e.Subject, Paused: e.PauseReason,
		Counts: NewCounts(c), Total: c.Total(),
	}
	for _, it := range e.Unread() {
		row.Unread = append(row.Unread, it.Unread.File)
	}
	return row
}

// StatusOf makes the row of where a send stands at now. The others wait for a first
// part only while the edition is sent.
func StatusOf(s desk.Stand, now time.Time) Status {
	row := NewStatus(s.Edition, s.Counts)
	row.Refusals, row.Surge, row.Domains = Refusals(s.Refusals), NewSurge(s.SignUps), Domains(s.Domains)
	row.Relays = Relays(s.Relays, s.Stands)
	if s.Edition.State == edition.Sending {
		row.Canary = NewCanary(s.Canary, now)
	}
	return row
}

// A Domain is the counts of one recipient domain.
type Domain struct {
	Domain string `json:"domain"`
	Counts Counts `json:"counts"`
	Total  int64  `json:"total"`
}

// Domains makes the rows of list.
func Domains(list []delivery.DomainCounts) []Domain {
	rows := make([]Domain, len(list))
	for i, d := range list {
		rows[i] = Domain{Domain: d.Domain, Counts: NewCounts(d.Counts), Total: d.Counts.Total()}
	}
	return rows
}

// A Delivery is a line of status --unknown, --failed and --deferred.
type Delivery struct {
	Email       string     `json:"email"` // "(erased reader 7)" once erased
	State       string     `json:"state"`
	Attempts    int        `json:"attempts"`
	At          time.Time  `json:"at"`
	NextAttempt *time.Time `json:"next_attempt,omitempty"`
	Reply       string     `json:"reply"`
	MessageID   string     `json:"message_id,omitempty"` // of a delivery of unknown outcome
	Node        string     `json:"node,omitempty"`       // which sender had it last, where they have names
	Relay       string     `json:"relay,omitempty"`      // through which it was tried last
}

// NewDelivery makes the row of d; messageID may be "".
func NewDelivery(d delivery.Delivery, messageID string) Delivery {
	row := Delivery{Email: d.Email, State: d.State.String(), Attempts: d.Attempts, At: d.At, Reply: d.Reply, MessageID: messageID, Node: d.Node, Relay: d.Relay}
	if row.Email == "" {
		row.Email = fmt.Sprintf("(erased reader %d)", d.ID)
	}
	if !d.NextAttempt.IsZero() {
		row.NextAttempt = &d.NextAttempt
	}
	return row
}

// A Proof is verify.
type Proof struct {
	Week       string           `json:"week"`
	Holds      bool             `json:"holds"`
	Recipients int64            `json:"recipients"`
	Counts     Counts           `json:"counts"`
	Twice      int64            `json:"accepted_twice"`
	Problems   []string         `json:"problems"`
	Unknown    []string         `json:"unknown"`          // addresses
	Versions   []attest.Version `json:"versions"`         // the forms of the mail
	Relays     []attest.Relay   `json:"relays,omitempty"` // what each took
}

// NewProof makes the row of p.
func NewProof(p delivery.Proof, versions []attest.Version) Proof {
	row := Proof{
		Versions: append([]attest.Version{}, versions...), Relays: desk.AttestedRelays(p.Relays),
		Week: p.Info.Week, Recipients: p.Info.Recipients, Counts: NewCounts(p.Counts),
		Twice: p.Twice.Count, Problems: append([]string{}, p.Problems()...), Unknown: []string{},
	}
	row.Holds = len(row.Problems) == 0
	for _, d := range p.Unknown {
		row.Unknown = append(row.Unknown, d.Email)
	}
	return row
}

// An Outlook is send --dry-run: what a send would do now.
type Outlook struct {
	Week      string     `json:"week"`
	State     string     `json:"state"`
	Slot      time.Time  `json:"slot"`
	Subject   string     `json:"subject"`
	Readers   int64      `json:"readers"`    // who would be mailed
	HTMLBytes int        `json:"html_bytes"` // of one mail
	Featured  []string   `json:"featured"`   // slugs
	From      string     `json:"from"`
	Relay     string     `json:"relay"`    // in words
	Failures  []string   `json:"failures"` // failed checks, each of which stops a send
	Warnings  []string   `json:"warnings"` // what a check warns of, and open editions with the same comparisons
	Sends     bool       `json:"sends"`    // false: it would refuse
	Refusal   string     `json:"refusal,omitempty"`
	Topics    []Audience `json:"topics"` // who gets which of the comparisons; none: everybody all
}

// NewOutlook makes the row of l, to so many readers.
func NewOutlook(l pipeline.Look, readers int64, from, relay string) Outlook {
	row := Outlook{
		Week: l.Edition.Week.String(), State: string(l.Edition.State), Slot: l.Edition.Slot, Subject: l.Rendered.Subject,
		Readers: readers, HTMLBytes: len(l.Rendered.HTML), Featured: Slugs(l.Selection.Featured), From: from, Relay: relay,
		Failures: []string{}, Warnings: []string{}, Sends: l.Refusal == nil,
		Topics: NewAudience(l.Cuts.Audience, l.Selection.Comparisons),
	}
	if l.Refusal != nil {
		row.Refusal = l.Refusal.Error()
	}
	for _, o := range l.Overlaps {
		row.Warnings = append(row.Warnings, o.String())
	}
	for _, p := range l.Problems {
		row.Warnings = append(row.Warnings, p.String())
	}
	failures, warnings := check.Words(l.Findings)
	row.Failures, row.Warnings = append(row.Failures, failures...), append(row.Warnings, warnings...)
	return row
}
