// Package mergefield names the places in a frozen mail that differ from reader
// to reader, and fills them where a mail is shown.
//
// Templates write a merge field where a reader's value will stand. A field is
// made of ASCII letters only, so that it passes html/template (in text, in
// attributes and inside URLs), the CSS inliner and the URL escaper unchanged.
// Rendering and inlining therefore happen once an edition, and package message
// cuts the result at the fields and splices the readers' values in.
package mergefield

import (
	"html"
	"strings"
)

// A Field is one reader's value that is spliced into a frozen mail.
type Field string

// The fields. Builds and frozen mails that are stored hold them as they are
// here: they may not change.
const (
	// Token is the reader's unsubscribe token: URL-safe base64, never escaped.
	Token Field = "zqSLOTtokenqz"
	// Email is the reader's address as it is mailed.
	Email Field = "zqSLOTemailqz"
	// Name is the reader's name, or NameFallback.
	Name Field = "zqSLOTnameqz"

	// The tokens of the links that do one thing, in the place of Token.
	Vote        Field = "zqSLOTvoteqz"
	Save        Field = "zqSLOTsaveqz"
	Saved       Field = "zqSLOTsavedqz"
	Preferences Field = "zqSLOTpreferencesqz"

	// The block of what changed in what a reader saved: it is there for who has a line
	// in it, and what stands between EachChange and NextChange once for each line.
	IfChanges  Field = "zqSLOTifchangesqz"
	EachChange Field = "zqSLOTeachchangeqz"
	Change     Field = "zqSLOTchangeqz"
	NextChange Field = "zqSLOTnextchangeqz"
	EndChanges Field = "zqSLOTendchangesqz"

	// Prefix begins every field.
	Prefix = "zqSLOT"
)

// NameFallback stands where a reader's name would, when it is not known.
const NameFallback = "reader"

// All lists every field.
func All() []Field { return append(Single(), IfChanges, EachChange, Change, NextChange, EndChanges) }

// Single lists the fields that may stand anywhere by themselves.
func Single() []Field { return append(Tokens(), Email, Name) }

// Tokens lists the fields that stand in a reader's own links.
func Tokens() []Field { return []Field{Token, Vote, Save, Saved, Preferences} }

// Links are the tokens of a reader's links, one for each purpose but to leave:
// mails are forwarded, and a link to vote must be no link to leave.
type Links struct{ Vote, Save, Saved, Preferences string }

// Values are what one reader's mail has in its fields.
type Values struct {
	Token string
	Email string
	Name  string // "" gives NameFallback
	Links Links
	// Changes are lines on what changed in what the reader saved.
	Changes []string
}

// HTML fills the fields of an HTML part, escaped.
func (v Values) HTML(doc string) string {
	v.Email, v.Name = html.EscapeString(v.Email), html.EscapeString(v.Name)
	lines := make([]string, len(v.Changes))
	for i, line := range v.Changes {
		lines[i] = html.EscapeString(line)
	}
	v.Changes = lines
	return v.Text(doc)
}

// Text fills the fields of a text part.
func (v Values) Text(text string) string {
	name := v.Name
	if name == "" {
		name = NameFallback
	}
	text = v.changes(text)
	return strings.NewReplacer(
		string(Token), v.Token, string(Email), v.Email, string(Name), name,
		string(Vote), v.Links.Vote, string(Save), v.Links.Save, string(Saved), v.Links.Saved, string(Preferences), v.Links.Preferences,
	).Replace(text)
}

// Unmarked takes the marks of the block of changes out of text, which no reader
// gets, and leaves what stands between them.
func Unmarked(text string) string {
	return strings.NewReplacer(string(IfChanges), "", string(EachChange), "", string(NextChange), "", string(EndChanges), "").Replace(text)
}

// changes fills the block of what changed, or takes it out.
func (v Values) changes(text string) string {
	before, rest, found := strings.Cut(text, string(IfChanges))
	block, after, closed := strings.Cut(rest, string(EndChanges))
	if !found || !closed {
		return text
	}
	if len(v.Changes) == 0 {
		return before + after
	}
	head, each, _ := strings.Cut(block, string(EachChange))
	each, tail, _ := strings.Cut(each, string(NextChange))
	var b strings.Builder
	b.WriteString(before + head)
	for _, line := range v.Changes {
		b.WriteString(strings.ReplaceAll(each, string(Change), line))
	}
	b.WriteString(tail + after)
	return b.String()
}
