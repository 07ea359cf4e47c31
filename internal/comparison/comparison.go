// Package comparison owns the content model: a comparison of exactly two AI
// tools as a panel of reviewers and the site's readers see them.
//
// The package promises that nothing is guessed: a value that a source does not
// state is absent (a nil pointer, an empty string), never a zero that looks
// like a statement. A comparison that breaks a rule is reported with file and
// line, never dropped silently and never stops the others.
package comparison

// A Comparison sets two tools side by side. It is immutable once loaded.
type Comparison struct {
	Slug      string    // [a-z0-9-]+, unique in a library; the file's name by default
	Published Published // when the site published it
	Updated   Published // when verdict, scores or prices changed since; zero: never
	URL       string    // the full page; "" means the program's own archive page
	Tools     [2]Tool

	File  string         // where it was read from, "" when made in memory
	cuts  []Problem      // texts that end where YAML saw a comment
	lines map[string]int // field path ("tools[0].panel.ship") to 1-based line in File
}

// A Tool is one side of a comparison. Empty strings are absent values.
type Tool struct {
	Name        string
	Tagline     string
	Category    string
	URL         string
	Entry       string // the price to start: "Free", "$20/month"
	Pricing     string
	BestFor     string
	Description string
	Panel       *Panel // nil: the panel's verdict is not known
	Community   *Votes // nil: no votes yet, which is not 0 votes
	Reviews     []Review
}

// Panel is the reviewers' verdict on a tool. Nil fields are unknown.
type Panel struct {
	Ship    *int // reviewers who say ship
	Skip    *int // reviewers who say skip
	Percent *int // share of ship in per cent, 0 to 100
}

// Votes are the site's readers' votes.
type Votes struct {
	Ship int
	Skip int
}

// A Review is one reviewer's take on a tool.
type Review struct {
	Reviewer Reviewer // "" when the page does not name the reviewer
	Score    *int     // 0 to 100; nil when unknown
	Verdict  Verdict  // "" when unknown
	Take     string   // paragraphs separated by an empty line
}

// Verdict is ship, skip or unknown.
type Verdict string

// The verdicts.
const (
	VerdictUnknown Verdict = ""
	Ship           Verdict = "ship"
	Skip           Verdict = "skip"
)

// Reviewer is a seat on the panel, or "" where the source does not say.
type Reviewer string

// The panel's seats, in the order in which the site lists them.
const (
	Builder  Reviewer = "Builder"
	Skeptic  Reviewer = "Skeptic"
	Futurist Reviewer = "Futurist"
	Creator  Reviewer = "Creator"
	Founder  Reviewer = "Founder"
)

// Reviewers lists the panel's seats in the site's order.
func Reviewers() []Reviewer { return []Reviewer{Builder, Skeptic, Futurist, Creator, Founder} }

// Title is "A vs B".
func (c Comparison) Title() string { return c.Tools[0].Name + " vs " + c.Tools[1].Name }
