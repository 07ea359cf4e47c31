package sheet

import (
	"strings"
	"testing"
)

func TestInlinedSubset(t *testing.T) {
	t.Parallel()
	const good = `/* a comment */
td { padding: 0 }
.a, .b-1, #c_2 { color: #fff; background-color: rgba(0, 0, 0, .5) }
table.data > td.x#y { font-family: Georgia,"Times New Roman",serif; }
div p .q { margin: 0 auto; mso-line-height-rule: exactly; background: url(https://example.org/a.png) }
a { -webkit-text-size-adjust: 100% }
TD.a/* x */ .b { COLOR: /* y */ red; font-family: "}{;!", a }
p { }
`
	if ps := LintInlined("mail.css", good); len(ps) > 0 {
		t.Errorf("got %v, want no problem", ps)
	}
}

// Each construct that the inliner loses or breaks is refused with its line and
// selector, wherever it stands in a sheet.
func TestInlinedRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range refused() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ps := LintInlined("mail.css", "p { margin: 0 }\n\n"+test.css+"\n.after { color: red }\n")
			if len(ps) == 0 {
				t.Fatalf("got no problem for %s, want %s", test.css, test.rule)
			}
			p := ps[0]
			if p.Rule != test.rule || p.Line != 3 || p.File != "mail.css" || p.Advice == "" {
				t.Errorf("got %v, want rule %q in line 3", p, test.rule)
			}
			if !strings.Contains(p.Selector, test.selector) {
				t.Errorf("got selector %q, want %q in it", p.Selector, test.selector)
			}
		})
	}
}

type refusal struct{ name, css, rule, selector string }

func refused() []refusal {
	return []refusal{
		{"hover", "a:hover { color: red }", "pseudo-class", "a:hover"},
		{"is", ":is(td, p) { color: red }", "pseudo-class", ":is(td, p)"},
		{"where", "td :where(.x) { color: red }", "pseudo-class", "td :where(.x)"},
		{"not", "td:not(.a,.b) { color: red }", "pseudo-class", "td:not(.a,.b)"},
		{"first child", "td:first-child { color: red }", "pseudo-class", "td:first-child"},
		{"before", "p::before { content: 'x' }", "pseudo-class", "p::before"},
		{"attribute", "a[href] { color: red }", "attribute selector", "a[href]"},
		{"attribute with #", "a[href='#x'] { color: red }", "attribute selector", "a["},
		{"outlook dark", "[data-ogsc] .a { color: red }", "attribute selector", "[data-ogsc] .a"},
		{"unspaced child", "div>p { color: red }", "unspaced combinator", "div>p"},
		{"half spaced child", "div> p { color: red }", "unspaced combinator", "div> p"},
		{"unspaced sibling", "p+p { color: red }", "combinator", "p+p"},
		{"sibling", "p + p { color: red }", "combinator", "p + p"},
		{"body hack", "u + #body { color: red }", "combinator", "u + #body"},
		{"general sibling", "p ~ p { color: red }", "combinator", "p ~ p"},
		{"dangling child", "> p { color: red }", "combinator", "> p"},
		{"child at the end", "div > { color: red }", "combinator", "div >"},
		{"two children", "div > > p { color: red }", "combinator", "div > > p"},
		{"universal", "* { color: red }", "universal selector", "*"},
		{"universal below", "td * { color: red }", "universal selector", "td *"},
		{"universal class", "*.a { color: red }", "universal selector", "*.a"},
		{"important", ".a { color: red !important }", "!important", ".a"},
		{"important upper", ".a { color: red !IMPORTANT }", "!important", ".a"},
		{"important spaced", ".a { color: red ! important }", "!important", ".a"},
		{"media", "@media (max-width: 600px) { .a { color: red } }", "at-rule", "@media (max-width: 600px)"},
		{"supports", "@supports (display: grid) { .a { color: red } }", "at-rule", "@supports"},
		{"font-face", "@font-face { font-family: x; src: url(x.woff) }", "at-rule", "@font-face"},
		{"import", `@import url("x.css");`, "at-rule", "@import"},
		{"charset", `@charset "utf-8";`, "at-rule", "@charset"},
		{"keyframes", "@keyframes x { from { color: red } to { color: blue } }", "at-rule", "@keyframes x"},
		{"layer", "@layer base;", "at-rule", "@layer base"},
		{"variable", ".a { --ink: red }", "CSS variable", ".a"},
		{"var", ".a { color: var(--ink) }", "CSS variable", ".a"},
		{"root", ":root { color: red }", "pseudo-class", ":root"},
		{"nesting", ".a { color: red; .b { color: blue } }", "nesting", ".a"},
		{"nesting with &", ".a { &.b { color: blue } }", "nesting", ".a"},
		{"twice", ".a { color: red; color: blue }", "property given twice", ".a"},
		{"no colon", ".a { color red }", "malformed CSS", ".a"},
		{"no value", ".a { color: }", "malformed CSS", ".a"},
		{"missing semicolon", ".a { color: red background: blue }", "malformed CSS", ".a"},
		{"missing brace", ".a { color: red", "malformed CSS", ".a"},
		{"no selector", "{ color: red }", "malformed CSS", ""},
		{"empty selector", ".a, , .b { color: red }", "malformed CSS", ".a, , .b"},
		{"comma at the end", ".a, { color: red }", "malformed CSS", ".a,"},
		{"stray semicolon", "; .a { color: red }", "malformed CSS", ";"},
		{"stray brace", "} .a { color: red }", "selector", "}"},
		{"open bracket", ".a { color: rgb(0,0,0 }", "malformed CSS", ".a"},
		{"closed bracket", ".a { color: red) }", "malformed CSS", ".a"},
		{"bad string", ".a { content: \"x\n }", "malformed CSS", "\"x"},
		{"bad url", ".a { background: url(a b) }", "malformed CSS", "url("},
		{"html comment", "<!-- .a { color: red } -->", "malformed CSS", "<!--"},
		{"end of style", ".a { content: '</style>' }", "malformed CSS", "</style"},
		{"upper url", ".a { background: URL(https://example.org/a.png) }", "uppercase URL(", ".a"},
		{"upper url quoted", ".a { background: Url('a.png') }", "uppercase URL(", ".a"},
		{"premailer", ".a { -premailer-width: 3px }", "inliner's own property", ".a"},
		{"premailer plain", ".a { premailer-width: 3px }", "inliner's own property", ".a"},
		{"star hack", ".a { *color: red }", "malformed CSS", ".a"},
		{"escaped class", `.a\:b { color: red }`, "class selector", `.a\:b`},
		{"id of digits", "#1a { color: red }", "id selector", "#1a"},
		{"percentage", "50% { color: red }", "selector", "50%"},
		{"namespace", "svg|a { color: red }", "selector", "svg|a"},
	}
}

