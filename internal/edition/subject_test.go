package edition_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

func tool(name, entry string, panel *comparison.Panel) comparison.Tool {
	return comparison.Tool{Name: name, Entry: entry, Panel: panel}
}

func votes(ship, skip int) *comparison.Panel { return &comparison.Panel{Ship: &ship, Skip: &skip} }

func share(pc int) *comparison.Panel { return &comparison.Panel{Percent: &pc} }

func versus(a, b comparison.Tool) comparison.Comparison {
	return comparison.Comparison{
		Slug:  strings.ToLower(strings.ReplaceAll(a.Name+"-vs-"+b.Name, " ", "-")),
		Tools: [2]comparison.Tool{a, b},
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	smol := tool("SmolVLM2", "Free", votes(4, 0))
	karpathy := tool("Karpathy Skills", "Free", votes(3, 1))
	devin := tool("Devin", "$20/month", votes(2, 2))
	manus := tool("Manus", "$39/month", votes(1, 3))
	zed := tool("Zed", "Free", share(100))
	cursor := tool("Cursor", "", share(25))
	dud := tool("Dud", "", share(0))
	plain := tool("Kiro", "", nil)
	blank := tool("Amp", "", nil)
	long := tool("The Extraordinarily Long Named Agentic Developer Platform Enterprise Edition", "", votes(4, 0))

	for _, tc := range []struct {
		name               string
		list               []comparison.Comparison
		subject, preheader string
	}{
		{"none", nil, "", ""},
		{
			"one, both ship", []comparison.Comparison{versus(karpathy, smol)},
			"SmolVLM2 ships 4–0, Karpathy Skills 3–1",
			"Both are free to start. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, of two kinds", []comparison.Comparison{versus(devin, smol)},
			"SmolVLM2 ships 4–0; Devin splits the panel",
			"$20/month against Free to start. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, per cent only", []comparison.Comparison{versus(zed, cursor)},
			"Ship Zed, skip Cursor",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, both alike", []comparison.Comparison{versus(smol, tool("Zed", "", votes(4, 0)))},
			"SmolVLM2 and Zed both ship 4–0",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, one known", []comparison.Comparison{versus(plain, smol)},
			"SmolVLM2 ships 4–0 against Kiro",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, unknown", []comparison.Comparison{versus(plain, blank)},
			"Kiro vs Amp: which one ships?",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"two of two kinds", []comparison.Comparison{versus(smol, karpathy), versus(zed, devin)},
			"Devin splits the panel; SmolVLM2 ships 4–0",
			"Up against Karpathy Skills and Zed. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"two, a skip first", []comparison.Comparison{versus(dud, plain), versus(manus, blank)},
			"Nobody ships Dud; Manus is skipped 3–1",
			"Up against Kiro and Amp. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"units are not mixed", []comparison.Comparison{versus(manus, plain), versus(cursor, blank)},
			"Manus is skipped; Cursor is skipped",
			"Up against Kiro and Amp. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one, units are not mixed", []comparison.Comparison{versus(smol, tool("Kiro", "", share(75)))},
			"SmolVLM2 and Kiro both ship",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"a single take is no headline", []comparison.Comparison{versus(tool("Ollama", "", votes(1, 0)), tool("LM Studio", "", votes(1, 0)))},
			"Ollama vs LM Studio: which one is for you?",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"a single take against both is no headline", []comparison.Comparison{versus(tool("Ollama", "", votes(0, 1)), tool("LM Studio", "", votes(0, 1)))},
			"Ollama vs LM Studio: is either one worth it?",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"single takes that differ are no headline", []comparison.Comparison{versus(tool("Ollama", "", votes(1, 0)), tool("LM Studio", "", votes(0, 1)))},
			"Ollama vs LM Studio: which one ships?",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"joiners stay", []comparison.Comparison{versus(tool("می\u200cنویسد", "", votes(4, 0)), tool("\u200cCraft\u200d", "", votes(3, 1)))},
			"می\u200cنویسد ships 4–0, Craft 3–1",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"one known of three", []comparison.Comparison{versus(plain, blank), versus(smol, zed), versus(blank, plain)},
			"SmolVLM2 ships 4–0, and 2 more verdicts",
			"Also: Kiro vs Amp and Amp vs Kiro. Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"four", []comparison.Comparison{versus(smol, karpathy), versus(devin, zed), versus(manus, cursor), versus(plain, blank)},
			"Skip both Manus and Cursor; Devin splits the panel",
			"Also: SmolVLM2 vs Karpathy Skills and Kiro vs Amp. Prices, splits and the panel's reasons.",
		},
		{
			"two unknown", []comparison.Comparison{versus(plain, blank), versus(blank, plain)},
			"Kiro vs Amp, Amp vs Kiro",
			"Prices, reviewer splits and the panel's reasons, side by side.",
		},
		{
			"long names", []comparison.Comparison{versus(long, plain), versus(devin, blank)},
			"Devin splits the panel, and one more verdict",
			"Also: The Extraordinarily Long Named… vs Kiro. Prices, reviewer splits and the panel's reasons, side by side.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			subject, preheader := edition.Subject(tc.list, "")
			if subject != tc.subject {
				t.Errorf("subject: got %q, want %q", subject, tc.subject)
			}
			if preheader != tc.preheader {
				t.Errorf("preheader: got %q, want %q", preheader, tc.preheader)
			}
		})
	}
}

