package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/journal"
)

var header = journal.Header{Name: journal.Name{Week: "2026-W47"}, Database: [8]byte{1, 2, 3}}

func folder(t testing.TB) *journal.Folder {
	t.Helper()
	f, err := journal.OpenFolder(filepath.Join(t.TempDir(), "sent"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write appends records and gives the file's path.
func write(t testing.TB, f *journal.Folder, records ...journal.Record) string {
	t.Helper()
	log, err := f.Open(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, open := log.Unsettled(); open {
		if err := log.Settle(nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range records {
		note(t, log, r)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Path(header.Name)
}

// note appends a record whose messages all leave.
func note(t interface {
	Helper()
	Fatal(...any)
}, log *journal.Log, r journal.Record) {
	t.Helper()
	if err := errors.Join(log.Append(r), log.Settle(nil)); err != nil {
		t.Fatal(err)
	}
}

func read(f *journal.Folder) (records []journal.Record, last uint64, err error) {
	last, err = f.Read(header, func(r journal.Record) error {
		records = append(records, r)
		return nil
	})
	return records, last, err
}

// settled are the records but a last one that is not settled.
func settled(records []journal.Record) []journal.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r journal.Record) bool { return r.Unsettled })
}

func sample() []journal.Record {
	return []journal.Record{
		{Seq: 3, At: 1_800_000_000, First: []int64{1, 2, 900_000}},
		{Seq: 4, At: 1_800_000_001, First: []int64{7}, Again: []int64{1}},
		{Seq: 9, At: 1_800_000_002, Again: []int64{2, 3}},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := write(t, f, sample()[:2]...)
	write(t, f, sample()[2:]...) // opened again
	got, last, err := read(f)
	if err != nil || last != 9 || fmt.Sprint(got) != fmt.Sprint(sample()) {
		t.Errorf("got %v, %d, %v, want %v up to 9", got, last, err, sample())
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", st.Mode(), err)
	}
	if list, err := f.List(); err != nil || !slices.Equal(list, []journal.Name{header.Name}) {
		t.Errorf("got list %v, %v, want one", list, err)
	}
}

// Cut at any byte, the journal holds the records before the cut and goes on.
func TestTornTail(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := write(t, f, sample()...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		before, _, err := read(f)
		if err != nil {
			t.Fatalf("cut at %d: got %v, want what is intact", cut, err)
		}
		write(t, f, journal.Record{Seq: 100, First: []int64{55}})
		after, last, err := read(f)
		if err != nil || last != 100 || len(after) != len(before)+1 || len(settled(before)) > 2 {
			t.Fatalf("cut at %d: got %d records, then %d, %v, want one more", cut, len(before), len(after), err)
		}
	}
}

// A byte changed before the last record is damage, never skipped; in the last
// record it cannot be told from a torn write.
func TestDamage(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := write(t, f, sample()...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x41
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := read(f)
		switch {
		case i < first && !errors.Is(err, journal.ErrDamaged) && !errors.Is(err, journal.ErrForeign):
			t.Errorf("byte %d of the first line: got %v, want ErrDamaged or ErrForeign", i, err)
		case i >= first && err == nil && len(settled(got)) != 2:
			t.Errorf("byte %d: got %d records and no error, want damage or the last one torn", i, len(got))
		case i >= first && err != nil && !errors.Is(err, journal.ErrDamaged):
			t.Errorf("byte %d: got %v, want ErrDamaged", i, err)
		}
	}
}

// An open journal is longer than what is in it. Whoever reads it meanwhile, and
// whoever opens it after a crash, finds the records and no damage; a closed one
// ends with its last record.
func TestOpenJournalIsReadable(t *testing.T) {
	t.Parallel()
	f := folder(t)
	log, err := f.Open(header)
	if err != nil {
		t.Fatal(err)
	}
	const n = 5000 // more than is written ahead at once
	for i := range n {
		note(t, log, journal.Record{Seq: uint64(i + 1), First: []int64{int64(i) * 1000, int64(i)*1000 + 500}})
	}
	open, err := os.ReadFile(f.Path(header.Name))
	if err != nil || open[len(open)-1] != 0 {
		t.Fatalf("got the last byte %d, %v, want room ahead", open[len(open)-1], err)
	}
	if got, last, err := read(f); err != nil || len(got) != n || last != n {
		t.Errorf("open: got %d records up to %d, %v, want %d", len(got), last, err, n)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	closed, err := os.ReadFile(f.Path(header.Name))
	if err != nil || !bytes.Equal(closed, bytes.TrimRight(open, "\x00")) {
		t.Errorf("closed: got %d bytes, %v, want the %d without the room", len(closed), err, len(bytes.TrimRight(open, "\x00")))
	}
	if err := os.WriteFile(f.Path(header.Name), open, 0o600); err != nil { // as a crash leaves it
		t.Fatal(err)
	}
	write(t, f, journal.Record{Seq: n + 1, First: []int64{7}})
	if got, last, err := read(f); err != nil || len(got) != n+1 || last != n+1 {
		t.Errorf("after a crash: got %d records up to %d, %v, want %d", len(got), last, err, n+1)
	}
}

// A record that was torn within the room of an open journal is dropped; damage
// before an intact record is damage.
func TestTornInTheRoom(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := write(t, f, sample()...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 4096)
	first := bytes.IndexByte(whole, '\n') + 1
	for cut := first; cut < len(whole); cut++ { // the disk has the record up to here
		if err := os.WriteFile(path, append(bytes.Clone(whole[:cut]), room...), 0o600); err != nil {
			t.Fatal(err)
		}
		before, _, err := read(f)
		if err != nil || len(settled(before)) > 2 {
			t.Fatalf("cut at %d: got %d records, %v, want those that are whole", cut, len(before), err)
		}
		write(t, f, journal.Record{Seq: 100, First: []int64{55}})
		if after, last, err := read(f); err != nil || last != 100 || len(after) != len(before)+1 {
			t.Fatalf("cut at %d: got %d records, then %d, %v, want one more", cut, len(before), len(after), err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := folder(t)
	if _, _, err := read(f); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("no file: got %v, want ErrNotFound", err)
	}
	write(t, f, sample()...)
	other := header
	other.Database[0] = 99
	if _, err := f.Open(other); !errors.Is(err, journal.ErrForeign) {
		t.Errorf("another database: got %v, want ErrForeign", err)
	}
	log, err := f.Open(header)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := log.Append(journal.Record{Seq: 9}); !errors.Is(err, journal.ErrOrder) {
		t.Errorf("an old sequence number: got %v, want ErrOrder", err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	f := folder(t)
	release, held, err := f.Lock("2026-W47")
	if err != nil || !held {
		t.Fatalf("got held %v, %v, want the lock", held, err)
	}
	if _, held, err := f.Lock("2026-W47"); err != nil || held {
		t.Errorf("second: got held %v, %v, want it refused", held, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, held, err = f.Lock("2026-W47")
	if err != nil || !held {
		t.Fatalf("after the release: got held %v, %v, want the lock", held, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	f := folder(t)
	const n = 20_000
	log, err := f.Open(header)
	if err != nil {
		t.Fatal(err)
	}
	for id := int64(1); id <= n; id += 2 {
		note(t, log, journal.Record{Seq: uint64(id), First: []int64{id + 1, id}})
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Compact(header, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	last, err := f.Read(header, func(r journal.Record) error { ids = append(ids, r.First...); return nil })
	if err != nil || last != n-1 || len(ids) != n || !slices.IsSorted(ids) {
		t.Errorf("got %d ids up to %d, %v, want %d in order", len(ids), last, err, n)
	}
	if st, err := os.Stat(f.Path(header.Name)); err != nil || st.Size() > 2*n {
		t.Errorf("got %d bytes, %v, want at most 2 a reader", st.Size(), err)
	}
	write(t, f, journal.Record{Seq: n, Again: []int64{4}}) // goes on after a resolve
	if err := f.Compact(header, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	records, last, err := read(f)
	if err != nil || last != n || len(records) != 1 || len(records[0].First) != 0 {
		t.Errorf("got %v up to %d, %v, want the sequence number alone", records, last, err)
	}
}

// What was compacted was written in one piece: cut off or changed it is damaged, and not
// a journal of nothing that left.
func TestCompactedIsNeverTorn(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := write(t, f, sample()...)
	if err := f.Compact(header, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := bytes.IndexByte(whole, '\n') + 2; cut < len(whole); cut++ {
		changed := slices.Clone(whole)
		changed[cut] ^= 1
		for what, data := range map[string][]byte{"cut": whole[:cut], "changed": changed} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, _, err := read(f); !errors.Is(err, journal.ErrDamaged) {
				t.Errorf("%s at %d: got %v, %v, want damage", what, cut, got, err)
			}
		}
	}
}

func TestAnyRecords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		f, err := journal.OpenFolder(dir)
		if err != nil {
			rt.Fatal(err)
		}
		if err := os.RemoveAll(f.Path(header.Name)); err != nil {
			rt.Fatal(err)
		}
		log, err := f.Open(header)
		if err != nil {
			rt.Fatal(err)
		}
		ids := rapid.SliceOfDistinct(rapid.Int64Min(0), func(v int64) int64 { return v })
		var want []journal.Record
		for i := range rapid.IntRange(0, 20).Draw(rt, "records") {
			r := journal.Record{Seq: uint64(i + 1), At: rapid.Int64Range(0, 1<<40).Draw(rt, "at"), First: ids.Draw(rt, "first"), Again: ids.Draw(rt, "again")}
			note(rt, log, r)
			want = append(want, r)
		}
		if err := log.Close(); err != nil {
			rt.Fatal(err)
		}
		got, _, err := read(f)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("got %v, %v, want %v", got, err, want)
		}
	})
}

// Whatever is in the file, reading it ends, without a panic.
func FuzzRead(f *testing.F) {
	fo := folder(f)
	path := write(f, fo, sample()...)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte("digest journal 1 "))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		own := folder(t)
		if err := os.WriteFile(own.Path(header.Name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, last, err := read(own)
		for _, r := range got {
			if r.Seq > last {
				t.Errorf("got record %d after the last one %d", r.Seq, last)
			}
		}
		if err != nil && !errors.Is(err, journal.ErrDamaged) && !errors.Is(err, journal.ErrForeign) {
			t.Errorf("got %v, want ErrDamaged or ErrForeign", err)
		}
	})
}
