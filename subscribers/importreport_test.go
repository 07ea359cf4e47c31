package subscribers_test

import (
	"errors"
	"testing"

	"verdicts.example/digest/subscribers"
)

func TestImportReportCounts(t *testing.T) {
	t.Parallel()
	var r subscribers.ImportReport
	row := subscribers.ImportRow{Line: 7, Address: subscribers.Address{Email: "a@example.com"}}
	for change, want := range map[subscribers.Change]bool{
		subscribers.Added: true, subscribers.Updated: true, subscribers.Unchanged: false, subscribers.Rejected: false,
	} {
		if write, err := r.Count(change, row, "why"); write != want || err != nil {
			t.Errorf("change %d: got write %t, %v, want %t", change, write, err, want)
		}
	}
	if r.Added != 1 || r.Updated != 1 || r.Unchanged != 1 || len(r.Rejected) != 1 {
		t.Errorf("got %+v, want one of each", r)
	}
	if want := (subscribers.RowFault{Line: 7, Email: "a@example.com", Reason: "why"}); r.Rejected[0] != want {
		t.Errorf("got %+v, want %+v", r.Rejected[0], want)
	}
}

func TestImportReportRejectsSoMany(t *testing.T) {
	t.Parallel()
	var r subscribers.ImportReport
	for range subscribers.MaxRejected {
		if err := r.Reject(subscribers.ImportRow{}, "why"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Reject(subscribers.ImportRow{Line: 9}, "why"); !errors.Is(err, subscribers.ErrCSV) {
		t.Errorf("got %v, want %v", err, subscribers.ErrCSV)
	}
}

// Whose token is another's is added with a new one, and the report says so.
func TestImportReportFresh(t *testing.T) {
	t.Parallel()
	var r subscribers.ImportReport
	row := subscribers.ImportRow{Line: 3, Token: subscribers.NewToken()}
	if got := r.Fresh(row, ""); got.Token != row.Token || len(r.Notes) != 0 {
		t.Errorf("got %v and notes %v, want the row as it is", got, r.Notes)
	}
	if got := r.Fresh(row, "token: taken"); got.Token == row.Token || len(r.Notes) != 1 || r.Notes[0].Line != 3 {
		t.Errorf("got %v and notes %v, want a new token and a note", got, r.Notes)
	}
}
