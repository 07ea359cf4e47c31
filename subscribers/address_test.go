package subscribers_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"verdicts.example/digest/subscribers"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	local64, label63 := strings.Repeat("a", 64), strings.Repeat("b", 63)
	long := local64 + "@" + strings.Repeat(label63+".", 2) + strings.Repeat("c", 57) + ".de" // 64+1+128+60 = 253
	tests := []struct{ in, email, key string }{
		{"a@b.co", "a@b.co", "a@b.co"},
		{"  Ada.Lovelace+News@Example.COM\t", "Ada.Lovelace+News@example.com", "ada.lovelace+news@example.com"},
		{"\u00a0a@b.co\u00a0", "a@b.co", "a@b.co"},
		{"o'hara_{x}@b-c.co", "o'hara_{x}@b-c.co", "o'hara_{x}@b-c.co"},
		{"a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"a@BÜCHER.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"a@例え。テスト", "a@xn--r8jz45g.xn--zckzah", "a@xn--r8jz45g.xn--zckzah"},
		{"a@3.example", "a@3.example", "a@3.example"},
		{local64 + "@b.co", local64 + "@b.co", local64 + "@b.co"},
		{"a@" + label63 + ".co", "a@" + label63 + ".co", "a@" + label63 + ".co"},
		{long + "x", long + "x", long + "x"}, // 254
	}
	for _, tt := range tests {
		a, err := subscribers.ParseAddress(tt.in)
		if err != nil {
			t.Errorf("%q: got %v, want it accepted", tt.in, err)
			continue
		}
		if a.Email != tt.email || a.Key != tt.key {
			t.Errorf("%q: got %q with key %q, want %q with %q", tt.in, a.Email, a.Key, tt.email, tt.key)
		}
	}
	if _, err := subscribers.ParseAddress(long + "xy"); err == nil {
		t.Error("got an address of 255 octets accepted, want it refused")
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, message string }{
		{"", "It is empty"},
		{"   ", "It is empty"},
		{"ada", "ada is not complete: an address has an @"},
		{"a@b@c.co", "more than one @"},
		{"@b.co", "nothing before the @"},
		{"a@", "nothing after the @"},
		{"a@b.co\r\nBcc: x@y.co", "line break"},
		{"a@b.co\n", "line break"},
		{"a@b.co\r", "line break"},
		{"a\x00@b.co", "invisible character"},
		{"a\u2028@b.co", "line break"},
		{"a\u2029@b.co", "line break"},
		{"a\u200b@b.co", "invisible character"},
		{"a\u202e@b.co", "invisible character"},
		{"a\x7f@b.co", "invisible character"},
		{"a\u0085b@b.co", "line break"},
		{"\xff@b.co", "not UTF-8"},
		{"a b@c.co", "a space"},
		{"=?utf-8?q?ada?=@b.co", "encoded text"},
		{`"ada"@b.co`, "Quoted"},
		{`"a b"@c.co`, "Quoted"},
		{"Ada <a@b.co>", "without a name"},
		{"<a@b.co>", "without a name"},
		{"a@b.co (Ada)", "without a comment"},
		{"a(x)@b.co", "without a comment"},
		{"a@b,c@d", "one address only"},
		{"a@b.co;c@d.co", "one address only"},
		{"a@[127.0.0.1]", "not an IP address"},
		{"a@127.0.0.1", "not an IP address"},
		{"a@localhost", "a@localhost is not complete: what follows the @ needs a dot"},
		{".a@b.co", "A dot"}, {"a.@b.co", "A dot"}, {"a..b@c.co", "A dot"},
		{"a@.b.co", "A dot"}, {"a@b..co", "A dot"}, {"a@b.co.", "A dot"},
		{"a@-b.co", "hyphen"}, {"a@b-.co", "hyphen"},
		{"a@b_c.co", "characters"}, {"a@b!c.co", "characters"}, {"a@xn--a.co", "characters"},
		{"a@\u00ad.co", "invisible character"},
		{"a@b\u2024co.de", ""},
		{"ä@b.co", "letters other than a to z"},
		{"a%b.co@c.co", `'%'`}, {"b.co!a@c.co", `'!'`}, {`a\@b.co`, `'\\'`}, {"a:b@c.co", `':'`},
		{strings.Repeat("a", 65) + "@b.co", "longer than 64"},
		{"a@" + strings.Repeat("b", 64) + ".co", "longer than 63"},
		{strings.Repeat("a", 5000), "longer than the 254"},
	}
	for _, tt := range tests {
		a, err := subscribers.ParseAddress(tt.in)
		if tt.message == "" { // a look-alike dot: mapped by UTS 46 or refused, never kept
			if err == nil && strings.ContainsRune(a.Email, '\u2024') {
				t.Errorf("%q: got %q, want it mapped or refused", tt.in, a.Email)
			}
			continue
		}
		var e *subscribers.AddressError
		if !errors.As(err, &e) || !errors.Is(err, subscribers.ErrAddress) || e.Field != "email" {
			t.Errorf("%q: got %q, %v, want an AddressError of the email", tt.in, a.Email, err)
			continue
		}
		if !strings.Contains(e.Message, tt.message) {
			t.Errorf("%q: got the message %q, want %q in it", tt.in, e.Message, tt.message)
		}
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"ada.lovelace@example.com", "AdaLovelace@example.com", "a.d.a.lovelace+news@EXAMPLE.com", "adalovelace+@example.com"},
		{"ada@gmail.com", "a.d.a+x@googlemail.com"},
		{"+x@example.com", "+X@example.com"},
	}
	seen := map[[32]byte]int{}
	for i, group := range same {
		for _, in := range group {
			a, err := subscribers.ParseAddress(in)
			if err != nil {
				t.Fatal(err)
			}
			if first, ok := seen[a.Throttle()]; ok && first != i {
				t.Errorf("%s: got the mailbox of group %d, want %d", in, first, i)
			} else if !ok && in != group[0] {
				t.Errorf("%s: got a mailbox of its own, want that of %s", in, group[0])
			}
			seen[a.Throttle()] = i
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		"a@b.co", " Ada.L+x@Example.COM ", "a@bücher.example", "a@xn--bcher-kva.example", "a@例え。テスト", "a@b,c@d", "a@[::1]", "a\u2028@b.co",
		"=?utf-8?q?x?=@b.co", `"a"@b.co`, "a@b.co\r\nBcc: x@y.co", "a@ß.example", "a@\u0130.example", "a@xn--.co", "a@1.2.3.4", "a@ab--cd.co",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, err := subscribers.ParseAddress(in)
		if err != nil {
			var e *subscribers.AddressError
			if !errors.As(err, &e) || e.Message == "" || strings.ContainsFunc(e.Message, unicode.IsControl) {
				t.Fatalf("%q: got %v, want an AddressError with a message of one line", in, err)
			}
			return
		}
		local, domain, ok := strings.Cut(a.Email, "@")
		switch {
		case !ok || strings.Contains(domain, "@"):
			t.Fatalf("%q: got %q, want exactly one @", in, a.Email)
		case len(local) > 64 || len(a.Email) > 254 || domain != a.Domain || !strings.Contains(domain, "."):
			t.Fatalf("%q: got %q at %q, want the lengths and the domain in order", in, local, domain)
		case strings.ContainsFunc(a.Email, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]%!`, r) }):
			t.Fatalf("%q: got %q, want printable ASCII without specials", in, a.Email)
		case a.Key != strings.ToLower(a.Email):
			t.Fatalf("%q: got the key %q, want %q in lower case", in, a.Key, a.Email)
		}
		for _, again := range []string{a.Email, a.Key} {
			b, err := subscribers.ParseAddress(again)
			if err != nil || b.Email != again || b.Key != a.Key || b.SHA256 != a.SHA256 || b.Throttle() != a.Throttle() {
				t.Fatalf("%q: got %+v, %v from its own form %q, want the same address", in, b, err, again)
			}
		}
	})
}
