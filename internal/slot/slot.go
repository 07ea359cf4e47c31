// Package slot names the places in a frozen mail that differ from reader to
// reader.
//
// Templates write a slot where a reader's value will stand. A slot is made of
// ASCII letters only, so that it passes html/template (in text, in attributes
// and inside URLs), the CSS inliner and the URL escaper unchanged. Rendering
// and inlining therefore happen once an edition, and package message cuts the
// result at the slots and splices the readers' values in.
package slot

// A Slot is one reader's value that is spliced into a frozen mail.
type Slot string

const (
	// Token is the reader's unsubscribe token: URL-safe base64, never escaped.
	Token Slot = "zqSLOTtokenqz"
	// Email is the reader's address as it is mailed.
	Email Slot = "zqSLOTemailqz"
	// Name is the reader's name, or what the template's fallback says.
	Name Slot = "zqSLOTnameqz"
)

// All lists every slot.
func All() []Slot { return []Slot{Token, Email, Name} }
