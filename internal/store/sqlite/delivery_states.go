package sqlite

import "verdicts.example/digest/internal/store/plainsql"

// The states, faults and conditions of package plainsql.
const (
	stateQueued     = plainsql.Queued
	stateClaimed    = plainsql.Claimed
	stateDotting    = plainsql.Dotting
	stateAccepted   = plainsql.Accepted
	stateDeferred   = plainsql.Deferred
	stateFailed     = plainsql.Failed
	stateUnknown    = plainsql.Unknown
	stateSuppressed = plainsql.Suppressed
	unsentStates    = plainsql.Unsent
	openStates      = plainsql.Open
	droppedStates   = plainsql.Dropped
)
