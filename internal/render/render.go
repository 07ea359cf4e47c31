// Package render turns an edition into the mail that readers get: HTML with
// the CSS inlined, the same HTML before inlining, and a hand-written text part.
//
// The package promises that the same comparisons, templates and clock give the
// same bytes; that inlining happens once a mail, never once a reader (slots
// stand where readers' values will be); and that a style sheet outside the
// subset that the inliner gets right fails the rendering with selector, line
// and rule instead of giving a broken mail.
package render

// Site is what every mail says of its sender.
type Site struct {
	Name          string
	BaseURL       string // no trailing slash; every link starts with it, never with a request's Host
	PostalAddress string // CAN-SPAM 16 CFR 316.2(p): a valid physical postal address
}

// A Rendered mail is the same for every reader but for its slots.
type Rendered struct {
	Subject   string
	Preheader string
	HTML      string   // CSS inlined
	Uninlined string   // the same before inlining, for editors and for the oracle
	Text      string   // at most 78 columns
	Notes     []string // what was degraded by plan to stay below the size bar, for the editors
}
