package subscribers

// A BounceClass is what a refusal, a bounce message or a complaint says about
// a reader's mailbox. The words are those that scripts read.
type BounceClass string

// The classes. Only the first three speak of the reader.
const (
	BounceComplaint BounceClass = "complaint" // a feedback report (RFC 5965)
	BounceHard      BounceClass = "hard"      // mailbox, domain or host does not exist or takes no mail
	BounceSoft      BounceClass = "soft"      // full or disabled for now
	BouncePolicy    BounceClass = "policy"    // the server's policy about this mail
	BounceSender    BounceClass = "sender"    // the sender's account or address
	BouncePath      BounceClass = "path"      // a server on the way
	BounceDelayed   BounceClass = "delayed"   // not final
)

// OfReader reports whether the class speaks of the reader, so that it may suppress
// them.
func (c BounceClass) OfReader() bool {
	return c == BounceComplaint || c == BounceHard || c == BounceSoft
}

// Weighed gives the class when its server is believed to speak of the mailbox, or
// not: a hard bounce that is not believed counts as a soft one.
func (c BounceClass) Weighed(believed bool) BounceClass {
	if c == BounceHard && !believed {
		return BounceSoft
	}
	return c
}

// Soft bounces in SoftLimit of the latest SoftWindow editions suppress a reader.
const (
	SoftWindow = 5
	SoftLimit  = 3
)

// Who got one of the latest TookWindow editions has a mailbox: when an edition's hard
// bounces at one domain are mostly theirs, they are not believed.
const TookWindow = 5

// AfterNotice says what follows from what came back of a mail that is no digest: a
// confirmation, a welcome. A complaint suppresses whoever it was sent to. A hard
// bounce suppresses an active reader; who has yet to confirm is only let drop
// (their links work no more), since no one but the visitor said that the mailbox
// exists, and it may be made tomorrow. Nothing else counts: a digest's own mails
// tell what becomes of a mailbox.
func AfterNotice(s Subscriber, class BounceClass) (suppress Reason, drop bool) {
	switch {
	case class == BounceComplaint:
		return Complaint, false
	case class == BounceHard && s.Status == Active:
		return HardBounce, false
	case class == BounceHard:
		return NotSuppressed, true
	}
	return NotSuppressed, false
}

// A BounceRecord is what came of one edition's mail to a reader: an outcome in
// the SMTP session, or what came back later. An edition may have several.
type BounceRecord struct {
	Edition int64
	Class   BounceClass // "" for a mail that was accepted
}

// SuppressionFor gives the reason for which a reader with these records, the
// newest edition's first, is to be suppressed, or NotSuppressed: a complaint and
// a hard bounce at once, soft bounces in SoftLimit of the newest SoftWindow
// editions. Policy, sender, path and delay never count.
func SuppressionFor(records []BounceRecord) Reason {
	editions, soft := map[int64]bool{}, map[int64]bool{}
	reason := NotSuppressed
	for _, r := range records {
		editions[r.Edition] = true
		switch {
		case r.Class == BounceComplaint:
			return Complaint
		case r.Class == BounceHard:
			reason = HardBounce
		case r.Class == BounceSoft && len(editions) <= SoftWindow:
			soft[r.Edition] = true
		}
	}
	if reason == NotSuppressed && len(soft) >= SoftLimit {
		return SoftBounces
	}
	return reason
}
