package subscribers_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// Hard cases, a line a rule: what RFC 5321 and 5322 allow and people use is taken;
// what they allow and a sign-up has no use for is refused on purpose
// (docs/decisions.md); what they forbid is refused.
func TestHardAddresses(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("l", 63)
	for _, c := range []struct {
		rule   string
		taken  []string
		refuse []string
	}{
		{
			rule:   "a local part is atoms with single dots (RFC 5322 §3.2.3)",
			taken:  []string{"a@b.example", "1@b.example", "a.b.c.d.e@b.example", "#$&'*+-/?^_`{|}~=@b.example", "a+b+c@b.example", "-a-@b.example", "_@b.example"},
			refuse: []string{"a.@b.example", ".a@b.example", "a..b@b.example", ".@b.example", "a\\b@b.example", "a[b]@b.example", "a:b@b.example"},
		},
		{
			rule:   "64 octets before the @, 63 a label, 254 in all (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4)",
			taken:  []string{strings.Repeat("a", 64) + "@b.example", "a@" + label63 + ".example"},
			refuse: []string{strings.Repeat("a", 65) + "@b.example", "a@l" + label63 + ".example", "a@" + strings.Repeat(label63+".", 4) + "example"},
		},
		{
			rule:   "labels are letters, digits and inner hyphens (RFC 5890 §2.3.1)",
			taken:  []string{"a@b--c.example", "a@1.example", "a@1-1.example", "a@b.c.d.example", "a@123.example"},
			refuse: []string{"a@-b.example", "a@b-.example", "a@b_c.example", "a@b.example-", "a@b..example", "a@.example", "a@b.example.", "a@b/example.org"},
		},
		{
			rule:   "an international name becomes A-labels (RFC 5891)",
			taken:  []string{"a@bücher.example", "a@xn--bcher-kva.example", "a@例え.テスト", "a@BÜCHER.EXAMPLE"},
			refuse: []string{"a@xn--.example", "a@xn--a.example", "a@b\u00adc.example\u200b", "a@\u202eexample.org", "a@xn--bcher-kva\u0307.exa mple"},
		},
		{
			rule:   "refused on purpose: a domain without a dot, though mail to a top-level domain is possible",
			refuse: []string{"a@example", "a@localhost", "a@io"},
		},
		{
			rule:   "refused on purpose: a domain that ends in a number, or a literal",
			refuse: []string{"a@example.123", "a@192.0.2.1", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a@[RFC-5322-domain-literal]"},
		},
		{
			rule:   "refused on purpose: quoted local parts, escapes, comments, folding white space",
			refuse: []string{`"a"@b.example`, `"a b"@b.example`, `""@b.example`, `"\a"@b.example`, `a."b"@c.example`, "a(c)@b.example", "(c)a@b.example", "a@b.example(c)", "a @b.example", "a@ b.example", "a\r\n @b.example", "a@b\r\n .example"},
		},
		{
			rule:   "refused on purpose: routes and what relays take for one",
			refuse: []string{"b.example!a@c.example", "a%b.example@c.example", "@b.example:a@c.example", "a!b@c.example"},
		},
		{
			rule:   "refused on purpose: local parts beyond ASCII, which need SMTPUTF8 all the way (RFC 6531)",
			refuse: []string{"grün@b.example", "用户@b.example", "a\u0301@b.example"},
		},
		{
			rule:   "one address and nothing else",
			refuse: []string{"a@b@c.example", "a@b.example,c@d.example", "a@b.example;c@d.example", "A <a@b.example>", "mailto:a@b.example", "a@b.example?subject=x", "a@b.example\r\nCc: c@d.example", "a\x00@b.example", "a@b.example\x7f", "=?utf-8?q?a?=@b.example"},
		},
		{
			rule:  "spaces around it are a slip of the hand",
			taken: []string{" a@b.example", "a@b.example ", "\ta@b.example\u00a0"},
		},
	} {
		for _, in := range c.taken {
			if a, err := subscribers.ParseAddress(in); err != nil {
				t.Errorf("%s: %q: got %v, want it taken", c.rule, in, err)
			} else if strings.ContainsFunc(a.Email, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
				t.Errorf("%s: %q: got %q, want printable ASCII", c.rule, in, a.Email)
			}
		}
		for _, in := range c.refuse {
			if a, err := subscribers.ParseAddress(in); err == nil {
				t.Errorf("%s: %q: got %q, want it refused", c.rule, in, a.Email)
			}
		}
	}
}
