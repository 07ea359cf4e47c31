package inbound

import (
	"testing"

	"verdicts.example/digest/subscribers"
)

// What a refusal means by its code and its words: hard is only a mailbox, a domain or a
// host that is not there or takes no mail. A specific code is believed; where it is
// generic, the words decide.
func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		hard   = subscribers.BounceHard
		soft   = subscribers.BounceSoft
		policy = subscribers.BouncePolicy
		sender = subscribers.BounceSender
		path   = subscribers.BouncePath
	)
	for _, tt := range []struct {
		status, words string
		class         subscribers.BounceClass
		reason        string
	}{
		{"5.0.0", "550 ada@reader.example: no such user here", hard, reasonUser},
		{"5.2.1", "550 5.2.1 <ada@reader.example>... User unknown", hard, reasonUser},
		{"5.2.1", "550 5.2.1 The account is disabled", soft, reasonSuspended},
		{"5.2.1", "550 5.2.1 the mailbox takes nothing now", soft, reasonSuspended},
		{"5.7.1", "550 5.7.1 Recipient rejected by policy", policy, reasonPolicy},
		{"5.7.1", "550 5.7.1 user unknown, says our policy", policy, reasonPolicy},
		{"5.7.1", "553 Invalid recipient ada@reader.example", hard, reasonUser}, // the code is the relay's
		{"5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [BL2NAM02FT061.eop-nam02.prod.protection.outlook.com]", hard, reasonUser},
		{"5.1.10", "550 5.1.10 Recipient not found [PH0PR04MB7478.namprd04.prod.outlook.com]", hard, reasonUser},
		{"5.4.4", "Name service error for name=reader.example type=MX: Malformed or unexpected name server reply", path, reasonPath},
		{"4.4.3", "Name service error for name=reader.example type=MX: Malformed or unexpected name server reply", path, reasonPath},
		{"5.0.0", "542 ada@reader.example Rejected", hard, reasonUser},
		{"5.0.0", "550 <ada@reader.example>: rejected", hard, reasonUser},
		{"5.0.0", "550 <ada@reader.example>: rejected because the content is unwanted", soft, reasonUnclear},
		{"5.1.1", "550 5.1.1 refused due to recipient preferences", policy, reasonFiltered},
		{"5.0.0", "550 Message filtered", policy, reasonFiltered},
		{"5.2.2", "552 5.2.2 over quota", soft, reasonFull},
		{"5.0.0", "550 mailbox is full", soft, reasonFull},
		{"4.1.1", "450 4.1.1 User unknown in local recipient table", soft, reasonUser}, // tried for days, and never said for good
		{"4.1.8", "450 4.1.8 <verdicts@example.org>: Sender address rejected", sender, reasonSender},
		{"4.3.2", "451 4.3.2 try again", path, reasonNoMail},
		{"4.0.0", "451 try again later", path, reasonUnclear},
		{"5.0.0", "554 this message looks like spam", policy, reasonContent},
		{"5.7.26", "550 5.7.26 unauthenticated", sender, reasonAuth},
		{"5.7.27", "550 Host does not accept mail", hard, reasonNoMail}, // said of the reader's host
		{"5.7.27", "550 5.7.27 SPF does not pass", sender, reasonAuth},
		{"5.0.0", "454 Throttling failure: Daily message quota exceeded.", sender, reasonSender},
		{"5.7.1", "554 5.7.1 Relay access denied", path, reasonRelay},
	} {
		if r := judge("ada@reader.example", tt.status, tt.words, tt.words); r.Class != tt.class || r.Reason != tt.reason {
			t.Errorf("%s %s: got %s (%s), want %s (%s)", tt.status, tt.words, r.Class, r.Reason, tt.class, tt.reason)
		}
	}
}
