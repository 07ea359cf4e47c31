package message

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"

	"verdicts.example/digest/internal/mergefield"
)

// digestDraft is a digest of about size bytes as it is sent, with the merge fields of
// a real one: greeting, vote links throughout, unsubscribe links at the end.
func digestDraft(size int) Draft {
	var html, text strings.Builder
	html.WriteString("<html lang=\"en\"><body><p>Hello " + string(mergefield.Name) + ",</p>\n")
	for i := 0; html.Len() < size*3/4; i++ {
		fmt.Fprintf(&html, "<table role=\"presentation\"><tr><td style=\"padding:8px 16px;color:#1a1a1a\">\n"+
			"    <p>Take %d: it ships — reviewers agree, the price doesn't.</p>%s\n"+
			"    <a href=\"https://example.org/vote/%s/2026-W47/a-vs-b/1/ship\">Ship</a></td></tr></table>\n",
			i, strings.Repeat(" A sentence of the review.", 12), mergefield.Token)
		fmt.Fprintf(&text, "Take %d: it ships; reviewers agree, the price doesn't.\n\n", i)
	}
	html.WriteString("<a href=\"https://example.org/unsubscribe/" + string(mergefield.Token) + "\">Unsubscribe</a></body></html>\n")
	text.WriteString("Unsubscribe: https://example.org/unsubscribe/" + string(mergefield.Token) + "\n")
	return Draft{
		Mail: Mail{
			From:              mail.Address{Name: "Weekly AI Tool Verdicts", Address: "verdicts@example.org"},
			ReplyTo:           mail.Address{Name: "The editors", Address: "editors@example.org"},
			Subject:           "SmolVLM2 or Karpathy's coding skills? – and four more verdicts",
			HTML:              html.String(),
			Text:              text.String(),
			Date:              time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
			NameFallback:      "there",
			BaseURL:           "https://example.org",
			UnsubscribeMailto: "unsubscribe@bounce.example.org",
		},
		Week:         "2026-W48",
		ListID:       "Weekly AI Tool Verdicts <verdicts.example.org>",
		ListArchive:  "https://example.org/archive",
		FeedbackID:   "2026-W48:digest:weekly:example",
		BounceDomain: "bounce.example.org",
	}
}

func digestReader() *Reader {
	return &Reader{ID: 4711, Email: "ada.lovelace@example.net", Name: "Ada Lovelace", Token: "Fdn9QkRLuS-_1x2y3z4A5B",
		Leave:     "2026-w48.bcdefghijklmnopqrstuvwxyz2345",
		MessageID: "2026-w48.abcdefghijklmnopqrstuvwxyz234@example.org"}
}

const benchSize = 60 << 10

func benchFrozen(b testing.TB) *Frozen {
	f, err := Freeze(digestDraft(benchSize))
	if err != nil {
		b.Fatalf("freeze: got %v, want no error", err)
	}
	return f
}

func BenchmarkFreeze(b *testing.B) {
	d := digestDraft(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Freeze(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	f, r := benchFrozen(b), digestReader()
	msg := f.Append(nil, r)
	b.SetBytes(int64(len(msg)))
	b.ReportMetric(float64(f.counts[opToken]+f.counts[opName]), "values")
	b.ReportAllocs()
	for b.Loop() {
		msg = f.Append(msg[:0], r)
	}
}

// BenchmarkSplit is what a reader's message costs without a signature, with four links
// of the reader's own a take.
func BenchmarkSplit(b *testing.B) {
	d, r := digestDraft(benchSize), digestReader()
	link := func(f mergefield.Field) string { return "<a href=\"https://example.org/x/" + string(f) + "\">x</a>" }
	links := link(mergefield.Vote) + link(mergefield.Save) + link(mergefield.Saved) + link(mergefield.Preferences)
	d.HTML = strings.ReplaceAll(d.HTML, "</td></tr></table>", links+"</td></tr></table>")
	r.Links = mergefield.Links{Vote: r.Token, Save: r.Token, Saved: r.Token, Preferences: r.Token}
	f, err := Freeze(d)
	if err != nil {
		b.Fatal(err)
	}
	z, err := newSigner(b).Seal(f)
	if err != nil {
		b.Fatal(err)
	}
	var p Parts
	b.ReportAllocs()
	for b.Loop() {
		if err := z.Split(&p, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealed(b *testing.B) {
	rsaKey, edKey := testKeys(b)
	for name, keys := range map[string][]DKIMKey{"rsa": {rsaKey}, "ed25519": {edKey}, "both": {rsaKey, edKey}} {
		b.Run(name, func(b *testing.B) {
			z, err := newSigner(b, keys...).Seal(benchFrozen(b))
			if err != nil {
				b.Fatal(err)
			}
			var msg []byte
			b.ReportAllocs()
			for b.Loop() {
				if msg, err = z.Append(msg[:0], digestReader()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkKey is the floor under BenchmarkSealed: one signature operation.
func BenchmarkKey(b *testing.B) {
	rsaKey, edKey := testKeys(b)
	for name, key := range map[string]DKIMKey{"rsa": rsaKey, "ed25519": edKey} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.Key.sign(make([]byte, 32)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGoMsgauth signs the whole spliced message the usual way.
func BenchmarkGoMsgauth(b *testing.B) {
	rsaKey, edKey := testKeys(b)
	for name, key := range map[string]DKIMKey{"rsa": rsaKey, "ed25519": edKey} {
		b.Run(name, func(b *testing.B) {
			msg := benchFrozen(b).Append(nil, digestReader())
			options := &dkim.SignOptions{
				Domain: key.Domain, Selector: key.Selector, Signer: key.Key.signer,
				HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
				HeaderKeys: append(signedFields(), oversignedFields()...),
			}
			var out bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := dkim.Sign(&out, bytes.NewReader(msg), options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGoMail builds each reader's message with go-mail.
func BenchmarkGoMail(b *testing.B) {
	d, r := digestDraft(benchSize), digestReader()
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		fill := strings.NewReplacer(string(mergefield.Token), r.Token, string(mergefield.Name), r.Name)
		m := gomail.NewMsg()
		if err := m.FromFormat(d.From.Name, d.From.Address); err != nil {
			b.Fatal(err)
		}
		if err := m.AddToFormat(r.Name, r.Email); err != nil {
			b.Fatal(err)
		}
		m.Subject(d.Subject)
		m.SetMessageIDWithValue(r.MessageID)
		m.SetBodyString(gomail.TypeTextPlain, fill.Replace(d.Text))
		m.AddAlternativeString(gomail.TypeTextHTML, fill.Replace(d.HTML))
		out.Reset()
		if _, err := m.WriteTo(&out); err != nil {
			b.Fatal(err)
		}
	}
}
