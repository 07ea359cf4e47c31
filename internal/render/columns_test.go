package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/mergefield"
)

// A cell that reads from right to left keeps to its column: it is isolated.
func TestRightToLeftColumns(t *testing.T) {
	t.Parallel()
	got := row("Decision", "כלי (beta)", "أداة")
	if want := "Decision    \u2068כלי (beta)\u2069                       \u2068أداة\u2069"; got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	c := pageLike()
	c.Tools[0].Name, c.Tools[1].Name = "כלי (beta)", "أداة القلم"
	c.Tools[0].Panel, c.Tools[0].Reviews = panelOf(1, 3), nil
	out := digest(t, c)
	for _, want := range []string{
		"\u2068כלי (beta)\u2069                       \u2068أداة القلم\u2069\n",
		"Skip, 3 of 4 against (25% ship)  Ship, 4 of 4 (100%)",
		"1. \u2068כלי (beta)\u2069 vs \u2068أداة القلم\u2069\n",
		"Ship \u2068أداة القلم\u2069, skip \u2068כלי (beta)\u2069.",
	} {
		if !strings.Contains(out.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, out.Text)
		}
	}
	second := c
	second.Slug, second.Tools[0].Name, second.Tools[1].Name = "second", "Pencil", "Ink"
	if two := digest(t, c, second); !strings.Contains(two.Text, "1. \u2068כלי (beta)\u2069: Skip; \u2068أداة القلم\u2069: Ship\n") {
		t.Errorf("the list at the top turns the verdicts round:\n%s", two.Text)
	}
	for name, part := range map[string]string{"HTML": out.HTML, "text": out.Text} {
		if strings.Contains(part, "Skip 25%") || strings.Contains(part, "Skip, 25%") {
			t.Errorf("%s: a skip has the share of ship for its own", name)
		}
	}
}

// An address that is wider than its column is not broken, and its neighbour does
// not run into it.
func TestWideAddress(t *testing.T) {
	t.Parallel()
	const address = "https://pencil.example/pricing/for-schools-and-teams"
	got := row("Pricing", address, "Pro $15/month")
	if want := "Pricing     " + address + "\n" + strings.Repeat(" ", 45) + "Pro $15/month"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := row("Pricing", "Free", address), "Pricing     Free                             "+address; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := row("Pricing", "See "+address+" for it", "b c"),
		"Pricing     See\n            "+address+"\n            for it\n"+strings.Repeat(" ", 45)+"b c"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// An address with parentheses, quotes or umlauts is one string in both parts.
func TestOneAddress(t *testing.T) {
	t.Parallel()
	c := pageLike()
	c.URL = "https://wiki.example.org/Pencil_(editor)"
	c.Tools[0].URL, c.Tools[1].URL = "https://example.org/o'neill", "https://bücher.example/?q=ü"
	out := digest(t, c)
	for _, want := range []string{"https://wiki.example.org/Pencil_%28editor%29", "https://example.org/o%27neill", "https://xn--bcher-kva.example/?q=%C3%BC"} {
		if !strings.Contains(out.HTML, `href="`+want+`"`) || !strings.Contains(out.Text, want+"\n") {
			t.Errorf("%s is not in both parts", want)
		}
	}
}

// Words in narrow columns: scores and versions stay whole, long words may break.
func TestKeep(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"SmolVLM2 ships 4–0":           `SmolVLM2 ships <span class="whole">4–0</span>`,
		"Deepgram Nova-3":              `Deepgram <span class="whole">Nova-3</span>`,
		"faster-whisper & co":          `faster-whisper &amp; co`,
		"<b>":                          `&lt;b&gt;`,
		"Donaudampfschiff":             `<span class="long">Donaudampfschiff</span>`,
		"a-very-long-version-number-3": `a-very-long-version-number-3`,
	} {
		if got := string(keep(in)); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// An item invites a vote where nobody has voted, and has the reader's own link for
// it in both parts; where the full page takes votes too, its button says so.
func TestVoteInvited(t *testing.T) {
	t.Parallel()
	c := pageLike()
	out := digest(t, c)
	if !strings.Contains(out.HTML, "No reader has voted yet: be the first") || !strings.Contains(out.HTML, ", and vote</a>") {
		t.Error("got no invitation to vote")
	}
	c.URL = ""
	c.Tools[1].Community = &comparison.Votes{}
	if out = digest(t, c); !strings.Contains(out.HTML, "be the first") || strings.Contains(out.HTML, "and vote") {
		t.Error("got another invitation than one to vote here")
	}
	for part, text := range map[string]string{"HTML": out.HTML, "text": out.Text} {
		if link := "/vote/" + string(mergefield.Vote) + "/"; strings.Count(text, link) != 1 || !strings.Contains(text, "/"+c.Slug) {
			t.Errorf("%s: got %d links to vote, want one", part, strings.Count(text, link))
		}
	}
}
