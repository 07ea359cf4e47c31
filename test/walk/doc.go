// Package walk takes an empty machine by docs/operating.md alone to a delivered
// digest, and through what comes back.
//
// The machine is a root of its own (an overlay of this one's /usr, /etc and /var that
// is thrown away), with its own systemd, users, processes and network, in which only
// its own addresses exist. Its resolver, the readers' mail servers (Exim, chasquid)
// and the certificate authority are the test's. The commands, records and settings are
// read out of the manual and run as they stand there: "make walk" prints each. With
// WALK=secrets only the installation and the part about secrets are walked.
package walk
