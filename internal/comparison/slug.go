package comparison

import (
	"path"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 120 // characters; a file's name with its ending must fit into 255 bytes

var slugForm = regexp.MustCompile(`^[a-z0-9-]+$`)

// Slugify makes a slug of a text: lower case, accents dropped, everything that
// is no ASCII letter or digit one hyphen. It is "" when nothing is left.
func Slugify(text string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLower(r) || unicode.IsDigit(r)):
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’': // an accent; Karpathy's → karpathys
		default:
			hyphen = true
		}
	}
	s := b.String()
	return strings.TrimRight(s[:min(len(s), maxSlug)], "-")
}

// slugOf is the slug that two tools' names give.
func slugOf(tools [2]Tool) string {
	a, b := Slugify(tools[0].Name), Slugify(tools[1].Name)
	if a == "" || b == "" {
		return ""
	}
	return Slugify(a + " vs " + b)
}

// fileSlug is a file's name without folder and ending.
func fileSlug(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	return strings.TrimSuffix(base, path.Ext(base))
}
