package message

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// SecretSize is the length of the list's secret, in bytes.
const SecretSize = 32

// A Tagger makes the two names that a delivery is known by outside: its
// Message-ID and its envelope sender (VERP). Both are functions of the secret,
// the week and the subscriber, so a retry has the same; neither shows the
// subscriber's number; and nobody without the secret can make or alter one, or
// make one from the other. It is safe for concurrent use.
//
// The tag is a synthetic initialisation vector, as in RFC 5297: 80 bits of
// HMAC-SHA256 over purpose, week and number, which also key the 8 bytes that
// hide the number.
type Tagger struct{ pool sync.Pool }

// The purposes of a tag. Message-IDs travel in replies and archives: an
// envelope sender must not follow from one, or strangers could forge bounces.
const (
	purposeMessageID = 'm'
	purposeVERP      = 'v'
	purposeLeave     = 'u' // an unsubscribe address
	purposeNotice    = 'n' // the envelope sender of a mail that is no digest
)

// UnsubscribeLocal and a few other words, then "+" and a tag, are local parts of
// the bounce domain.
const (
	UnsubscribeLocal = "unsubscribe"
	leavePrefix      = UnsubscribeLocal + "+"
	noticePrefix     = "notice+"
)

const (
	verpPrefix = "bounce+"
	weekLen    = len("2026-W47")
	idLen      = 8
	macLen     = 10                            // 80 bits
	tagLen     = ((idLen+macLen)*8 + 4) / 5    // 29 characters of base32
	nameLen    = weekLen + len(".") + tagLen   // 38
	verpLen    = len(verpPrefix) + nameLen     // 45, of the 64 that RFC 5321 allows
	labelKey   = "digest: delivery identity 1" // separates this key from others made of the secret
)

// tagger32 is base32 in lower case: relays may change the case of addresses.
func tagger32() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// tagScratch is what one tag is made with; a pool keeps the keyed HMAC states.
type tagScratch struct {
	mac  hash.Hash
	enc  *base32.Encoding
	in   [2 + weekLen + idLen]byte
	sum  [sha256.Size]byte
	tag  [idLen + macLen]byte
	name [verpLen]byte
}

// NewTagger takes the list's secret. Changing the secret makes bounces of mail
// sent before unrecognisable.
func NewTagger(secret []byte) (*Tagger, error) {
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("the list's secret has %d bytes, need %d", len(secret), SecretSize)
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(labelKey))
	key := m.Sum(nil)
	enc := tagger32()
	t := &Tagger{}
	t.pool.New = func() any { return &tagScratch{mac: hmac.New(sha256.New, key), enc: enc} }
	return t, nil
}

// AppendMessageID appends the Message-ID of the edition's mail to subscriber
// id, without angle brackets: "2026-w47.TAG@domain".
func (t *Tagger) AppendMessageID(dst []byte, f *Frozen, id int64) []byte {
	dst = t.appendName(dst, purposeMessageID, f.identity.week, id)
	dst = append(dst, '@')
	return append(dst, f.identity.idDomain...)
}

// MessageIDTag is what stands before the "@" of AppendMessageID.
func (t *Tagger) MessageIDTag(week string, id int64) string {
	return string(t.appendName(make([]byte, 0, nameLen), purposeMessageID, week, id))
}

// MessageID is AppendMessageID as a string, for Reader.
func (t *Tagger) MessageID(f *Frozen, id int64) string {
	var buf [nameLen + 1 + maxDomain]byte
	return string(t.AppendMessageID(buf[:0], f, id))
}

// AppendEnvelopeSender appends the address for MAIL FROM:
// "bounce+2026-w47.TAG@bounce_domain", or, for a mail frozen without a bounce
// domain, the address of its From field.
func (t *Tagger) AppendEnvelopeSender(dst []byte, f *Frozen, id int64) []byte {
	if f.identity.bounceDomain == "" {
		return append(dst, f.identity.from...)
	}
	dst = append(dst, verpPrefix...)
	dst = t.appendName(dst, purposeVERP, f.identity.week, id)
	dst = append(dst, '@')
	return append(dst, f.identity.bounceDomain...)
}

// EnvelopeSender is AppendEnvelopeSender as a string.
func (t *Tagger) EnvelopeSender(f *Frozen, id int64) string {
	var buf [verpLen + 1 + maxDomain]byte
	return string(t.AppendEnvelopeSender(buf[:0], f, id))
}

// VERP gives the envelope sender of the week's mail to subscriber id, at domain.
func (t *Tagger) VERP(week string, id int64, domain string) string {
	return string(t.appendName([]byte(verpPrefix), purposeVERP, week, id)) + "@" + domain
}

