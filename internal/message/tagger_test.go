package message

import (
	"bytes"
	"encoding/base32"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newTagger(t testing.TB, fill byte) *Tagger {
	t.Helper()
	tagger, err := NewTagger(bytes.Repeat([]byte{fill}, SecretSize))
	if err != nil {
		t.Fatalf("tagger: got %v, want no error", err)
	}
	return tagger
}

// weekly is all of a mail that a Tagger looks at.
func weekly(week string) *Frozen {
	return &Frozen{identity: identity{week, "id.example.org", "bounce.example.org", "verdicts@example.org"}}
}

func TestTagsReadBack(t *testing.T) {
	t.Parallel()
	tagger, other := newTagger(t, 1), newTagger(t, 2)
	rapid.Check(t, func(rt *rapid.T) {
		f := weekly(rapid.StringMatching(`[0-9]{4}-W[0-9]{2}`).Draw(rt, "week"))
		id := rapid.Int64().Draw(rt, "id")
		sender, messageID := tagger.EnvelopeSender(f, id), tagger.MessageID(f, id)
		for _, s := range []string{sender, strings.ToUpper(sender), "<" + sender + ">"} {
			if week, got, ok := tagger.ParseVERP(s); !ok || week != f.Week() || got != id {
				rt.Errorf("ParseVERP(%q): got %q, %d, %t, want %q, %d", s, week, got, ok, f.Week(), id)
			}
		}
		if week, got, ok := tagger.ParseMessageID("<" + messageID + ">"); !ok || week != f.Week() || got != id {
			rt.Errorf("ParseMessageID(%q): got %q, %d, %t, want %q, %d", messageID, week, got, ok, f.Week(), id)
		}
		for address, parse := range map[string]func(string) (string, int64, bool){
			"unsubscribe+" + tagger.LeaveTag(f.Week(), id) + "@bounce.example.org": tagger.ParseLeave,
			tagger.NoticeSender(f.Week(), id, "bounce.example.org"):                tagger.ParseNotice,
		} {
			if week, got, ok := parse(strings.ToUpper(address)); !ok || week != f.Week() || got != id || !validAddress(address) {
				rt.Errorf("%q: got %q, %d, %t, want %q, %d", address, week, got, ok, f.Week(), id)
			}
			_, tag, _ := strings.Cut(address, "+")
			for _, prefix := range []string{"bounce+", "unsubscribe+", "notice+"} {
				forged := prefix + tag
				_, _, verp := tagger.ParseVERP(forged)
				_, _, leave := tagger.ParseLeave(forged)
				_, _, notice := tagger.ParseNotice(forged)
				if forged != address && (verp || leave || notice) {
					rt.Errorf("%q with the tag of %q: got ok, want a refusal", forged, address)
				}
			}
		}
		if _, _, ok := other.ParseVERP(sender); ok {
			rt.Errorf("ParseVERP(%q) with another secret: got ok, want a refusal", sender)
		}
		if !validAddress(sender) || !validMessageID(messageID) {
			rt.Errorf("got %q and %q, want an address and a Message-ID", sender, messageID)
		}
		if tagger.MessageID(f, id) != messageID {
			rt.Errorf("got another Message-ID on the second call, want %q", messageID)
		}
	})
}

// TestForgedTags: changing any character of a tag, or using a Message-ID's tag
// as an envelope sender's, gives nothing.
func TestForgedTags(t *testing.T) {
	t.Parallel()
	tagger, f := newTagger(t, 1), weekly("2026-W47")
	sender := tagger.EnvelopeSender(f, 4711)
	local, domain, _ := strings.Cut(sender, "@")
	for i := range local {
		for _, c := range []byte("a2z.-+@") {
			forged := local[:i] + string(c) + local[i+1:] + "@" + domain
			if _, _, ok := tagger.ParseVERP(forged); ok && forged != sender {
				t.Errorf("ParseVERP(%q): got ok, want a refusal", forged)
			}
		}
	}
	id, _, _ := strings.Cut(tagger.MessageID(f, 4711), "@")
	for _, forged := range []string{"", "@", "bounce+@x", "bounce+" + id + "@" + domain, local, "<" + sender, local + "a@" + domain} {
		if _, _, ok := tagger.ParseVERP(forged); ok {
			t.Errorf("ParseVERP(%q): got ok, want a refusal", forged)
		}
	}
}

// TestTagHidesID: the bytes of a tag of neighbours have nothing in common, and
// the number stands in none of them.
func TestTagHidesID(t *testing.T) {
	t.Parallel()
	tagger, f := newTagger(t, 1), weekly("2026-W47")
	seen := make(map[string]int64)
	for id := int64(1); id <= 2000; id++ {
		local, _, _ := strings.Cut(tagger.MessageID(f, id), "@")
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(local[weekLen+1:]))
		if err != nil {
			t.Fatalf("decode %q: got %v, want base32", local, err)
		}
		hidden := string(raw[:6]) // all zero in a number that is not hidden
		if before, ok := seen[hidden]; ok || hidden == strings.Repeat("\x00", 6) {
			t.Errorf("subscribers %d and %d: got the same first bytes %x, want them hidden", before, id, hidden)
		}
		seen[hidden] = id
	}
}

func TestEnvelopeSender(t *testing.T) {
	t.Parallel()
	tagger, f := newTagger(t, 1), weekly("2026-W47")
	sender := tagger.EnvelopeSender(f, math.MaxInt64)
	if local, _, _ := strings.Cut(sender, "@"); !strings.HasPrefix(local, "bounce+2026-w47.") || len(local) > maxLocal {
		t.Errorf("got %q, want bounce+2026-w47.TAG of at most %d characters", local, maxLocal)
	}
	f.identity.bounceDomain = ""
	if got := tagger.EnvelopeSender(f, 1); got != "verdicts@example.org" {
		t.Errorf("without a bounce domain: got %q, want the From address", got)
	}
	if _, err := NewTagger([]byte("short")); err == nil {
		t.Errorf("a short secret: got no error, want one")
	}
}

func BenchmarkTagger(b *testing.B) {
	tagger, f := newTagger(b, 1), weekly("2026-W47")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = tagger.AppendMessageID(buf[:0], f, 4711)
	}
}

func FuzzParseVERP(f *testing.F) {
	tagger := newTagger(f, 1)
	good := tagger.EnvelopeSender(weekly("2026-W47"), 4711)
	for _, seed := range []string{good, "<" + good + ">", "bounce+@", "@", strings.ToUpper(good), "bounce+2026-w47.@x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		week, id, ok := tagger.ParseVERP(address)
		if !ok {
			return
		}
		local, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(address, "<")), "@")
		want, _, _ := strings.Cut(tagger.EnvelopeSender(weekly(week), id), "@")
		if local != want {
			t.Errorf("ParseVERP(%q): got %q, %d, want what it was made for (%q)", address, week, id, want)
		}
	})
}
