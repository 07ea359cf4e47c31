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

	// Prefix begins every field.
	Prefix = "zqSLOT"
)

// NameFallback stands where a reader's name would, when it is not known.
const NameFallback = "reader"

// All lists every field.
func All() []Field { return append(Tokens(), Email, Name) }

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
}

// HTML fills the fields of an HTML part, escaped.
func (v Values) HTML(doc string) string {
	v.Email, v.Name = html.EscapeString(v.Email), html.EscapeString(v.Name)
	return v.Text(doc)
}

// Text fills the fields of a text part.
func (v Values) Text(text string) string {
	name := v.Name
	if name == "" {
		name = NameFallback
	}
	return strings.NewReplacer(
		string(Token), v.Token, string(Email), v.Email, string(Name), name,
		string(Vote), v.Links.Vote, string(Save), v.Links.Save, string(Saved), v.Links.Saved, string(Preferences), v.Links.Preferences,
	).Replace(text)
}