// ParseVERP says which delivery an envelope sender was made for. ok is false
// for every address that this Tagger did not make; the time that takes does
// not depend on how much of a forged tag is right. Case, angle brackets and
// the domain do not matter.
func (t *Tagger) ParseVERP(address string) (week string, id int64, ok bool) {
	return t.parseAddress(verpPrefix, purposeVERP, address)
}

// LeaveTag gives the tag of a reader's unsubscribe address, which is
// "unsubscribe+TAG@bounce_domain": in the mail of that week.
func (t *Tagger) LeaveTag(week string, id int64) string {
	return string(t.appendName(make([]byte, 0, nameLen), purposeLeave, week, id))
}

// ParseLeave says which reader an unsubscribe address was made for, as ParseVERP.
func (t *Tagger) ParseLeave(address string) (week string, id int64, ok bool) {
	return t.parseAddress(leavePrefix, purposeLeave, address)
}

// NoticeSender gives the envelope sender of a mail to a subscriber that is no
// digest, such as a confirmation: "notice+2026-w47.TAG@domain", of the week in
// which it is sent.
func (t *Tagger) NoticeSender(week string, id int64, domain string) string {
	return string(t.appendName([]byte(noticePrefix), purposeNotice, week, id)) + "@" + domain
}

// ParseNotice says for whom NoticeSender made an envelope sender, as ParseVERP.
func (t *Tagger) ParseNotice(address string) (week string, id int64, ok bool) {
	return t.parseAddress(noticePrefix, purposeNotice, address)
}

func (t *Tagger) parseAddress(prefix string, purpose byte, address string) (week string, id int64, ok bool) {
	local, found := cutDomain(address)
	if !found || len(local) != len(prefix)+nameLen || !strings.EqualFold(local[:len(prefix)], prefix) {
		return "", 0, false
	}
	return t.parseName(purpose, local[len(prefix):])
}

// ParseMessageID says which delivery a Message-ID was made for, as ParseVERP.
// Message-IDs are public: one in a bounce proves nothing about who sent it.
func (t *Tagger) ParseMessageID(messageID string) (week string, id int64, ok bool) {
	local, found := cutDomain(messageID)
	if !found {
		return "", 0, false
	}
	return t.parseName(purposeMessageID, local)
}

// cutDomain gives the local part of an address, in angle brackets or not.
func cutDomain(s string) (local string, ok bool) {
	if inner, open := strings.CutPrefix(s, "<"); open {
		if s, ok = strings.CutSuffix(inner, ">"); !ok {
			return "", false
		}
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", false
	}
	return s[:at], true
}

// appendName appends week "." tag, in lower case.
func (t *Tagger) appendName(dst []byte, purpose byte, week string, id int64) []byte {
	s := t.pool.Get().(*tagScratch)
	defer t.pool.Put(s)
	return s.appendName(dst, purpose, week, id)
}

func (t *Tagger) parseName(purpose byte, name string) (week string, id int64, ok bool) {
	if len(name) != nameLen || name[weekLen] != '.' {
		return "", 0, false
	}
	week = strings.ToUpper(name[:weekLen])
	if !validWeek(week) {
		return "", 0, false
	}
	s := t.pool.Get().(*tagScratch)
	defer t.pool.Put(s)
	lower := []byte(strings.ToLower(name))
	if n, err := s.enc.Decode(s.tag[:], lower[weekLen+1:]); err != nil || n != len(s.tag) {
		return "", 0, false
	}
	hidden := binary.BigEndian.Uint64(s.tag[:])
	id = int64(hidden ^ s.stream(purpose, s.tag[idLen:]))
	if !hmac.Equal(s.appendName(s.name[:0], purpose, week, id), lower) {
		return "", 0, false
	}
	return week, id, true
}

func (s *tagScratch) appendName(dst []byte, purpose byte, week string, id int64) []byte {
	for i := range len(week) {
		c := week[i]
		if c == 'W' || c == 'C' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	in := append(s.in[:0], 't', purpose)
	in = append(in, week...)
	in = binary.BigEndian.AppendUint64(in, uint64(id))
	copy(s.tag[idLen:], s.hmac(in))
	binary.BigEndian.PutUint64(s.tag[:], uint64(id)^s.stream(purpose, s.tag[idLen:]))
	return s.enc.AppendEncode(append(dst, '.'), s.tag[:])
}

// stream gives the 8 bytes that hide a number, keyed by its tag.
func (s *tagScratch) stream(purpose byte, tag []byte) uint64 {
	in := append(s.in[:0], 's', purpose)
	return binary.BigEndian.Uint64(s.hmac(append(in, tag...)))
}

func (s *tagScratch) hmac(in []byte) []byte {
	s.mac.Reset()
	s.mac.Write(in)
	return s.mac.Sum(s.sum[:0])
}

// NewMessageID gives a random Message-ID (130 bits) in domain, for mails that
// are no delivery of an edition.
func NewMessageID(domain string) string {
	return strings.ToLower(rand.Text()) + "@" + domain
}
