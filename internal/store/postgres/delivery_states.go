package postgres

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

	unsentStates = stateQueued + `, ` + stateClaimed + `, ` + stateDeferred // and may still be taken out
	openStates   = unsentStates + `, ` + stateDotting                       // not final
)

// The faults of delivery.Fault that SQL asks for.
const (
	faultSoft = "9"
	faultHard = "10"
)

// domainOf is the domain of subscriber s.
const domainOf = `substr(s.email, strpos(s.email, '@') + 1)`
