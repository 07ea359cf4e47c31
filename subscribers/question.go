package subscribers

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// QuestionFor is how long a question can be answered.
const QuestionFor = 30 * time.Minute

// ErrAsked is a sign-up that is taken once its question is answered. What Service
// gives is a *QuestionError.
var ErrAsked = errors.New("the sign-up needs an answer to a question")

// A QuestionError has the question to put to the visitor.
type QuestionError struct {
	Question
	Again bool // another one was answered wrongly, or too late
}

func (e *QuestionError) Error() string { return ErrAsked.Error() }

// Unwrap is ErrAsked.
func (e *QuestionError) Unwrap() error { return ErrAsked }

// A Question is one that a person answers at once, by eye or by ear, and that a
// script for any form on the web does not: words to choose of, no picture. The
// token goes back with the answer.
type Question struct {
	Text  string
	Token string
}

// Questions makes and checks questions. Nothing is stored of them: a token is
// signed with a key of its own, derived from the database's secret, and holds for
// one mailbox and QuestionFor. Used again it does no more than the first time,
// since a mailbox has one confirmation a day.
type Questions struct{ key []byte }

// NewQuestions gives the questions of a database, from its secret.
func NewQuestions(secret []byte) Questions { return Questions{derive(secret, "questions of a surge")} }

// A token is when it ends (Unix seconds), a nonce, and a MAC of both.
const (
	questionEnd   = 8
	questionNonce = 8
	questionBytes = questionEnd + questionNonce + macBytes
)

// wordKinds are what the questions are about.
var wordKinds = [...]struct {
	name  string
	words [8]string
}{
	{"a colour", [8]string{"green", "yellow", "black", "white", "brown", "purple", "grey", "red"}},
	{"a number", [8]string{"three", "seven", "eleven", "twenty", "four", "nine", "twelve", "fifty"}},
	{"an animal", [8]string{"horse", "rabbit", "sheep", "tiger", "duck", "mouse", "cow", "elephant"}},
	{"a month", [8]string{"January", "February", "April", "June", "July", "September", "October", "December"}},
	{"a part of the body", [8]string{"elbow", "shoulder", "finger", "knee", "nose", "ear", "thumb", "ankle"}},
	{"something to eat", [8]string{"bread", "cheese", "soup", "rice", "apple", "butter", "carrot", "noodles"}},
}

// Ask makes a question for an address.
func (q Questions) Ask(a Address, at time.Time) Question {
	var b [questionBytes]byte
	binary.BigEndian.PutUint64(b[:questionEnd], uint64(at.Add(QuestionFor).Unix()))
	_, _ = rand.Read(b[questionEnd : questionEnd+questionNonce]) // never fails
	copy(b[questionEnd+questionNonce:], q.mac(a, b[:questionEnd+questionNonce]))
	kind, _, words := q.words(b[:])
	return Question{
		Text:  fmt.Sprintf("Which of these words is %s: %s, %s or %s?", kind, words[0], words[1], words[2]),
		Token: base64.RawURLEncoding.EncodeToString(b[:]),
	}
}

// Right reports whether the answer to the token's question is right, in time, and
// for this mailbox.
func (q Questions) Right(a Address, token, answer string, at time.Time) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != questionBytes || len(q.key) == 0 {
		return false
	}
	if !hmac.Equal(b[questionEnd+questionNonce:], q.mac(a, b[:questionEnd+questionNonce])) {
		return false
	}
	if ends := binary.BigEndian.Uint64(b[:questionEnd]); at.Unix() > int64(ends) { // ours: it was signed
		return false
	}
	_, right, _ := q.words(b)
	return strings.EqualFold(strings.Trim(answer, " \t\r\n\u00a0.,!?'\""), right)
}

// words are those of a token's question, in the order in which they are shown,
// with the right one.
func (q Questions) words(token []byte) (kind, right string, shown [3]string) {
	d := derive(q.key, "words"+string(token[questionEnd:questionEnd+questionNonce]))
	n := len(wordKinds)
	first := int(d[0]) % n
	kinds := [3]int{first, (first + 1 + int(d[1])%(n-1)) % n}
	for kinds[2] = int(d[2]) % n; kinds[2] == kinds[0] || kinds[2] == kinds[1]; {
		kinds[2] = (kinds[2] + 1) % n
	}
	turn := int(d[3]) % 3
	for i, k := range kinds {
		word := wordKinds[k].words[d[4+i]%8]
		shown[(turn+i)%3] = word
		if i == 0 {
			right = word
		}
	}
	return wordKinds[first].name, right, shown
}

func (q Questions) mac(a Address, signed []byte) []byte {
	mailbox := a.Throttle()
	return derive(q.key, "ask"+string(signed)+string(mailbox[:]))[:macBytes]
}
