package check

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A color is sRGB, each channel 0 to 255.
type color struct{ r, g, b uint8 }

func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// parseColor reads the forms that mail clients agree on: #rgb, #rrggbb, rgb()
// and the basic names. Others, and transparent, are no color.
func parseColor(s string) (color, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch {
	case strings.HasPrefix(s, "#"):
		return parseHex(s[1:])
	case strings.HasPrefix(s, "rgb("):
		return parseRGB(strings.TrimSuffix(s[4:], ")"))
	}
	c, ok := namedColors()[s]
	return c, ok
}

func parseHex(s string) (color, bool) {
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	v, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 6 {
		return color{}, false
	}
	return color{uint8(v >> 16), uint8(v >> 8), uint8(v)}, true
}

func parseRGB(s string) (color, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) != 3 {
		return color{}, false
	}
	var c [3]uint8
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return color{}, false
		}
		c[i] = uint8(v)
	}
	return color{c[0], c[1], c[2]}, true
}

func namedColors() map[string]color {
	return map[string]color{
		"black": {0, 0, 0}, "white": {255, 255, 255}, "red": {255, 0, 0}, "green": {0, 128, 0},
		"blue": {0, 0, 255}, "gray": {128, 128, 128}, "grey": {128, 128, 128}, "silver": {192, 192, 192},
		"maroon": {128, 0, 0}, "navy": {0, 0, 128}, "teal": {0, 128, 128}, "purple": {128, 0, 128},
		"yellow": {255, 255, 0}, "orange": {255, 165, 0},
	}
}

// luminance is the relative luminance of WCAG 2.2.
func (c color) luminance() float64 {
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.r) + 0.7152*channel(c.g) + 0.0722*channel(c.b)
}

// contrastRatio is that of WCAG 2.2, from 1 to 21.
func contrastRatio(a, b color) float64 {
	x, y := a.luminance(), b.luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}
