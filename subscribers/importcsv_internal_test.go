package subscribers

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestGuardIsReversible(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "Ada", "=1+1", "+49", "-x", "@x", "'=1", "''@x", "'quoted'", "'", "''", "it's=1"} {
		g := guard(s)
		if g != "" && strings.IndexByte(guarded, g[0]) >= 0 {
			t.Errorf("%q: got %q, which a spreadsheet takes for a formula", s, g)
		}
		if got := unguard(g); got != s {
			t.Errorf("%q: got %q back, want it unchanged", s, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 4, 15, 6, 7, 0, time.UTC)
	tests := []struct {
		in   string
		want time.Time
	}{
		{"", time.Time{}},
		{"2025-03-04", at.Truncate(24 * time.Hour)},
		{"2025-03-04 15:06:07", at},
		{"2025-03-04T15:06:07Z", at},
		{"2025-03-04T15:06:07.123456Z", at.Add(123 * time.Millisecond)},
		{"2025-03-04T16:06:07+01:00", at},
		{"2025-03-04T15:06:07", at},
		{"2025-03-04 15:06:07.5+00:00", at.Add(500 * time.Millisecond)},
		{"2025-03-04 15:06:07.000001 +0000 UTC", at},
		{"2025-03-04 15:06:07 UTC", at},
		{"2025-03-04 15:06", at.Add(-7 * time.Second)},
	}
	for _, tt := range tests {
		got, err := parseTime(tt.in)
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("%q: got %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{"04/03/2025", "yesterday", "2025-13-01", "0001-01-01", "9999-01-01", "1741100767"} {
		if got, err := parseTime(in); err == nil {
			t.Errorf("%q: got %v, want it refused rather than guessed", in, got)
		}
	}
}

func TestDelimiter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want rune
	}{
		{"email\n", ','}, {"email,name\na;b;c;d", ','}, {"email;name\n", ';'}, {"email\tname\n", '\t'},
		{"\"email;address\",name\n", ','}, {"", ','}, {"\n\nemail;name", ';'},
	}
	for _, tt := range tests {
		if got := delimiter([]byte(tt.in)); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Whatever the file, each row ends as one good row or one rejection, and what
// comes out is clean.
func FuzzImportParser(f *testing.F) {
	for _, s := range []string{
		"email,name\na@b.co,Ada\n", "\xef\xbb\xbfEmail Address;Status\r\na@b.co;cleaned\r\n", "email\tcreated_at\na@b.co\t2025-01-01\n",
		"email,name\n\"a@b.co\",\"Ada\nL\"\nx\n\"", "email,categories,token\na@b.co,\"A,B\",AAAAAAAAAAAAAAAAAAAAAA\n", "name\nx", "", "\xff\xfee\x00", "email\n\xe9@b.co",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		file, err := openCSV(strings.NewReader(in))
		if err != nil {
			if !errors.Is(err, ErrCSV) {
				t.Fatalf("%q: got %v, want ErrCSV", in, err)
			}
			return
		}
		p := &importParser{file: file, rows: rowReader{layout: file.layout, now: time.Unix(1e9, 0), token: NewToken}}
		last := 0
		for {
			rows, err := p.batch()
			for _, r := range rows {
				if r.Line <= last || r.Address.Email == "" || r.Created.IsZero() || strings.ContainsFunc(r.Name, unicode.IsControl) || r.Status == Unsubscribed && r.Left.IsZero() {
					t.Fatalf("%q: got %+v, want a complete row after line %d", in, r, last)
				}
				last = r.Line
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, ErrCSV) {
				t.Fatalf("%q: got %v, want ErrCSV", in, err)
			}
			if err != nil {
				return
			}
		}
		for _, r := range p.rejected {
			if r.Line < 1 || r.Reason == "" {
				t.Fatalf("%q: got %+v, want a line and a reason", in, r)
			}
		}
	})
}
