package postgres

import "verdicts.example/digest/internal/store/plainsql"

// The states of package plainsql.
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
)

// domainOf is the domain of subscriber s.
const domainOf = `substr(s.email, strpos(s.email, '@') + 1)`
