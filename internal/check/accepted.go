package check

// accepted lists the features that some client lacks and the mail uses all the
// same, each with how the mail degrades there.
func accepted() map[string]string {
	return map[string]string{
		"css-at-media":                      "narrow screens keep the wide layout, which still fits at 320 px",
		"css-at-media-prefers-color-scheme": "the mail stays light, with the contrast it has there",
		"css-at-media-hover":                "links do not change under the pointer",
		"css-color-scheme":                  "the client decides about dark mode by itself",
		"html-meta-color-scheme":            "the client decides about dark mode by itself",
		"css-border-radius":                 "corners are square",
		"css-max-width":                     "the width attribute holds",
		"css-display":                       "preheader and stacked cells: the attribute layout holds",
		"css-display-none":                  "the preheader shows as a small line at the top",
		"css-pseudo-class-hover":            "links do not change under the pointer",
		"css-selector-attribute":            "only the [data-ogsc] rules of Outlook's dark mode need it",
		"css-overflow":                      "the preheader is hidden by display:none and max-height already",
		"css-max-height":                    "the preheader is hidden by display:none already",
		"css-word-break":                    "very long words widen the table",
		"css-overflow-wrap":                 "very long words widen the table",
		"css-word-wrap":                     "very long words widen the table",
		"html-role":                         "screen readers announce a layout table",
		"html-semantics":                    "the elements are plain blocks; headings carry the structure",
		"html-aria-hidden":                  "the bar's cells are read; they are empty",
		"html-aria-label":                   "the visible text is read instead",
		"html-aria-labelledby":              "the visible text is read instead",
	}
}
