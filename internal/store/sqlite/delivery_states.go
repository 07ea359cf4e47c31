package sqlite

// The states of delivery.State as SQL has them; a test compares them.
const (
	stateQueued     = "0"
	stateClaimed    = "1"
	stateDotting    = "2"
	stateAccepted   = "3"
	stateDeferred   = "4"
	stateFailed     = "5"
	stateUnknown    = "6"
	stateSuppressed = "7"

	unsentStates  = stateQueued + `, ` + stateClaimed + `, ` + stateDeferred // see delivery.State.Unsent
	openStates    = unsentStates + `, ` + stateDotting                       // not delivery.State.Final
	droppedStates = stateAccepted + `, ` + stateSuppressed                   // see delivery.State.Dropped
)

// The faults of delivery.Fault that SQL asks for.
const (
	faultSoft = "9"
	faultHard = "10"
)

// The status and the suppression of a reader who is mailed, as SQL has them.
const (
	statusActive  = "1"
	notSuppressed = "0"
)

// isMailable is the condition on a subscriber who is active and not suppressed.
const isMailable = `status = ` + statusActive + ` AND suppressed = ` + notSuppressed
