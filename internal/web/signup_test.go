package web

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// Neither the answer nor its time tells whether an address is on the list.
func TestSignUpTellsNothing(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	r.link(t, "pending@example.org")
	r.active(t, "active@example.org")
	leaver := r.active(t, "left@example.org")
	if _, err := r.Unsubscribe(t.Context(), leaver.Token.String(), "page"); err != nil {
		t.Fatal(err)
	}
	if err := r.Suppress(t.Context(), "bounced@example.org", subscribers.HardBounce, "550"); err != nil {
		t.Fatal(err)
	}
	names := []string{"new", "pending", "active", "left", "bounced"}

	want := signUpAnswers(t, s, "new@example.org")
	for _, name := range names {
		if got := signUpAnswers(t, s, name+"@example.org"); got != want {
			t.Errorf("%s: got\n%s\nwant as for a new address:\n%s", name, got, want)
		}
	}
	// A median that is off by chance is not off each time.
	const bound = 5 * time.Millisecond
	var off string
	for range 10 {
		if off = slowest(t, s, names, bound); off == "" {
			return
		}
	}
	t.Errorf("ten times, %s", off)
}

// signUpAnswers is all that a client sees of a sign-up by form and by JSON.
func signUpAnswers(t *testing.T, s *site, email string) string {
	t.Helper()
	var b strings.Builder
	for _, a := range []answer{
		s.form(t, "/subscribe", "email="+url.QueryEscape(email)),
		s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/json"), `{"email":"`+email+`"}`),
	} {
		a.Header.Del("Date")
		fmt.Fprintln(&b, a.StatusCode, a.Header, a.body)
	}
	return b.String()
}

// slowest says which address took another time than the first, if one did: the
// medians of interleaved requests in random order.
func slowest(t *testing.T, s *site, names []string, bound time.Duration) string {
	t.Helper()
	took := make(map[string][]time.Duration)
	for range 31 {
		for _, i := range rand.Perm(len(names)) {
			start := time.Now()
			s.form(t, "/subscribe", "email="+names[i]+"@example.org")
			took[names[i]] = append(took[names[i]], time.Since(start))
		}
	}
	median := func(name string) time.Duration {
		slices.Sort(took[name])
		return took[name][len(took[name])/2]
	}
	for _, name := range names[1:] {
		if d := (median(name) - median(names[0])).Abs(); d > bound {
			return fmt.Sprintf("%s: got a median %v away from a new address's, want at most %v", name, d, bound)
		}
	}
	return ""
}

// 1,000 sign-ups of one mailbox, in all its spellings and from everywhere.
func TestListBombing(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	proxy := netip.MustParsePrefix("127.0.0.0/8")
	s := serve(t, r, func(d *Deps) { d.TrustedProxies = []netip.Prefix{proxy} })
	victim := func(i int) string {
		local := []string{"victim", "v.ictim", "VICTIM", "vic.tim", "Victim+a", "victim+news"}[i%6]
		if i%12 > 6 {
			local += fmt.Sprintf("+%d", i)
		}
		return local + "@example.org"
	}
	mails := 0
	for day := range 10 {
		for i := range 100 {
			h := head("Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", fmt.Sprintf("203.0.%d.%d", day, i))
			wantStatus(t, s.send(t, http.MethodPost, "/subscribe", h, "email="+url.QueryEscape(victim(i))), http.StatusSeeOther)
		}
		n := len(r.links(t))
		if n > 1 {
			t.Errorf("day %d: got %d confirmation mails, want at most 1", day, n)
		}
		mails += n
		r.pass(24*time.Hour + time.Minute)
	}
	if mails != 3 {
		t.Errorf("got %d confirmation mails in ten days, want 3", mails)
	}
}

// Sign-ups are counted by address, by the networks around it, by the mail domain
// and in all.
func TestSignUpLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits Limits
		ip     func(i int) string
		domain func(i int) string
		want   int
	}{
		"an IPv4 address": {Limits{Address: 60}, func(int) string { return "203.0.113.9" }, nil, 10},
		"an IPv6 /64":     {Limits{Address: 60}, func(i int) string { return fmt.Sprintf("2001:db8:0:1::%x", i) }, nil, 10},
		"an IPv4 /24":     {Limits{Address: 60, Network: 90}, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, nil, 15},
		"an IPv6 /56":     {Limits{Address: 60, Network: 90}, func(i int) string { return fmt.Sprintf("2001:db8:0:1%02x::1", i) }, nil, 15},
		"an IPv6 /48":     {Limits{Address: 60, Network: 30}, func(i int) string { return fmt.Sprintf("2001:db8:0:%x00::1", i) }, nil, 20},
		"a mail domain":   {Limits{Domain: 72}, everywhere, func(i int) string { return "mail.example.org" }, 12},
		"its sub-domains": {Limits{Domain: 72}, everywhere, func(i int) string { return fmt.Sprintf("m%d.example.org", i) }, 12},
		"everywhere":      {Limits{All: 120}, everywhere, func(i int) string { return fmt.Sprintf("example%d.org", i) }, 20},
		"other networks":  {defaultLimits(), everywhere, nil, 40},
		"without a limit": {Limits{}, func(int) string { return "203.0.113.9" }, nil, 40},
		"IPv4 next to it": {Limits{Address: 60, Network: 60}, func(i int) string { return fmt.Sprintf("203.0.%d.9", i) }, nil, 40},
		"IPv4 as IPv6":    {Limits{Address: 60}, func(int) string { return "::ffff:203.0.113.9" }, nil, 10},
	} {
		s := serve(t, newReaders(t), func(d *Deps) {
			d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			d.Limits, d.Now = c.limits, monday
		})
		taken := 0
		for i := range 40 {
			domain := "example.org"
			if c.domain != nil {
				domain = c.domain(i)
			}
			h := head("Content-Type", "application/json", "X-Forwarded-For", c.ip(i))
			switch a := s.send(t, http.MethodPost, "/subscribe", h, `{"email":"reader@`+domain+`"}`); a.StatusCode {
			case http.StatusAccepted:
				taken++
			case http.StatusTooManyRequests:
				if a.Header.Get("Retry-After") == "" {
					t.Errorf("%s: got 429 without Retry-After", name)
				}
			default:
				t.Errorf("%s: got status %d, want 202 or 429", name, a.StatusCode)
			}
		}
		if taken != c.want {
			t.Errorf("%s: got %d of 40 taken, want %d", name, taken, c.want)
		}
	}
}

