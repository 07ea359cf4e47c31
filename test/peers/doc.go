// Package peers holds tests that send to real mail servers: Postfix, Exim,
// OpenSMTPD, chasquid and aiosmtpd, each started on loopback in a folder of its
// own and stopped again. Nothing leaves the machine. .ci/peers.sh installs them;
// a server that is missing skips its test, and fails it where CI=true.
package peers
