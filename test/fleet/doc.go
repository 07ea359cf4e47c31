// Package fleet sends an edition with the program itself: three 'serve --roles
// send' and one 'serve --roles web,schedule' on a PostgreSQL with a standby, each a
// process with a folder of its own, while they are killed, stopped and continued,
// links are cut, the database crashes and the standby is promoted. What the mail
// server took, by its synced ledger, is compared with the database, reader by
// reader, and with 'digest verify' over the nodes' journals.
//
// FLEET_READERS and FLEET_EVENTS make it longer: 'make crash' sends to 100,000.
package fleet
