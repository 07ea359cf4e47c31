package comparison

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/internal/strictyaml"
)

// MaxName is the most characters of a tool's name: it goes into subjects and titles.
const MaxName = 120

// A validator checks the rules on values, as opposed to their form.
type validator struct {
	problems
	c      Comparison
	broken map[string]bool // fields reported already
}

func (v *validator) invalid(field, format string, args ...any) {
	if !v.isBroken(field) {
		v.addf(v.c.Line(field), field, format, args...)
	}
}

// isBroken reports whether field or what it stands in was reported already.
func (v *validator) isBroken(field string) bool {
	for f := field; f != ""; f = f[:max(strings.LastIndexAny(f, ".["), 0)] {
		if v.broken[f] {
			return true
		}
	}
	return v.broken[""]
}

func (v *validator) comparison(dates dateRule) {
	v.slug()
	if dates == requireDate && v.c.Published.IsZero() {
		v.invalid("published", "published: is missing; add the day, such as published: 2026-11-18")
	}
	if u, p := v.c.Updated, v.c.Published; !u.IsZero() && !p.IsZero() && u.Before(p) {
		v.invalid("updated", "updated: %s is before published (%s); is one of the two wrong?", u, p)
	}
	v.url("url", v.c.URL)
	for i := range v.c.Tools {
		v.tool(fmt.Sprintf("tools[%d]", i), v.c.Tools[i])
	}
	a, b := v.c.Tools[0].Name, v.c.Tools[1].Name
	if a != "" && b != "" && sameSpelling(a, b) {
		v.invalid("tools[1].name", "name: is %s in both tools; a comparison needs two different ones", spelling.Clip(b))
	}
}

func (v *validator) slug() {
	switch s := v.c.Slug; {
	case s == "":
		v.invalid("slug", "slug: is missing; add one, such as slug: smolvlm2-vs-karpathy-skills")
	case len(s) > maxSlug:
		v.invalid("slug", "slug: has %d characters; %d at most", len(s), maxSlug)
	case slugForm.MatchString(s):
	case v.c.lines["slug"] == 0 && v.c.File != "":
		v.invalid("slug", "the file's name %s is not a slug (a-z, 0-9 and hyphens); rename the file or add %s", spelling.Clip(s), slugAdvice(s))
	default:
		v.invalid("slug", "slug: %s may hold a-z, 0-9 and hyphens only%s", spelling.Clip(s), slugWriting(s))
	}
}

func slugAdvice(s string) string {
	if better := Slugify(s); better != "" {
		return "slug: " + better
	}
	return "a slug"
}

func slugWriting(s string) string {
	if better := Slugify(s); better != "" {
		return "; write " + better
	}
	return ""
}

func (v *validator) tool(at string, t Tool) {
	if t.Name == "" {
		v.invalid(at+".name", "name: is missing; each tool needs one")
	}
	if n := utf8.RuneCountInString(t.Name); n > MaxName {
		v.invalid(at+".name", "name: has %d characters; %d at most", n, MaxName)
	}
	v.text(at+".name", t.Name, false)
	v.text(at+".tagline", t.Tagline, false)
	v.text(at+".category", t.Category, false)
	v.text(at+".entry", t.Entry, false)
	v.text(at+".pricing", t.Pricing, false)
	v.text(at+".best_for", t.BestFor, false)
	v.text(at+".description", t.Description, true)
	v.url(at+".url", t.URL)
	v.panel(at+".panel", t)
	if t.Community != nil {
		v.count(at+".community.ship", &t.Community.Ship)
		v.count(at+".community.skip", &t.Community.Skip)
	}
	v.reviews(at, t.Reviews)
}

func (v *validator) reviews(at string, reviews []Review) {
	first := map[Reviewer]string{}
	for i, r := range reviews {
		at := fmt.Sprintf("%s.reviews[%d]", at, i)
		v.review(at, r)
		if r.Reviewer == "" {
			continue
		}
		if other, twice := first[r.Reviewer]; twice {
			v.invalid(at+".reviewer", "reviewer: %s has a take on this tool already%s; each reviewer has one", r.Reviewer, v.inLine(other))
			continue
		}
		first[r.Reviewer] = at
	}
}

