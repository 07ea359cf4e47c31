package subscribers

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a reader may say about themself, in characters.
const (
	maxName       = 100
	maxCategories = 20
	maxCategory   = 60
	maxSource     = 100
	maxWording    = 12
)

// CleanName gives a name as it is kept: one line of at most 100 characters
// without control and formatting characters, spaces collapsed.
func CleanName(s string) string { return clean(s, maxName) }

func clean(s string, limit int) string {
	if cleanASCII(s, limit) {
		return s
	}
	var b strings.Builder
	n, gap := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			gap = n > 0
			continue
		case r == utf8.RuneError || !unicode.IsGraphic(r):
			continue
		}
		if gap && n < limit-1 {
			b.WriteByte(' ')
			n++
		}
		if gap = false; n == limit {
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimRight(b.String(), " ")
}

// cleanASCII reports whether s is clean already; most names are.
func cleanASCII(s string, limit int) bool {
	if len(s) > limit || strings.TrimSpace(s) != s || strings.Contains(s, "  ") {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cleanCategories gives categories as they are kept, without repetitions, or an
// *AddressError. They are free text: a comparison's category is, too.
func cleanCategories(in []string) ([]string, error) {
	var out []string
	seen := make(map[string]bool, len(in))
	for _, c := range in {
		if strings.Contains(c, ",") {
			return nil, &AddressError{Field: "categories", Message: "A topic cannot have a comma in it"}
		}
		if utf8.RuneCountInString(c) > maxCategory {
			return nil, &AddressError{Field: "categories", Message: fmt.Sprintf("A topic is at most %d characters long", maxCategory)}
		}
		c = clean(c, maxCategory)
		if folded := strings.ToLower(c); c != "" && !seen[folded] {
			seen[folded] = true
			out = append(out, c)
		}
	}
	if len(out) > maxCategories {
		return nil, &AddressError{Field: "categories", Message: fmt.Sprintf("Choose at most %d topics, or none for every topic", maxCategories)}
	}
	return out, nil
}

// MayBeTopic reports whether a comparison's category can be chosen by readers.
func MayBeTopic(category string) bool {
	kept, err := cleanCategories([]string{category})
	return err == nil && len(kept) == 1 && kept[0] == category
}

// JoinCategories and SplitCategories give the stored form of categories and read
// it: comma separated, empty for every category.
func JoinCategories(categories []string) string { return strings.Join(categories, ",") }

// SplitCategories is JoinCategories' inverse.
func SplitCategories(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