func TestKept(t *testing.T) {
	t.Parallel()
	const good = `
:root { color-scheme: light dark; supported-color-schemes: light dark }
a[x-apple-data-detectors], u + #body .x { color: inherit !important }
.link:hover { color: red !IMPORTANT }
#outlook a { padding: 0 !important }
@font-face { font-family: x; src: url(x.woff) }
@media (max-width: 600px) { .a > .b, td:not(.c) { width: auto !important; margin: 0!important } }
@media (prefers-color-scheme: dark) and (max-width: 600px) { .a { color: red !important } }
`
	if ps := LintKept("kept.css", good); len(ps) > 0 {
		t.Errorf("got %v, want no problem", ps)
	}
	for _, test := range []struct {
		name, css, rule string
		line            int
	}{
		{"@ inside @", "@media screen {\n@media (max-width: 600px) { .a { color: red !important } } }", "@ inside @", 2},
		{"font-face inside media", "@media screen { @font-face { font-family: x } }", "@ inside @", 1},
		{"no important", ".a:hover {\ncolor: red }", "no !important", 2},
		{"no important in media", "@media screen {\n.a { color: red } }", "no !important", 2},
		{"important elsewhere", ".a { content: '!important' }", "no !important", 1},
		{"import", "@import 'x.css';", "at-rule", 1},
		{"supports", "@supports (display: grid) { .a { color: red !important } }", "at-rule", 1},
		{"outlook", "\n[data-ogsc] .a { color: red !important }", "Outlook's dark mode", 2},
		{"outlook in media", "@media screen { [data-ogsb] .a { color: red !important } }", "Outlook's dark mode", 1},
		{"nesting", ".a { .b { color: red !important } }", "nesting", 1},
		{"variable", ".a { color: var(--x) !important }", "CSS variable", 1},
		{"unclosed", "@media screen { .a { color: red !important }", "malformed CSS", 1},
		{"no value", ".a { color }", "malformed CSS", 1},
		{"size", ".a { content: '" + strings.Repeat("x", MaxKept) + "' !important }", "size", 1},
	} {
		ps := LintKept("kept.css", test.css)
		if len(ps) == 0 || ps[0].Rule != test.rule || ps[0].Line != test.line {
			t.Errorf("%s: got %v, want rule %q in line %d", test.name, ps, test.rule, test.line)
		}
	}
}

func TestOutlook(t *testing.T) {
	t.Parallel()
	if ps := LintOutlook("ogsc.css", "[data-ogsc] .a, [data-ogsb] .b { color: red !important }"); len(ps) > 0 {
		t.Errorf("got %v, want no problem", ps)
	}
	ps := LintOutlook("ogsc.css", "[data-ogsc] .a,\n.b { color: red !important }")
	if len(ps) != 1 || ps[0].Selector != ".b" {
		t.Errorf("got %v, want the selector .b refused", ps)
	}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	if ps := LintAttribute("x", 7, "td", "color: red; padding: 0"); len(ps) > 0 {
		t.Errorf("got %v, want no problem", ps)
	}
	for _, css := range []string{"color: red !important", "color: red; color: blue", "color", "a { color: red }", "width: var(--x)"} {
		if ps := LintAttribute("x", 7, "td", css); len(ps) == 0 || ps[0].Line != 7 || ps[0].Selector != "td" {
			t.Errorf("%s: got %v, want a problem of td in line 7", css, ps)
		}
	}
}

func TestStrip(t *testing.T) {
	t.Parallel()
	got := Strip("/* one */\n  .a { color: red } /* two\n three */\n\n@media x {\n\t.b { content: \"/* no */\" }\n}\n")
	if want := ".a { color: red }\n@media x {\n.b { content: \"/* no */\" }\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever an operator writes, a check ends, names lines that exist, and passes
// nothing with a brace out of place.
func FuzzLint(f *testing.F) {
	for _, r := range refused() {
		f.Add(r.css)
	}
	f.Add(".a { color: red }\n@media x { .b { color: red !important } }")
	f.Fuzz(func(t *testing.T, css string) {
		lines := strings.Count(css, "\n") + 1
		for _, lint := range []func(string, string) Problems{LintInlined, LintKept, LintOutlook} {
			for _, p := range lint("x.css", css) {
				if p.Line < 1 || p.Line > lines || p.Rule == "" || p.Advice == "" {
					t.Fatalf("got problem %+v in a sheet of %d lines", p, lines)
				}
			}
		}
		if len(LintInlined("x.css", css)) == 0 {
			if again := LintInlined("x.css", Strip(css)); len(again) > 0 {
				t.Fatalf("the stripped sheet has problems of its own: %v", again)
			}
		}
	})
}
