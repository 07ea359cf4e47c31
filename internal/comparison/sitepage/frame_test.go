package sitepage

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// What a page shows around its content becomes nobody's words, and what is left
// out is named with its line.
func TestFrameIsNobodysWords(t *testing.T) {
	t.Parallel()
	const take = "Search by meaning finds everything but the page I wanted.\n"
	const lastTake = "so there is no business to judge.\n"
	const description = "Quillbase 2 is a notebook with search by meaning. Answers cite the page they came from.\n"
	tests := []struct {
		name, file, old, new string
		note                 string // names the line that begins with at
		at                   string
	}{
		{"a button below a take", "labelled.txt", take, take + "\nRead more\n", `left out "Read more"`, "Read more"},
		{"an arrow on it", "labelled.txt", take, take + "\nRead more →\n", `left out "Read more →"`, "Read more →"},
		{"a button in capitals", "labelled.txt", take, take + "\nSHOW MORE\n", `left out "SHOW MORE"`, "SHOW MORE"},
		{"a question", "labelled.txt", take, take + "\nHelpful?\nYes (3)\nNo (1)\n", `left out "Helpful?"`, "Helpful?"},
		{"a count", "labelled.txt", take, take + "\n12 people found this helpful\n", `left out "12 people`, "12 people"},
		{"thumbs", "labelled.txt", take, take + "\n👍 12 👎 3\n", `left out "👍`, "👍"},
		{"share buttons", "labelled.txt", take, take + "\nShare\nCopy link\nTweet\nLinkedIn\n", `left out "Copy link"`, "Copy link"},
		{"share buttons between quotes", "compact.txt", "to the end.”\n", "to the end.”\nShare\nCopy link\n", `left out "Share"`, "Share"},
		{"an advertisement", "compact.txt", "to the end.”\n", "to the end.”\nAdvertisement\n", `left out "Advertisement"`, "Advertisement"},
		{"a date at a take's end", "labelled.txt", take, take + "\n3 days ago\n", `left out "3 days ago"`, "3 days ago"},
		{"related comparisons", "labelled.txt", lastTake, lastTake + "\nRelated comparisons\n\nInkwell vs Pagefern\n\n© 2026 Example Media\n", "left out 3 lines", "Related comparisons"},
		{"questions below", "labelled.txt", lastTake, lastTake + "\nFAQ\n\nIs Pagefern free?\n\nNo, it costs $9 a month.\n", "left out 3 lines", "FAQ"},
		{"questions between takes", "labelled.txt", take, take + "\nFrequently asked questions\n\nIs Pagefern free?\n\nNo, it costs $9 a month.\n", "left out 3 lines", "Frequently"},
		{"a footer with sentences", "labelled.txt", lastTake, lastTake + "\n© 2026 Example Media. All rights reserved.\n", "left out", "© 2026"},
		{"a disclosure", "labelled.txt", lastTake, lastTake + "\nSome links are affiliate links, and we earn when you buy.\n", "left out", "Some links"},
		{"a sign-up", "labelled.txt", lastTake, lastTake + "\nSubscribe to our newsletter and never miss a verdict.\n", "left out", "Subscribe to"},
		{"related below quotes", "compact.txt", "the right order.”\n", "the right order.”\nRelated comparisons\nInkwell vs Pagefern\n", "left out 2 lines", "Related"},
		{"anything below quotes", "compact.txt", "the right order.”\n", "the right order.”\nPeople who read this also drink tea.\n", `left out "People who`, "People who"},
		{"a ribbon above the category", "labelled.txt", "\nP\n\nWriting\n", "\nEditor's pick\n\nP\n\nWriting\n", `left out "Editor's pick"`, "Editor's pick"},
		{"a chip below the category", "labelled.txt", "\nWriting\n\nPagefern\n", "\nWriting\n\nTrending\n\nPagefern\n", `left out "Trending"`, "Trending"},
		{"a ribbon on the second card", "labelled.txt", "\nQ\n\nDocs", "\nNew\n\nQ\n\nDocs", `left out "New"`, "New"},
		{"a chip on the second card", "labelled.txt", "\nDocs & Notes\n\nQuill", "\nDocs & Notes\n\n🔥 Hot\n\nQuill", `left out "🔥 Hot"`, "🔥 Hot"},
		{"a ribbon nobody knows", "compact.txt", "comparison.\nCode Search\n", "comparison.\nLoved by 9 of 10 owls\nCode Search\n", `left out "Loved by`, "Loved by"},
		{"a link below a description", "labelled.txt", description, description + "\nVisit website\n", `left out "Visit website"`, "Visit website"},
		{"what nobody knows below a description", "compact.txt", "the gravest first.\n", "the gravest first.\nUpdated 3 days ago\n", `left out "Updated 3 days ago"`, "Updated 3"},
	}
	for _, tt := range tests {
		src := replaceOnce(t, string(readTestdata(t, tt.file)), tt.old, tt.new)
		got, notes, err := Import("page.txt", []byte(src))
		if err != nil {
			t.Errorf("%s: got %v, want none", tt.name, err)
			continue
		}
		want := wantLabelled()
		if tt.file == "compact.txt" {
			want = wantCompact()
		}
		assertSame(t, tt.name, got, want)
		assertNote(t, tt.name, notes, tt.note, lineOf(t, src, tt.at))
	}
}

