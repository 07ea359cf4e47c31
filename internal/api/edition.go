// Package api is what scripts read: the rows of --json, and of HTTP later.
//
// The package promises that a field keeps its name and its meaning, that a list
// is [] and never null, and that times are RFC 3339. Nothing here decides
// anything: each row is made of what the domain gives.
package api

import (
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
)

// An Edition is a row of edition list and what edition show and every command
// that changes an edition print.
type Edition struct {
	Week     string    `json:"week"`
	State    string    `json:"state"`
	Slot     time.Time `json:"slot"`
	Since    time.Time `json:"since"`
	Cutoff   time.Time `json:"cutoff"`
	Subject  string    `json:"subject"`
	Featured []string  `json:"featured"` // slugs
	Carried  []string  `json:"carried"`
	Hash     string    `json:"hash"`
	Approved bool      `json:"approved"`
	Paused   string    `json:"paused,omitempty"`
}

// A ShownEdition is edition show: the edition with who approves its content and who
// did what to it, the newest first.
type ShownEdition struct {
	Edition
	ApprovedBy []string `json:"approved_by"`
	History    []Act    `json:"history"`
}

// An Act is what somebody did to an edition.
type Act struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	What   string    `json:"what"`
	Detail string    `json:"detail,omitempty"`
}

// NewShownEdition makes the row of e.
func NewShownEdition(e edition.Edition, approvedBy []string, acts []edition.Act) ShownEdition {
	row := ShownEdition{Edition: NewEdition(e), ApprovedBy: append([]string{}, approvedBy...), History: make([]Act, len(acts))}
	for i, a := range acts {
		row.History[i] = Act(a)
	}
	return row
}

// NewEdition makes the row of e.
func NewEdition(e edition.Edition) Edition {
	return Edition{
		Week: e.Week.String(), State: string(e.State), Slot: e.Slot, Since: e.Since, Cutoff: e.Cutoff,
		Subject: e.Subject, Featured: Slugs(e.Items), Carried: Slugs(e.Carried), Hash: e.Hash,
		Approved: e.ApprovedHash != "" && e.ApprovedHash == e.Hash, Paused: e.PauseReason,
	}
}

// Editions makes the rows of list.
func Editions(list []edition.Edition) []Edition {
	rows := make([]Edition, len(list))
	for i, e := range list {
		rows[i] = NewEdition(e)
	}
	return rows
}

// Slugs names items.
func Slugs(items []edition.Item) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.Slug
	}
	return out
}

// An Explanation is edition explain: each candidate with its reason.
type Explanation struct {
	Week      string             `json:"week"`
	Decisions []edition.Decision `json:"decisions"`
	Broken    []Problem          `json:"broken"`
	Topics    []Audience         `json:"topics"` // who would get which of them, by the topics that they chose
}

// An Audience is how many readers get which comparisons of an edition.
type Audience struct {
	Slugs   []string `json:"slugs"` // none: nothing of their topics, and no mail
	Readers int64    `json:"readers"`
}

// NewAudience makes the rows of a for an edition of list: all of it first, nothing
// last. Nobody has chosen topics: none.
func NewAudience(a edition.Audience, list []comparison.Comparison) []Audience {
	rows := []Audience{}
	if len(a.Groups) == 0 && a.None == 0 {
		return rows
	}
	rows = append(rows, Audience{edition.Group{Comparisons: list}.Slugs(), a.Whole})
	for _, g := range a.Groups {
		rows = append(rows, Audience{g.Slugs(), g.Readers})
	}
	return append(rows, Audience{[]string{}, a.None})
}

// A Problem is what is wrong with a comparison's file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Problems makes the rows of problems.
func Problems(problems []comparison.Problem) []Problem {
	rows := make([]Problem, len(problems))
	for i, p := range problems {
		rows[i] = Problem{p.File, p.Line, p.Field, p.Message}
	}
	return rows
}

// A Pull is comparisons pull: slugs, and what was wrong in the feed.
type Pull struct {
	Taken    []string  `json:"taken"`
	Changed  []string  `json:"changed"` // in the feed, not in the folder
	Known    int       `json:"known"`
	Left     int       `json:"left"` // new ones for the next pull
	Problems []Problem `json:"problems"`
}

// NewPull makes the row of r.
func NewPull(r library.Report) Pull {
	row := Pull{Taken: []string{}, Changed: []string{}, Known: r.Known, Left: r.Left, Problems: Problems(r.Problems)}
	for _, c := range r.Taken {
		row.Taken = append(row.Taken, c.Slug)
	}
	for _, c := range r.Changed {
		row.Changed = append(row.Changed, c.Slug)
	}
	return row
}

// A Slot is a row of schedule next.
type Slot struct {
	Week  string     `json:"week"`
	Draft *time.Time `json:"draft"` // null: no draft is built before this send
	Send  time.Time  `json:"send"`
}

// An Error is what a command that failed prints on standard error.
type Error struct {
	Error string `json:"error"`
	Code  int    `json:"code"` // the exit code
	Hint  string `json:"hint"` // what to do, "" when nothing is known
}

// Done is what a command that changed something else than an edition prints.
type Done struct {
	Done string `json:"done"` // in words
}

// Changes is edition diff.
type Changes struct {
	Week string `json:"week"`
	Diff string `json:"diff"` // "" when the last two builds are alike
}

// File is a file that preview --out wrote.
type File struct {
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

// Init is init: the files that were written, and those that were there.
type Init struct {
	Dir     string   `json:"dir"`
	Written []string `json:"written"`
	Kept    []string `json:"kept"`
}

// A DKIMKey is dkim generate: where the key is, and the TXT record to publish.
type DKIMKey struct {
	File   string `json:"file"`
	Name   string `json:"name"`
	Record string `json:"record"`
}
