package smtpsink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// A Record is what the ledger says of one message.
type Record struct {
	Time      time.Time `json:"time"`
	Conn      int       `json:"conn"` // number of the connection, from 1
	From      string    `json:"from"`
	To        string    `json:"to"`
	MessageID string    `json:"message_id"`
	SHA256    string    `json:"sha256"` // of the message, dots unstuffed
	Size      int       `json:"size"`   // bytes, dots unstuffed
	Complete  bool      `json:"complete"`
}

// A Message is a record with the message's bytes.
type Message struct {
	Record
	Data []byte
	User string // authenticated as; "" without AUTH
	TLS  bool
}

// ledger appends records to a file; append returns when its record is synced.
// Records that arrive while a sync runs share the next one.
type ledger struct {
	f *os.File

	mu      sync.Mutex
	idle    *sync.Cond
	pending bytes.Buffer
	written uint64 // records handed in
	synced  uint64 // records on the disk
	syncing bool
	err     error
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{}
	l.idle = sync.NewCond(&l.mu)
	if path == "" {
		return l, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("smtpsink: open ledger: %w", err)
	}
	l.f = f
	return l, nil
}

func (l *ledger) append(r Record) error {
	if l.f == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("smtpsink: ledger: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending.Write(append(line, '\n'))
	l.written++
	mine := l.written
	for l.synced < mine && l.err == nil {
		if l.syncing {
			l.idle.Wait()
			continue
		}
		l.flush()
	}
	return l.err
}

// flush writes and syncs what is pending, with the lock released meanwhile.
func (l *ledger) flush() {
	l.syncing = true
	batch, upTo := bytes.Clone(l.pending.Bytes()), l.written
	l.pending.Reset()
	l.mu.Unlock()
	_, err := l.f.Write(batch)
	if err == nil {
		err = l.f.Sync()
	}
	l.mu.Lock()
	l.syncing = false
	if err != nil {
		l.err = fmt.Errorf("smtpsink: ledger: %w", err)
	} else {
		l.synced = upTo
	}
	l.idle.Broadcast()
}

func (l *ledger) close() error {
	if l.f == nil {
		return nil
	}
	return l.f.Close()
}

// ReadLedger reads a ledger's records. A last line cut short by a crash of the
// sink is left out: its 250 never left.
func ReadLedger(path string) ([]Record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("smtpsink: read ledger: %w", err)
	}
	var out []Record
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("smtpsink: ledger record %d: %w", len(out)+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}
