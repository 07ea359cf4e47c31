package check

import (
	"slices"

	"verdicts.example/digest/internal/check/caniemail"
)

// An acceptance is a feature that the mails use although clients lack it.
type acceptance struct {
	slug    string
	clients []caniemail.Client
	how     string // the mail degrades there
}

// accepted is the written allowlist. A test compares it with what the built-in
// mails use: an entry, or a client in one, that no mail needs fails it.
func accepted() []acceptance {
	gmail := []caniemail.Client{caniemail.GmailWeb, caniemail.GmailIOS, caniemail.GmailAndroid}
	yahoo := []caniemail.Client{caniemail.YahooWeb, caniemail.YahooIOS, caniemail.YahooAndroid}
	apps := []caniemail.Client{caniemail.OutlookNew, caniemail.OutlookMac, caniemail.OutlookIOS, caniemail.OutlookAndroid}
	word := []caniemail.Client{caniemail.OutlookClassic}
	most := slices.Concat(gmail, yahoo, apps, word)
	return []acceptance{
		{"css-at-media", word, "it is a desktop program: the wide layout is the right one"},
		{"css-at-media-prefers-color-scheme", slices.Concat(gmail, yahoo, word), "the mail keeps its light colors, which have the contrast, or is recolored by the client as all mails are"},
		{"css-color-scheme", most, "the client decides by itself whether to recolor the mail"},
		{"html-meta-color-scheme", append(most, caniemail.AppleIOS), "the client decides by itself; Apple Mail takes it from :root in the sheet"},
		{"css-pseudo-class-hover", append(word, caniemail.GmailIOS, caniemail.OutlookIOS), "links do not change under a pointer; those in the text are underlined all the same"},
		{"css-selector-adjacent-sibling", word, "only the rule for Gmail's own markup has it"},
		{"css-selector-attribute", word, "only the rules for Apple Mail's data detectors and Outlook's apps have it"},
		{"css-max-height", word, "the preheader is hidden by mso-hide:all"},
		{"css-overflow", word, "the preheader is hidden by mso-hide:all"},
		{"css-white-space", word, "a label or a score may take two lines"},
		{"css-overflow-wrap", most, "a very long word is broken by word-break where that is known, and else widens its table"},
		{"css-word-break", yahoo, "a very long word widens its table"},
		{"html-anchor-links", []caniemail.Client{caniemail.GmailIOS, caniemail.YahooIOS, caniemail.YahooAndroid}, "the list at the top does not jump (Yahoo's apps open a browser instead); what it leads to follows in the same order"},
		{"html-aria-label", yahoo, "the frame has no name for a screen reader; the heading says the same"},
		{"html-bdi", most, "without isolation, a neighboring number or mark may stand on the other side of a right-to-left name"},
		{"html-body", []caniemail.Client{caniemail.OutlookMac, caniemail.YahooIOS, caniemail.YahooAndroid}, "the wrapper in it has the colors, the language and the direction, too"},
		{"html-doctype", append(word, caniemail.YahooAndroid), "the layout is of tables and needs no standards mode"},
	}
}

// isAccepted reports whether the mail may use what a client lacks.
func isAccepted(slug string, client caniemail.Client) bool {
	return slices.ContainsFunc(accepted(), func(a acceptance) bool {
		return a.slug == slug && slices.Contains(a.clients, client)
	})
}
