package sitepage

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The frame is what a page shows around its content: buttons, ribbons, share
// links, what stands below the scorecard. It is told by fixed words; what they do
// not tell is caught by the notes on second paragraphs (texts.go).

// control is for buttons and links that may stand anywhere.
var control = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`(?:read|show|see|view|expand)(?: (?:the )?(?:more|less|all|full|rest|entire))?(?: (?:take|takes|review|reviews|of this take))?`,
	`(?:was this (?:take |review |comparison )?)?(?:helpful|useful)\??(?: .{0,24})?`,
	`[0-9][0-9,.]*k? (?:people |readers |of [0-9]+ )*(?:found this (?:helpful|useful)|likes?|upvotes?|votes?|shares?|comments?|replies|bookmarks?)\.?`,
	`(?:share|tweet|post|pin)(?: (?:it|this|on|via|to|with)\b.{0,30})?`,
	`(?:copy|copied|copy link|link copied|copy the link|embed|print|save|saved|bookmark|bookmarked|report|reply|like|liked|upvote|downvote|follow|following|subscribe|permalink)`,
	`bookmark (?:this )?(?:tool|comparison|take)|report (?:this )?(?:take|review|a problem)|add to (?:bookmarks|compare)`,
	`(?:visit|open|go to|try) (?:the )?(?:site|website|web site|tool|it|it free|it now|for free|free|now|page|homepage)|get started|learn more`,
	`sign in|sign up|log in|advertisement|ad|ads|sponsored|promoted|skip to content|back to top|next|previous|close|menu`,
	`facebook|twitter|linkedin|reddit|whatsapp|hacker news|e-?mail|telegram|bluesky|mastodon|threads`,
}, `|`) + `)$`)

// below is for lines that begin what is no longer the content.
var below = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`(?:related|similar|more|other|recent|latest|popular|trending|next|previous) (?:comparisons?|tools?|reviews?|reading|articles?|posts?|verdicts?|stories)\b.{0,40}`,
	`you (?:may|might) also (?:like|want|enjoy)\b.{0,30}|people also (?:ask|compare|read)\b.{0,30}|keep reading|read next|up next|compare (?:other|more)\b.{0,30}`,
	`faqs?|f\.a\.q\.?|frequently asked questions\b.{0,30}|questions (?:and|&) answers|common questions|q ?& ?a`,
	`comments?(?: \([0-9]+\))?|[0-9]+ comments?|leave a comment|discussion|join the discussion|community (?:takes|comments|reviews)`,
	`share this\b.{0,30}|about (?:us|the panel|the reviewers?|the authors?|this (?:page|comparison|site))|(?:our )?methodology|how we (?:review|test|compare|score)\b.{0,20}`,
	`sources?|references|disclosure\b.{0,200}|disclaimer\b.{0,200}|.{0,60}affiliate (?:links?|commissions?|partners?).{0,200}|we may earn\b.{0,200}`,
	`(?:©|\(c\)|copyright)\b?.{0,120}|.{0,80}all rights reserved\.?|terms(?: .{0,30})?|privacy(?: .{0,30})?|cookies?(?: .{0,30})?|imprint|contact(?: us)?|legal|careers|press|status|sitemap|newsletter|rss`,
	`(?:subscribe|sign up|join)\b.{0,40}(?:newsletter|inbox|mailing list|updates|weekly).{0,40}|follow us\b.{0,40}|get the next comparison in your inbox|new ai tools ship daily\..{0,80}|loading bookmarks(?:\.\.\.|…)?|no bookmarks yet`,
}, `|`) + `)$`)

// ribbon is for the chips that a card may wear beside its category.
var ribbon = regexp.MustCompile(`(?i)^(?:editor(?:'s|’s|s'|s’|s)? (?:pick|choice)s?|staff pick|(?:our )?(?:top )?pick|new|hot|trending|featured|popular|updated?|winner|runner[- ]up|best (?:overall|value|pick)|top rated|verified|sponsored|promoted|recommended|tool of the (?:day|week|month)|product of the (?:day|week|month)|(?:early access|beta|preview)|#[0-9]+(?: .{0,30})?|[0-9]+(?:st|nd|rd|th) place)$`)

// bare takes the arrows and dots off a button's words.
func bare(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sm, r) || strings.ContainsRune("….›»‹«→←↑↓·•|:-–—+*\ufe0f", r)
	})
}

func isControl(s string) bool {
	if utf8.RuneCountInString(s) > 60 || isAbsentMark(s) {
		return false
	}
	return control.MatchString(bare(s)) || isSymbols(s)
}

// isSymbols is for lines of pictures and counts: "👍 12", "★★★★☆".
func isSymbols(s string) bool {
	picture := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.So, r), r == '★', r == '☆':
			picture = true
		case unicode.IsLetter(r), strings.ContainsRune("$€£¥%/", r):
			return false
		}
	}
	return picture
}

func isBelow(s string) bool {
	return utf8.RuneCountInString(s) <= 240 && (below.MatchString(s) || below.MatchString(bare(s)))
}

func isRibbon(s string) bool { return ribbon.MatchString(bare(s)) }

var (
	sentenceEnd = regexp.MustCompile(`[.!?…。！？:;"”'’»]\s*[\])]?$`)
	bullet      = regexp.MustCompile(`^(?:[-*•–—▪‣]|[0-9]{1,2}[.)])\s`)
)

// isSentence is for what can be a paragraph of somebody's text: it ends as a
// sentence does, is long, or is an item of a list.
func isSentence(s string) bool {
	const long = 60
	return sentenceEnd.MatchString(s) || utf8.RuneCountInString(s) >= long || bullet.MatchString(s)
}
