package measure

import (
	"fmt"
	"strings"
	"testing"
)

// nuAllowed are the errors that stay, each with its reason.
func nuAllowed() []struct{ text, reason string } {
	return []struct{ text, reason string }{
		{"Element “meta” is missing one or more of the following attributes: “content”", "x-apple-disable-message-reformatting has no content: Apple Mail looks for the name alone"},
		{"CSS: “supported-color-schemes”: Property “supported-color-schemes” doesn't exist.", "what color-scheme was called in Apple Mail before iOS 13.2"},
		{"CSS: “mso-hide”: Property “mso-hide” doesn't exist.", "the only property by which Outlook's Word engine hides the preheader"},
	}
}

func nu(t *testing.T, all []*letter) {
	var documents []string
	for _, l := range all {
		documents = append(documents, l.html)
	}
	// The checker must be able to see.
	documents = append(documents, strings.Replace(all[0].html, "</h1>", "</h2>", 1))
	used := map[string]bool{}
	answers := askNu(t, documents)
	if damaged := answers[len(all)]; len(damaged) <= len(answers[0]) {
		t.Errorf("a heading closed wrongly: got %d messages, want more than the %d of the mail itself", len(damaged), len(answers[0]))
	}
	for i, says := range answers[:len(all)] {
		errors := 0
		for _, m := range says {
			if m.Type != "error" || nuAllows(m.Message, used) {
				continue
			}
			errors++
			if errors <= 5 {
				t.Errorf("%s, line %d: %s: %s", all[i].name, m.Line, m.Message, strings.TrimSpace(m.Extract))
			}
		}
		all[i].figures["Nu errors"] = fmt.Sprint(errors)
	}
	for _, a := range nuAllowed() {
		if !used[a.text] {
			t.Errorf("the list allows %q, which the checker does not say", a.text)
		}
	}
}

func nuAllows(message string, used map[string]bool) bool {
	for _, a := range nuAllowed() {
		if strings.Contains(message, a.text) {
			used[a.text] = true
			return true
		}
	}
	return false
}
