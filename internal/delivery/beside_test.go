package delivery_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
)

// dieAhead leaves the journal as a sender does that is killed while it commits a
// group: the record is on the disk, the database has none of its intents.
func dieAhead(t *testing.T, f *deliverytest.Fixture, readers ...int64) string {
	t.Helper()
	info := f.Info()
	h := journal.Header{Name: journal.Name{Week: info.Week}, Database: info.Database}
	log, err := f.Journals.Open(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Append(journal.Record{Seq: log.Last() + 1, At: time.Now().Unix(), First: slices.Clone(readers)}); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Journals.Path(h.Name)
}

// part sends the edition to some of its readers.
func part(t *testing.T, f *deliverytest.Fixture, server *deliverytest.Server, n int64) {
	t.Helper()
	opt := f.Options(server)
	opt.Limit = n
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
}

// A journal that is one record ahead of the database, because its sender was killed
// in mid-commit, is no restored backup: nothing of the record left, the send goes
// on, and each reader gets one message.
func TestKilledAheadOfTheCommit(t *testing.T) {
	t.Parallel()
	const n = 60
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{}
	part(t, f, server, 20)
	var left []int64
	for _, d := range f.List(delivery.Queued)[:8] {
		left = append(left, d.ID)
	}
	dieAhead(t, f, left...)
	f.Verify()
	if gaps, err := f.Gaps(t.Context()); err != nil || len(gaps) != 0 {
		t.Errorf("got %v, %v, want no gap", gaps, err)
	}
	part(t, f, server, 20) // the record is settled, others follow
	f.Verify()
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
		t.Fatalf("got %+v, %v, want all accepted", sum, err)
	}
	once(t, server, n)
	f.Verify()
}

// The same when the machine went down: a message of the record may have left, so its
// readers are unknown, and none gets a second one.
func TestPowerCutAheadOfTheCommit(t *testing.T) {
	t.Parallel()
	const n = 60
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{}
	part(t, f, server, 20)
	path := dieAhead(t, f, 58, 59, 60)
	anotherBoot(t, path)
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || !sum.Finished || sum.Counts[delivery.Unknown] != 3 || sum.Counts[delivery.Accepted] != n-3 {
		t.Fatalf("got %+v, %v, want three unknown, the others accepted", sum, err)
	}
	f.Verify()
}

// anotherBoot makes a journal's records those of an earlier run of the machine, as
// a power cut leaves them: the boot is the last that a record's frame (0xD6, its
// length, the payload, CRC-32C) holds.
func anotherBoot(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for rest := data[bytes.IndexByte(data, '\n')+1:]; len(rest) > 0 && rest[0] >= 0xD5 && rest[0] <= 0xD7; {
		size, w := binary.Uvarint(rest[1:])
		end := 1 + w + int(size)
		if boot := rest[end-9 : end]; rest[0] == 0xD6 && boot[0] == 8 {
			copy(boot[1:], "earlier.")
			binary.LittleEndian.PutUint32(rest[end:], crc32.Checksum(rest[:end], crc32.MakeTable(crc32.Castagnoli)))
			changed++
		}
		rest = rest[end+4:]
	}
	if changed == 0 {
		t.Fatal("no record names its boot")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A sender that hangs past its lease, and whose process lives, keeps its journal to
// itself: the one that takes over writes another, and both are read.
func TestTakeoverFromAHangingSender(t *testing.T) {
	t.Parallel()
	const n = 60
	f := deliverytest.New(t, n)
	f.Freeze()
	part(t, f, &deliverytest.Server{}, 10)
	release, held, err := f.Journals.Lock(deliverytest.Week + ".journal") // the sender that hangs
	if err != nil || !held {
		t.Fatalf("got %v, %v, want the lock", held, err)
	}
	server := &deliverytest.Server{}
	part(t, f, server, 20)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	nodes := func() (out []string) {
		for _, j := range f.Info().Journals {
			out = append(out, j.Node)
		}
		return out
	}
	if got := nodes(); !slices.Equal(got, []string{"", "2"}) {
		t.Fatalf("got journals of %q, want a second one", got)
	}
	f.Verify()
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished {
		t.Fatalf("got %+v, %v, want the end", sum, err)
	}
	if got := f.Verify().Counts[delivery.Accepted]; got != n {
		t.Errorf("got %d accepted, want %d", got, n)
	}
}

// Who leaves while the group is committed is in its record, and not in the journal:
// the proof of a send in which readers leave holds, also while it runs.
func TestLeavingIsNotJournaled(t *testing.T) {
	t.Parallel()
	const n = 300
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if id := readerOf(env); id%10 == 0 && id+5 <= n {
			f.Leave(id+1, id+2, id+3, id+4, id+5) // some of them are in hand
		}
		return deliverytest.Accepted()
	}}
	done := make(chan error, 1)
	go func() {
		_, err := delivery.Run(context.WithoutCancel(t.Context()), f.Options(server))
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Verify().Counts; got[delivery.Suppressed] == 0 || got[delivery.Accepted]+got[delivery.Suppressed] != n {
				t.Errorf("got %v, want some suppressed, the others accepted", got)
			}
			return
		default:
			p, err := delivery.Verify(t.Context(), f.Store, f.Journals, f.Edition)
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil || len(p.Problems()) > 0 && !p.NoJournal {
				t.Fatalf("got %v, %v in mid-send, want the proof to hold", p.Problems(), err)
			}
		}
	}
}
