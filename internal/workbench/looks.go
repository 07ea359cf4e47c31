package workbench

import (
	"cmp"
	"html"
	"regexp"
	"strings"

	"verdicts.example/digest/internal/check/caniemail"
)

// A look is one way in which a client shows the mail.
type look struct {
	Name   string
	Label  string
	Stands string // which clients, and what is not exact
	dark   bool   // the frame's own colours
	change func(mail string) string
}

// looks are the ways that are no particular client's.
func looks() []look {
	return []look{
		{"light", "Light", "Most readers, by day.", false, func(m string) string { return scheme(m, "light") }},
		{"dark", "Its own dark mode", "Apple Mail and Outlook for Mac, iOS and Android: they follow the mail's own dark rules.", true, func(m string) string { return scheme(m, "dark") }},
		{"inverted", "Forced inversion", "Gmail's apps and Outlook for Windows change colours by rules of their own. An approximation: here all colours are inverted.", false, inverted},
		{"no-style", "Styles off", "Gmail with another provider's account removes <style>: only inlined styles are left.", false, func(m string) string { return styleElement.ReplaceAllString(scheme(m, "light"), "") }},
		{"no-media", "Media queries off", "Yahoo, AOL and others that ignore @media.", false, withoutMedia},
		{"no-images", "Images off", "Outlook and company networks, until the reader asks for images.", false, withoutImages},
	}
}

// clientLook shows what the data leaves to a client, false for one that is not
// in the data.
func clientLook(data *caniemail.Data, name string) (look, bool) {
	for _, c := range caniemail.Clients() {
		if string(c) != name {
			continue
		}
		l := look{Name: name, Label: clientName(c)}
		l.Stands = "Approximation, data of " + data.Updated + ": what this client lacks, by caniemail, is removed."
		l.change = func(mail string) string {
			out, _, err := data.Without(scheme(mail, "light"), c)
			if err != nil {
				return mail
			}
			return out
		}
		return l, true
	}
	return look{}, false
}

// clientName is how people name a client.
func clientName(c caniemail.Client) string {
	program, platform, _ := strings.Cut(string(c), "/")
	program = map[string]string{"gmail": "Gmail", "outlook": "Outlook", "apple-mail": "Apple Mail", "yahoo": "Yahoo"}[program]
	return program + ", " + cmp.Or(map[string]string{
		"desktop-webmail": "web", "ios": "iOS", "android": "Android", "windows": "Windows (Word)", "outlook-com": "new and web", "macos": "Mac",
	}[platform], platform)
}

var (
	styleElement = regexp.MustCompile(`(?is)<style[^>]*>.*?</style>`)
	schemeQuery  = regexp.MustCompile(`(?i)\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)`)
	schemeMeta   = regexp.MustCompile(`(?i)(<meta name="(?:supported-)?color-schemes?" content=")[^"]*"`)
	imageSource  = regexp.MustCompile(`(?i)(<img\b[^>]*?)\ssrc(?:set)?="[^"]*"`)
)

// scheme shows a mail as a client in light or in dark colours does, whatever the
// browser's own are: its media queries about the scheme are answered here.
func scheme(mail, name string) string {
	mail = styleElement.ReplaceAllStringFunc(mail, func(style string) string {
		return schemeQuery.ReplaceAllStringFunc(style, func(q string) string {
			if strings.EqualFold(schemeQuery.FindStringSubmatch(q)[1], name) {
				return "(min-width:0)" // always
			}
			return "(max-width:0)" // never
		})
	})
	return schemeMeta.ReplaceAllString(mail, `${1}`+name+`"`)
}

// addStyle puts rules at the end of a mail's head.
func addStyle(mail, rules string) string {
	at := strings.Index(strings.ToLower(mail), "</head>")
	if at < 0 {
		return "<style>" + rules + "</style>" + mail
	}
	return mail[:at] + "<style>" + rules + "</style>" + mail[at:]
}

func inverted(mail string) string {
	return addStyle(scheme(mail, "light"), "html{background:#fff;filter:invert(1) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}")
}

// withoutMedia takes out every @media block.
func withoutMedia(mail string) string {
	return styleElement.ReplaceAllStringFunc(mail, func(style string) string {
		for {
			at := strings.Index(strings.ToLower(style), "@media")
			if at < 0 {
				return style
			}
			style = style[:at] + style[at+blockLength(style[at:]):]
		}
	})
}

// blockLength is how many bytes a rule with its block of rules has.
func blockLength(rule string) int {
	depth := 0
	for i, r := range rule {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	if i := strings.Index(rule, "</style"); i >= 0 {
		return i
	}
	return len(rule)
}

func withoutImages(mail string) string {
	return imageSource.ReplaceAllString(scheme(mail, "light"), "$1")
}

// gmailCut is how many bytes of HTML Gmail shows before it cuts a mail.
const gmailCut = 102_400

// A cut says where Gmail cuts a mail.
type cut struct {
	Bytes int
	Line  int    // of the source; 0: it does not
	Text  string // the words before it
}

func gmailCuts(mail string) cut {
	c := cut{Bytes: len(mail)}
	if len(mail) > gmailCut {
		before := mail[:gmailCut]
		c.Line = 1 + strings.Count(before, "\n")
		words := strings.Fields(html.UnescapeString(tag.ReplaceAllString(before[max(0, len(before)-2000):], " ")))
		c.Text = strings.Join(words[max(0, len(words)-8):], " ")
	}
	return c
}

var tag = regexp.MustCompile(`(?s)<[^>]*>`)