func assertNote(t *testing.T, what string, notes []comparison.Problem, text string, line int) {
	t.Helper()
	for _, n := range notes {
		if n.Line == line && strings.Contains(n.Message, text) {
			return
		}
	}
	t.Errorf("%s: got notes %v, want %q for line %d", what, notes, text, line)
}

// What cannot be told from content is kept, and named.
func TestSecondParagraphsAreNamed(t *testing.T) {
	t.Parallel()
	const sentence = "Our readers like this comparison very much."
	const take = "Search by meaning finds everything but the page I wanted.\n"
	src := replaceOnce(t, string(readTestdata(t, "labelled.txt")), take, take+"\n"+sentence+"\n")
	got, notes, err := Import("page.txt", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(take) + "\n\n" + sentence; got.Tools[1].Reviews[0].Take != want {
		t.Errorf("got %q, want %q", got.Tools[1].Reviews[0].Take, want)
	}
	assertNote(t, "second paragraph", notes, fmt.Sprintf("the take is read as 2 paragraphs, from %s to %s in line %d", spelling.Clip(strings.TrimSpace(take)), spelling.Clip(sentence), lineOf(t, src, sentence)),
		lineOf(t, src, strings.TrimSpace(take)))
	for page, want := range map[string]int{labelledPage: 0, compactPage: 0} {
		if _, notes, err := Import(page, readTestdata(t, page)); err != nil || len(notes) != want {
			t.Errorf("%s: got notes %v and %v, want none for a page of one paragraph each", page, notes, err)
		}
	}
}

// The forms in which people keep pages.
func TestFormsOfPages(t *testing.T) {
	t.Parallel()
	labelled, compact := string(readTestdata(t, "labelled.txt")), string(readTestdata(t, "compact.txt"))
	table, _, _ := strings.Cut(labelled[strings.Index(labelled, "Decision\n"):], "\n\nReviewer")
	cells := strings.Split(table, "\n")
	rows := func(open, between, behind string) string {
		var b strings.Builder
		for i := 0; i < len(cells); i += 3 {
			fmt.Fprintf(&b, "%s%s%s%s%s%s%s\n", open, cells[i], between, cells[i+1], between, cells[i+2], behind)
			if i == 0 && open != "" {
				b.WriteString("|---|:--|--:|\n")
			}
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
	markdown := strings.NewReplacer(
		"Pagefern vs Quillbase 2\n\nWhich", "# Pagefern vs Quillbase 2\n\nWhich", "\nPagefern\n\nDrafts", "\n## [Pagefern](https://pagefern.example/a_(b))\n\nDrafts",
		"\nQuillbase 2\n\nA note", "\n## **Quillbase 2**\n\nA note", "67%", "**67%**", "\nReviewer scorecard", "\n## Reviewer scorecard", "\nBuilder\n", "\n### Builder\n",
		table, rows("| ", " | ", " |"), "\nI pointed it", "\n> I pointed *it*", "90% right", "**90% right**", "\nP\n", "\n![logo](p.png)\n\nP\n").Replace(labelled)
	cp1252, err := charmap.Windows1252.NewEncoder().String(labelled)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := func(order unicode.Endianness, bom unicode.BOMPolicy) string {
		out, err := unicode.UTF16(order, bom).NewEncoder().String(labelled)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	html := string(readTestdata(t, "labelled.html"))
	latin, err := charmap.ISO8859_15.NewEncoder().String(strings.Replace(html, `charset="utf-8"`, `charset="iso-8859-15"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"cells by tabs":          strings.Replace(labelled, table, rows("", "\t", ""), 1),
		"cells by wide gaps":     strings.Replace(labelled, table, rows("", "     ", ""), 1),
		"empty cell by tabs":     strings.Replace(strings.Replace(labelled, table, rows("", "\t", ""), 1), "$90/yr\t—", "$90/yr\t", 1),
		"numbers by tabs":        strings.Replace(labelled, "67%\n\nPanel ship\n\n12 ship / 3 skip\n\nCommunity\n\n$9/mo\n\nEntry", "67%\tPanel ship\t12 ship / 3 skip\tCommunity\t$9/mo\tEntry", 1),
		"Markdown":               markdown,
		"vs.":                    strings.ReplaceAll(labelled, "Pagefern vs Quillbase 2", "Pagefern vs. Quillbase 2"),
		"versus":                 strings.ReplaceAll(labelled, "Pagefern vs Quillbase 2", "Pagefern versus Quillbase 2"),
		"VS":                     strings.ReplaceAll(labelled, "Pagefern vs Quillbase 2", "Pagefern VS Quillbase 2"),
		"the site's name":        strings.ReplaceAll(labelled, "Pagefern vs Quillbase 2", "Pagefern vs Quillbase 2 | The Site"),
		"a comma in percentages": strings.Replace(labelled, "67%", "66,7 %", 1),
		"a dot in percentages":   strings.Replace(labelled, "67%", "66.67%", 1),
		"per cent":               strings.Replace(labelled, "67%", "67 percent", 1),
		"scores on two lines":    strings.ReplaceAll(strings.ReplaceAll(labelled, "/100 · ship\n\n", "/100\nship\n\n"), "/100 · skip\n\n", "/100\n\nSkip\n\n"),
		"verdict before score":   strings.ReplaceAll(labelled, "74/100 · ship\n", "Ship\n74/100\n"),
		"verdict first":          strings.ReplaceAll(labelled, "74/100 · ship\n", "Ship · 74/100\n"),
		"score in words":         strings.ReplaceAll(labelled, "74/100 · ship\n", "Score: 74 out of 100 (ship)\n"),
		"name and score":         strings.ReplaceAll(labelled, "Futurist\n74/100 · ship\n", "Futurist · 74/100 · ship\n"),
		"UTF-16 LE":              utf16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 BE":              utf16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16 without mark":    utf16(unicode.LittleEndian, unicode.IgnoreBOM),
		"Windows-1252":           cp1252,
		"wrapped at 72":          wrapAt(labelled, 72),
		"wrapped at 60":          wrapAt(labelled, 60),
		"ISO-8859-15 HTML":       latin,
		"web archive":            archive(html, "quoted-printable"),
		"web archive, base64":    archive(html, "base64"),
	} {
		want := wantLabelled()
		got, _, err := Import("page", []byte(src))
		if err != nil {
			t.Errorf("%s: got %v, want none", name, err)
			continue
		}
		if strings.Contains(name, "HTML") || strings.Contains(name, "archive") { // its canonical link
			want.URL = "https://compare.example/c/pagefern-vs-quillbase-2"
		}
		assertSame(t, name, got, want)
	}
	assertSame(t, "compact, wrapped at 70", mustImport(t, "page.txt", []byte(wrapAt(compact, 70))), wantCompact())
}

// wrapAt breaks lines as mail programs do.
func wrapAt(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		n := 0
		for i, word := range strings.Fields(line) {
			size := len([]rune(word))
			switch {
			case i > 0 && n+1+size > width:
				b.WriteByte('\n')
				n = 0
			case i > 0:
				b.WriteByte(' ')
				n++
			}
			b.WriteString(word)
			n += size
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// archive is a page as browsers save it in one file.
func archive(page, coding string) string {
	body := strings.NewReplacer("=", "=3D", "–", "=E2=80=93").Replace(page)
	if coding == "base64" {
		body = base64.StdEncoding.EncodeToString([]byte(page))
	}
	body = strings.ReplaceAll(body, "\n", "\r\n")
	return "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://mirror.example/x\r\nSubject: Pagefern vs Quillbase 2\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----b\"\r\n\r\n\r\n------b\r\nContent-Type: text/css\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na { }\r\n" +
		"------b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: " + coding + "\r\nContent-Location: https://mirror.example/x\r\n\r\n" + body + "\r\n------b--\r\n"
}

// What looks like a page and is damaged is refused, not read half.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	labelled := string(readTestdata(t, "labelled.txt"))
	for name, src := range map[string]string{
		"a table in sentences": strings.Replace(labelled, "Decision\nPagefern\nQuillbase 2\nPanel verdict\nShip · 2 ship / 1 skip\nSkip · 0 ship / 2 skip\n",
			"Decision: Pagefern, Quillbase 2\nPanel verdict: Ship · 2 ship / 1 skip, Skip · 0 ship / 2 skip\n", 1),
		"half an archive":   archive(labelled, "quoted-printable")[:300],
		"mixed encodings":   strings.Replace(labelled, "voice", "v\xf6ice", 1),
		"binary":            "\x00\x01\x02" + labelled,
		"UTF-16 cut in two": "\xff\xfe" + labelled,
	} {
		c, _, err := Import("page", []byte(src))
		var invalid *comparison.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: got %v and %s, want it refused", name, err, asJSON(c))
		}
	}
}
