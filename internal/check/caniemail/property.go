package caniemail

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

func (c collector) declaration(property string, values []css.Token, where string) {
	property = strings.ToLower(property)
	value := strings.ToLower(joined(values))
	at := where + " " + property + ":" + value
	if strings.HasPrefix(property, "--") {
		c.note("css-variables", at)
		return
	}
	for _, slug := range propertySlugs(property, value) {
		c.note(slug, at)
	}
	for _, t := range values {
		c.value(t, at)
	}
}

// propertySlugs maps a property to the data's rows. A longhand that has no row
// of its own counts as its shorthand.
func propertySlugs(property, value string) []string {
	switch property {
	case "display":
		switch {
		case value == "none":
			return []string{"css-display-none", "css-display"}
		case strings.Contains(value, "flex"):
			return []string{"css-display-flex", "css-display"}
		case strings.Contains(value, "grid"):
			return []string{"css-display-grid", "css-display"}
		}
		return []string{"css-display"}
	case "left", "right", "top", "bottom":
		return []string{"css-left-right-top-bottom"}
	case "font-family", "font-style", "font-variant":
		return []string{"css-font"}
	case "overflow-x", "overflow-y":
		return []string{"css-overflow"}
	}
	for _, shorthand := range []string{"margin", "padding", "border"} {
		if side, ok := strings.CutPrefix(property, shorthand+"-"); ok {
			switch {
			case strings.HasPrefix(side, "block"), strings.HasPrefix(side, "inline"):
				return []string{"css-" + shorthand + "-inline-block", "css-" + shorthand + "-inline-start-end"}
			case side == "collapse", side == "spacing", side == "image", strings.HasSuffix(side, "radius"):
				return []string{"css-border-" + strings.TrimPrefix(lastWord(side), "border-")}
			}
			return []string{"css-" + shorthand}
		}
	}
	return []string{"css-" + property}
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, '-')+1:] }

// value finds what the parts of a value need: functions, units, keywords.
func (c collector) value(t css.Token, at string) {
	data := strings.ToLower(string(t.Data))
	switch t.TokenType {
	case css.FunctionToken:
		if slug, ok := functionSlug(strings.TrimSuffix(data, "(")); ok {
			c.note(slug, at)
		}
	case css.DimensionToken:
		if unit := strings.TrimLeft(data, "+-.0123456789"); unit != "" {
			c.note("css-unit-"+unit, at)
		}
	case css.PercentageToken:
		c.note("css-unit-percent", at)
	case css.IdentToken:
		switch data {
		case "initial":
			c.note("css-unit-initial", at)
		case "system-ui":
			c.note("css-sytem-ui", at) // the data's own spelling
		}
	case css.DelimToken:
		if data == "!" {
			c.note("css-important", at)
		}
	}
}

func functionSlug(name string) (string, bool) {
	switch name {
	case "calc":
		return "css-unit-calc", true
	case "clamp", "max", "min", "light-dark":
		return "css-function-" + name, true
	case "linear-gradient", "radial-gradient", "conic-gradient":
		return "css-" + name, true
	case "rgb", "rgba":
		return "css-" + name, true
	case "hsl", "hsla", "lab", "lch", "oklab", "oklch", "hwb", "color", "color-mix":
		return "css-modern-color", true
	case "var":
		return "css-variables", true
	}
	return "", false
}