func everywhere(i int) string { return fmt.Sprintf("198.51.%d.7", i) }

// A proxy that is not named is warned about, once.
func TestUntrustedProxyIsWarnedAbout(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t))
	for range 10 {
		s.send(t, http.MethodGet, "/", head("X-Forwarded-For", "203.0.113.9"), "")
	}
	if got := strings.Count(s.log.String(), "signup.trusted_proxies"); got != 1 {
		t.Errorf("got %d warnings, want 1", got)
	}
	if named := serve(t, newReaders(t), func(d *Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }); true {
		named.send(t, http.MethodGet, "/", head("X-Forwarded-For", "203.0.113.9"), "")
		if strings.Contains(named.log.String(), "trusted_proxies") {
			t.Error("got a warning about a proxy that is named")
		}
	}
}

// What can be no address is refused where the visitor can correct it, and nothing
// is queued.
func TestBadAddresses(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	bad := []string{
		"", "plain", "@example.org", "a@", "a@b,c@d", "a@example.org,b@example.org", "a@[127.0.0.1]", "a@localhost", "a@example",
		"\"quoted local\"@example.org", "\"a\"@example.org", "Name <a@example.org>", "<a@example.org>", "a@example.org\r\nBcc: b@example.org",
		"a@example.org\n", "a\x00@example.org", "a@exam\x00ple.org", "a\u2028@example.org", "=?utf-8?q?a?=@example.org",
		"a b@example.org", "a@exa mple.org", "a@-example.org", "a@example-.org", "a@exam_ple.org", "a..b@example.org", ".a@example.org",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b.", 130) + "org", "a@" + strings.Repeat("b", 64) + ".org",
	}
	for _, email := range bad {
		a := s.form(t, "/subscribe", "email="+url.QueryEscape(email))
		wantField(t, a, email)
		if !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%q: got a page without the field's error", email)
		}
		raw, err := json.Marshal(map[string]string{"email": email})
		if err != nil {
			t.Fatal(err)
		}
		a = s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/json"), string(raw))
		wantField(t, a, email)
		var said struct{ Error, Field string }
		if err := json.Unmarshal([]byte(a.body), &said); err != nil || said.Field != "email" || said.Error == "" {
			t.Errorf("%q: got %s, want an error of the field email", email, a.body)
		}
	}
	if n := len(r.links(t)); n != 0 {
		t.Errorf("got %d mails, want none", n)
	}
}

func wantField(t *testing.T, a answer, email string) {
	t.Helper()
	if a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%q: got status %d, want 422", email, a.StatusCode)
	}
	for name, values := range a.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n") || strings.Contains(v, "Bcc") }) {
			t.Errorf("%q: got a header from the visitor: %s", email, name)
		}
	}
}

// The encodings that a form or a script may send, and those that it may not.
func TestSignUpEncodings(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	multipart := "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nm@example.org\r\n--b--\r\n"
	for _, c := range []struct {
		name, contentType, accept, body string
		want                            int
	}{
		{"form", "application/x-www-form-urlencoded", "text/html", "email=f@example.org&name=F&categories=a&categories=b&source=site", 303},
		{"form asking for JSON", "application/x-www-form-urlencoded", "application/json", "email=g@example.org", 202},
		{"multipart", "multipart/form-data; boundary=b", "", multipart, 303},
		{"JSON", "application/json; charset=utf-8", "", `{"email":"j@example.org","categories":["a","b"]}`, 202},
		{"JSON, categories in a string", "application/json", "", `{"email":"k@example.org","categories":"a, b"}`, 202},
		{"broken JSON", "application/json", "", `{"email":`, 400},
		{"JSON of another shape", "application/json", "", `{"email":{"a":1}}`, 400},
		{"broken multipart", "multipart/form-data; boundary=b", "", "no parts", 400},
		{"text", "text/plain", "", "email=t@example.org", 415},
		{"none", "", "", "email=n@example.org", 415},
		{"a script in the trap", "application/x-www-form-urlencoded", "", "email=bot@example.org&leave_empty=x", 303},
	} {
		h := head("Content-Type", c.contentType)
		if c.accept != "" {
			h.Set("Accept", c.accept)
		}
		a := s.send(t, http.MethodPost, "/subscribe", h, c.body)
		if a.StatusCode != c.want {
			t.Errorf("%s: got status %d, want %d", c.name, a.StatusCode, c.want)
		}
		if c.want == 303 && a.Header.Get("Location") != "/subscribed" {
			t.Errorf("%s: got Location %q, want /subscribed", c.name, a.Header.Get("Location"))
		}
	}
	if got := len(r.links(t)); got != 5 {
		t.Errorf("got %d confirmation mails, want 5 (f, g, m, j and k)", got)
	}
}

// defaultLimits are those of the settings: a family or an office can sign up, and a
// front page of a news site can send its readers, but no script.
func defaultLimits() Limits {
	return Limits{Address: 60, Network: 240, Domain: 1800, All: 6000, Guesses: 120}
}
