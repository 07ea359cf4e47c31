// Package idleconn tells, before an idle connection is used again, whether the other
// end has said something or has gone.
package idleconn
