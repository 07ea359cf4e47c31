package plainsql

// The states of delivery.State as SQL has them; a test compares them.
const (
	Queued     = "0"
	Claimed    = "1"
	Dotting    = "2"
	Accepted   = "3"
	Deferred   = "4"
	Failed     = "5"
	Unknown    = "6"
	Suppressed = "7"

	Unsent  = Queued + `, ` + Claimed + `, ` + Deferred // see delivery.State.Unsent
	Open    = Unsent + `, ` + Dotting                   // not delivery.State.Final
	Logged  = Unknown + `, ` + Queued                   // see delivery.State.Provable
	Dropped = Accepted + `, ` + Suppressed              // see delivery.State.Dropped
)

// The faults of delivery.Fault that SQL asks for.
const (
	FaultSoft = "9"
	FaultHard = "10"
)

// The status and the suppression of a reader who is mailed, as SQL has them.
const (
	StatusPending = "0"
	StatusActive  = "1"
	NotSuppressed = "0"
)

// IsMailable is the condition on a subscriber who is active and not suppressed.
const IsMailable = `status = ` + StatusActive + ` AND suppressed = ` + NotSuppressed