func (v *validator) inLine(field string) string {
	if n := v.c.Line(field); n != 0 {
		return fmt.Sprintf(" in line %d", n)
	}
	return ""
}

func (v *validator) review(at string, r Review) {
	if r.Reviewer != "" && !slices.Contains(Reviewers(), r.Reviewer) {
		names := make([]string, 0, len(Reviewers()))
		for _, known := range Reviewers() {
			names = append(names, string(known))
		}
		v.invalid(at+".reviewer", "reviewer: %s is not one of %s%s", spelling.Clip(string(r.Reviewer)), strings.Join(names, ", "), didYouMean(string(r.Reviewer), names))
	}
	if r.Score != nil && (*r.Score < 0 || *r.Score > 100) {
		v.invalid(at+".score", "score: is %d, but must be 0 to 100", *r.Score)
	}
	if r.Verdict != VerdictUnknown && r.Verdict != Ship && r.Verdict != Skip {
		v.invalid(at+".verdict", "verdict: %s is neither ship nor skip%s", spelling.Clip(string(r.Verdict)), didYouMean(string(r.Verdict), []string{"ship", "skip"}))
	}
	if r.Take == "" {
		v.invalid(at+".take", "take: is missing; a review is what the reviewer says (for \"No panel take\" leave the review out)")
	}
	v.text(at+".take", r.Take, true)
}

// text refuses invalid UTF-8 and characters that a text may not hold.
func (v *validator) text(field, text string, breaks bool) {
	name := strictyaml.Leaf(field)
	if !utf8.ValidString(text) {
		v.invalid(field, "%s: is not valid UTF-8", name)
		return
	}
	if r, found := badRune(text, breaks); found {
		v.invalid(field, "%s: %s (U+%04X)", name, badRuneAdvice(r), r)
		return
	}
	if text != "" && strings.TrimFunc(text, isUnseen) == "" {
		v.invalid(field, "%s: has no visible character", name)
		return
	}
	for _, r := range []rune{firstRune(text), lastRune(text)} {
		if isUnseen(r) && !isJoiner(r) {
			v.invalid(field, "%s: begins or ends with an invisible character (U+%04X); delete it", name, r)
			return
		}
	}
}

// url wants an absolute http or https address with a host and no password.
func (v *validator) url(field, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	hidden := strings.IndexFunc(text, hiddenInURL)
	switch {
	case hidden >= 0:
		v.invalid(field, "url: has an invisible character (U+%04X) behind %s; copy the address anew, or delete it", firstRune(text[hidden:]), spelling.Clip(text[:hidden]))
	case err != nil || strings.ContainsFunc(text, notInURL):
		v.invalid(field, "url: %s is not a URL; write https://host/path with every other character percent-encoded", spelling.Clip(text))
	case u.Scheme != "http" && u.Scheme != "https":
		v.invalid(field, "url: %s must begin with https:// or http://", spelling.Clip(text))
	case u.Hostname() == "":
		v.invalid(field, "url: %s names no host", spelling.Clip(text))
	case !isHost(u.Hostname()):
		v.invalid(field, "url: %s is not a host", spelling.Clip(u.Hostname()))
	case u.Port() != "" && !isPort(u.Port()):
		v.invalid(field, "url: %s is not a port", u.Port())
	case u.User != nil:
		v.invalid(field, "url: holds a user name or a password; leave it out")
	}
}

// hiddenInURL is for characters that come along when an address is copied and that
// nobody sees: it would lead elsewhere. Joiners and the selectors of emoji belong
// to words.
func hiddenInURL(r rune) bool {
	return r > '\u00a0' && isUnseen(r) && !unicode.IsSpace(r) && r != '\u200c' && r != '\u200d' && !unicode.Is(unicode.Variation_Selector, r)
}

// notInURL is for characters that RFC 3986 §2 does not allow in a URL, but for
// letters beyond ASCII, which browsers encode.
func notInURL(r rune) bool {
	bad, _ := badRune(string(r), false)
	return r <= ' ' || bad != 0 || strings.ContainsRune("\"<>\\^`{|}\u00a0", r)
}