// Whatever names, prices and panels hold, the headline is one visible line of
// the promised length.
func TestSubjectAnyInput(t *testing.T) {
	t.Parallel()
	hostile := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom(nil, unicode.Latin, unicode.Cf, unicode.Cc, unicode.Zs), 0, 120, -1),
		rapid.SampledFrom([]string{"a\r\nBcc: x@example.org", "\u202etxt.exe", "=?utf-8?q?hi?=", "", "  ", "\xff\xfe", "Zoë 👩‍💻"}),
	)
	panel := rapid.Custom(func(t *rapid.T) *comparison.Panel {
		switch rapid.IntRange(0, 3).Draw(t, "known") {
		case 0:
			return nil
		case 1:
			return votes(rapid.IntRange(0, 5).Draw(t, "ship"), rapid.IntRange(0, 5).Draw(t, "skip"))
		case 2:
			return share(rapid.IntRange(0, 100).Draw(t, "percent"))
		}
		return &comparison.Panel{}
	})
	side := rapid.Custom(func(t *rapid.T) comparison.Tool {
		return tool(hostile.Draw(t, "name"), hostile.Draw(t, "entry"), panel.Draw(t, "panel"))
	})
	pairing := rapid.Custom(func(t *rapid.T) comparison.Comparison {
		return versus(side.Draw(t, "a"), side.Draw(t, "b"))
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(pairing, 1, 6).Draw(t, "list")
		subject, preheader := edition.Subject(list, "")
		if n := utf8.RuneCountInString(subject); n == 0 || n > 78 || !visible(subject) || strings.Contains(subject, "=?") {
			t.Fatalf("got subject %q of %d characters, want 1 to 78 visible ones", subject, n)
		}
		if n := utf8.RuneCountInString(preheader); n < 40 || n > 110 || !visible(preheader) {
			t.Fatalf("got preheader %q of %d characters, want 40 to 110 visible ones", preheader, n)
		}
		if again, _ := edition.Subject(list, ""); again != subject {
			t.Fatalf("got %q the second time, want %q", again, subject)
		}
	})
}

func visible(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d' {
			return false
		}
	}
	return utf8.ValidString(s) && s == strings.Trim(s, " \u200c\u200d")
}

// A name that was cut ends its sentence by itself.
func TestLedeAfterCutName(t *testing.T) {
	t.Parallel()
	long := comparison.Tool{Name: "Zig Super Long Tool Name That Goes On And On For The Enterprise", Panel: votes(0, 5)}
	short := comparison.Tool{Name: "Zag", Panel: votes(5, 0)}
	list := []comparison.Comparison{{Slug: "a", Tools: [2]comparison.Tool{long, short}}, {Slug: "b", Tools: [2]comparison.Tool{short, long}}}
	if got := edition.Lede(list, ""); strings.Contains(got, "….") || !strings.Contains(got, "… ") {
		t.Errorf("got %q, want no period after the cut name", got)
	}
}
