package subscribers_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestMayUndo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		b    subscribers.ImportBatch
		want error
	}{
		{"no send ever", subscribers.ImportBatch{At: at}, nil},
		{"a send before", subscribers.ImportBatch{At: at, LastSend: at.Add(-time.Hour)}, nil},
		{"a send since", subscribers.ImportBatch{At: at, LastSend: at.Add(time.Hour)}, subscribers.ErrFinal},
		{"a send at the same time", subscribers.ImportBatch{At: at, LastSend: at}, subscribers.ErrFinal},
		{"undone", subscribers.ImportBatch{At: at, UndoneAt: at.Add(time.Hour)}, subscribers.ErrFinal},
	}
	for _, tt := range tests {
		if got := tt.b.MayUndo(); !errors.Is(got, tt.want) || (got == nil) != (tt.want == nil) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// An undo takes back what has the detail that the import's suppressions have.
func TestBrought(t *testing.T) {
	t.Parallel()
	o := subscribers.StoreImport{Source: "import:old.csv"}
	s := o.Suppression(subscribers.Complaint, time.Time{})
	if b := (subscribers.ImportBatch{Source: o.Source}); s.Reason != subscribers.Complaint || s.Detail != b.Brought() {
		t.Errorf("got %+v, want the detail %q", s, b.Brought())
	}
}
