package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var settleHeader = Header{Name: Name{Week: "2026-W47", Node: "a"}, Database: [8]byte{9}}

func begin(t *testing.T) (*Folder, *Log) {
	t.Helper()
	f, err := OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f, reopen(t, f)
}

func reopen(t *testing.T, f *Folder) *Log {
	t.Helper()
	l, err := f.Open(settleHeader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.file.Close() })
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func records(t *testing.T, f *Folder) (list []Record, last uint64) {
	t.Helper()
	last, err := f.Read(settleHeader, func(r Record) error { list = append(list, r); return nil })
	must(t, err)
	return list, last
}

// Whose messages do not leave are not in the journal, whatever follows; a record of
// which nothing leaves is none.
func TestSettled(t *testing.T) {
	t.Parallel()
	f, l := begin(t)
	must(t, l.Append(Record{Seq: 1, First: []int64{3, 1, 2}, Again: []int64{9}}))
	if err := l.Append(Record{Seq: 2}); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
	must(t, l.Settle([]int64{9, 2}))
	want := []Record{{Seq: 1, First: []int64{1, 3}, Again: []int64{}}}
	if got, last := records(t, f); fmt.Sprint(got) != fmt.Sprint(want) || last != 1 {
		t.Errorf("got %v up to %d, want %v", got, last, want)
	}
	must(t, l.Append(Record{Seq: 2, First: []int64{4, 5}}))
	must(t, l.Settle([]int64{5, 4}))
	if got, last := records(t, f); fmt.Sprint(got) != fmt.Sprint(want) || last != 1 {
		t.Errorf("got %v up to %d, want no more than %v", got, last, want)
	}
	must(t, l.Close())
	l = reopen(t, f)
	if r, open := l.Unsettled(); open || l.Last() != 2 {
		t.Errorf("got %v unsettled up to %d, want none up to 2", r, l.Last())
	}
	must(t, l.Append(Record{Seq: 3, First: []int64{6}}))
	must(t, l.Settle(nil))
	want = append(want, Record{Seq: 3, First: []int64{6}})
	if got, last := records(t, f); fmt.Sprint(got) != fmt.Sprint(want) || last != 3 {
		t.Errorf("got %v up to %d, want %v", got, last, want)
	}
}

// What a dead process leaves unsettled let no message end. It is settled before
// anything is appended.
func TestUnsettled(t *testing.T) {
	t.Parallel()
	f, l := begin(t)
	must(t, l.Append(Record{Seq: 1, First: []int64{1}}))
	must(t, l.Settle(nil))
	must(t, l.Append(Record{Seq: 2, First: []int64{2, 3}}))
	l = reopen(t, f)
	r, open := l.Unsettled()
	if !open || r.Seq != 2 || !slices.Equal(r.First, []int64{2, 3}) || !r.Unsettled || r.Rebooted || r.MayHaveLeft() {
		t.Fatalf("got %+v, %v, want record 2, unsettled, of which nothing left", r, open)
	}
	if got, last := records(t, f); len(got) != 2 || !got[1].Unsettled || last != 2 {
		t.Errorf("got %v up to %d, want the second unsettled", got, last)
	}
	must(t, l.Settle(r.IDs()))
	if got, last := records(t, f); len(got) != 1 || last != 1 {
		t.Errorf("got %v up to %d, want the first alone", got, last)
	}
}

// After the machine went down, the note of what left may be lost: a message of the
// last record may have left. A record before it was synced with what settles it.
func TestUnsettledByAPowerCut(t *testing.T) {
	t.Parallel()
	for name, boot := range map[string][]byte{"another boot": []byte("12345678"), "a system that does not say": nil} {
		f, l := begin(t)
		l.boot = boot
		must(t, l.Append(Record{Seq: 1, First: []int64{1, 2}}))
		must(t, l.Settle([]int64{2}))
		must(t, l.Append(Record{Seq: 2, First: []int64{3, 4}}))
		synced, err := os.ReadFile(f.Path(settleHeader.Name))
		must(t, err)
		must(t, l.Settle([]int64{4}))
		must(t, os.WriteFile(f.Path(settleHeader.Name), synced, 0o600))
		r, open := reopen(t, f).Unsettled()
		if !open || r.Seq != 2 || !r.Rebooted || !r.MayHaveLeft() {
			t.Errorf("%s: got %+v, %v, want record 2, which may have left", name, r, open)
		}
		if got, _ := records(t, f); len(got) != 2 || !slices.Equal(got[0].First, []int64{1}) {
			t.Errorf("%s: got %v, want reader 2 left out of the first", name, got)
		}
	}
}

// However a power cut tears the write of the next record over the note behind the
// last one, the journal is whole, and says of each message no less than what left.
func TestTornOverTheNote(t *testing.T) {
	t.Parallel()
	f, l := begin(t)
	must(t, l.Append(Record{Seq: 1, First: []int64{1, 2, 3, 4, 5, 6, 7, 8}}))
	must(t, l.Settle([]int64{2, 3, 4, 5, 6, 7}))
	path := f.Path(settleHeader.Name)
	before, err := os.ReadFile(path)
	must(t, err)
	must(t, l.Append(Record{Seq: 2, First: []int64{9}}))
	after, err := os.ReadFile(path)
	must(t, err)
	for cut := range l.end + 100 { // behind that is room only
		for name, torn := range map[string][]byte{
			"the front is old": append(bytes.Clone(before[:cut]), after[cut:]...),
			"the front is new": append(bytes.Clone(after[:cut]), before[cut:]...),
		} {
			must(t, os.WriteFile(path, torn, 0o600))
			got, _ := records(t, f)
			if len(got) == 0 || !slices.Contains(got[0].First, 1) || !slices.Contains(got[0].First, 8) {
				t.Fatalf("%s, cut at %d: got %v, want readers 1 and 8 in the first record", name, cut, got)
			}
			if len(got[0].First) > 2 && !got[0].Unsettled {
				t.Fatalf("%s, cut at %d: got %v, want it unsettled or without those who did not leave", name, cut, got)
			}
		}
	}
}

// The journal of an earlier program, which had each record in the database first,
// goes on.
func TestEarlierFormat(t *testing.T) {
	t.Parallel()
	f, err := OpenFolder(t.TempDir())
	must(t, err)
	first := strings.Replace(string(settleHeader.encode()), magicLine, magicBefore, 1)
	old := appendFrame([]byte(first), frame{kind: frameClosed, record: Record{Seq: 7, First: []int64{1, 2}}})
	must(t, os.WriteFile(f.Path(settleHeader.Name), old, 0o600))
	if got, last := records(t, f); len(got) != 1 || last != 7 || got[0].Unsettled {
		t.Fatalf("got %v up to %d, want the one record", got, last)
	}
	l := reopen(t, f)
	if _, open := l.Unsettled(); open || l.Last() != 7 {
		t.Fatalf("got it open up to %d, want 7 and settled", l.Last())
	}
	must(t, l.Append(Record{Seq: 8, First: []int64{3}}))
	must(t, l.Settle(nil))
	must(t, l.Close())
	if got, last := records(t, f); len(got) != 2 || last != 8 {
		t.Errorf("got %v up to %d, want both", got, last)
	}
	if now, err := os.ReadFile(f.Path(settleHeader.Name)); err != nil || !bytes.HasPrefix(now, []byte(magicLine)) {
		t.Errorf("got %q, %v, want what an earlier program refuses", now[:24], err)
	}
}
