// Package measure holds the tests that judge every mail from outside, as it
// leaves: the whole message is built, parsed back, and given to axe-core in a
// real browser, to the Nu Html Checker and to SpamAssassin; its sizes and lines
// are counted and its layout is measured.
//
// The package promises that what a judge is allowed to say stands in a written
// list with the reason, and that a judge who is not installed is named as a
// skip, and as a failure on CI (environment CI=true). There is no code in it but
// tests:
//
//	go test -v -run TestMeasure ./internal/measure
//
// prints the table of measured figures.
package measure
