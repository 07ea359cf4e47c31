package peers

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"verdicts.example/digest/internal/message"
)

const signatures = "s1._domainkey.verdicts.example"

// signedMessages are the messages with their DKIM signatures, and the record
// that publishes the key.
type signedMessages struct {
	list   [][]byte
	record string
}

// prepared signs the messages once for all servers.
var prepared = sync.OnceValue(func() signedMessages {
	key, err := message.GenerateKey(message.Ed25519)
	if err != nil {
		panic(err)
	}
	signer, err := message.NewSigner(time.Now, message.DKIMKey{Domain: "verdicts.example", Selector: "s1", Key: key})
	if err != nil {
		panic(err)
	}
	record, err := message.DNSRecord(key)
	if err != nil {
		panic(err)
	}
	m := signedMessages{record: strings.Join(record, "")}
	for i := range messages {
		msg, err := signer.Sign(testMessage(i))
		if err != nil {
			panic(err)
		}
		m.list = append(m.list, msg)
	}
	return m
})

func signed() [][]byte { return prepared().list }

// verifySignature checks a message as a receiver would.
func verifySignature(t *testing.T, msg []byte) {
	t.Helper()
	list, err := dkim.VerifyWithOptions(bytes.NewReader(msg), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if name != signatures {
				t.Errorf("got a look-up of %s, want %s", name, signatures)
			}
			return []string{prepared().record}, nil
		},
	})
	if err != nil || len(list) != 1 || list[0].Err != nil {
		t.Errorf("got %d signatures, %v, want a valid one", len(list), err)
	}
}
