package subscribers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
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
		{"2025-03-04T16:06:07+0100", at},
		{"2025-03-04 20:36:07.123456 +0530 +0530", at.Add(123 * time.Millisecond)},
		{"2025-03-04 16:06:07 +0100 CET", at},
		{"2025/03/04 15:06:07", at},
		{"0000-00-00 00:00:00", time.Time{}},
		{"0001-01-01T00:00:00Z", time.Time{}},
		{"2025-03-04 15:06:07+00", at},
		{"2025-03-04 15:06:07.000001-00", at},
		{"2025-03-04 12:06:07 -0300 -03", at},
		{"2025-03-04T15:06Z", at.Add(-7 * time.Second)},
		{"2025-03-04 3:06 PM", at.Add(-7 * time.Second)},
		{"Tue, 04 Mar 2025 15:06:07 GMT", at},
		{"Tue, 04 Mar 2025 16:06:07 +0100", at},
		{"Mar 4, 2025", at.Truncate(24 * time.Hour)},
		{"4 March 2025", at.Truncate(24 * time.Hour)},
		{"March 4, 2025, 3:06 PM", at.Add(-7 * time.Second)},
	}
	for _, tt := range tests {
		got, err := parseTime(tt.in)
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("%q: got %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{"04/03/2025", "yesterday", "2025-13-01", "0002-01-01", "9999-01-01", "1741100767"} {
		if got, err := parseTime(in); err == nil {
			t.Errorf("%q: got %v, want it refused rather than guessed", in, got)
		}
	}
}

func TestDelimiter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want byte
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

func TestCSVRecords(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "a,b\nc,d\n", "1[a b] 2[c d]"},
		{"no end of line", "a,b\nc,d", "1[a b] 2[c d]"},
		{"CRLF and empty lines", "a,b\r\n\r\nc,\r\n", "1[a b] 3[c ]"},
		{"CR, LF and CRLF", "a,b\rc,d\ne,f\r\ng\r", "1[a b] 2[c d] 3[e f] 4[g]"},
		{"a mark where files were joined", "a,b\n\ufeffc,d\n", "1[a b] 2[c d]"},
		{"quoted", "\"a,\"\"x\"\"\",\"\"\n\"c\nd\",e\nf\n", "1[a,\"x\" ] 2[c\nd e] 4[f]"},
		{"a quote inside", "a \"b\" c,d\n", "1[a \"b\" c d]"},
		{"backslash before a quote", "\"say \\\"hi\\\" now\",b\n", "1[say \"hi\" now b]"},
		{"backslash at the end", "\"C:\\\",b\n", "1[C:\\ b]"},
		{"escaped quote at the end", "\"say \\\"hi\\\"\",b\n", "1[say \"hi\" b]"},
		{"backslash before a doubled quote", "\"a\\\"\"b\",c\n", "1[a\\\"b c]"},
		{"spaces around quotes", "a, \"b, c\" ,d\n", "1[a b, c d]"},
		{"a quote behind a space", "a, \"b\" c, \"d\n", "1[a  \"b\" c  \"d]"},
		{"a doubled quote behind a space", "a, \"b \"\"c\"\"\"\n", "1[a b \"c\"]"},
		{"after a quote", "\"a\"b,c\nd\n", "1!a quote inside a quoted field must be doubled 2[d]"},
	}
	for _, tt := range tests {
		r := csvRecords{in: bufio.NewReader(&lineEnds{in: strings.NewReader(tt.in)}), comma: ','}
		var got []string
		for {
			record, line, err := r.read()
			if errors.Is(err, io.EOF) {
				break
			}
			if e := (*rowError)(nil); errors.As(err, &e) {
				got = append(got, fmt.Sprintf("%d!%s", e.line, e.reason))
			} else if err != nil {
				t.Fatalf("%s: got %v, want no error", tt.name, err)
			} else {
				got = append(got, fmt.Sprintf("%d%v", line, record))
			}
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A quote that is never closed takes a megabyte of memory, whatever the file has.
func TestCSVQuoteIsBounded(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]io.Reader{
		"many lines": io.MultiReader(strings.NewReader("email,name\na@b.co,\"Ann\n"), &endless{"c@d.co,Cy\n"}),
		"one line":   io.MultiReader(strings.NewReader("email,name\na@b.co,"), &endless{"Ann"}),
	} {
		f, err := openCSV(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = f.read()
		if !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v, want ErrCSV with line 2", name, err)
		}
		if len(f.buf) > 2*maxRecord || len(f.long) > 2*maxRecord {
			t.Errorf("%s: got %d and %d bytes kept, want at most twice %d", name, len(f.buf), len(f.long), maxRecord)
		}
	}
}

// A quote that the next one closes takes in rows as well.
func TestCSVQuoteTakesInRows(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"email,name\na@b.co,\"Ann\nc@d.co,Cy\ne@f.co,Ed\"\n",
		"email,name\na@b.co,\"Ann\nc@d.co,Cy\"\n",
		"id;email;name\n1;a@b.co;\"Ann\n2;c@d.co;Cy\n3;e@f.co;Ed\"\n",
	} {
		if got, err := readStandings(t, in); !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), "line 2: a quote opens") {
			t.Errorf("%q: got %q, %v, want ErrCSV with line 2", in, got, err)
		}
	}
	in := "email,name,note\na@b.co,Ann,\"called on Monday\nwrite to c@d.co, she says\"\nc@d.co,Cy,\n"
	if got, err := readStandings(t, in); err != nil || got != "active active" {
		t.Errorf("a note of two lines: got %q, %v, want both rows", got, err)
	}
}

// A converted line end may fall between two reads.
func TestLineEndsAcrossReads(t *testing.T) {
	t.Parallel()
	in := "a\r\nb\rc\nd\r\r\n"
	got, err := io.ReadAll(iotest.OneByteReader(&lineEnds{in: iotest.OneByteReader(strings.NewReader(in))}))
	if want := "a\nb\nc\nd\n\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// endless repeats a text for ever.
type endless struct{ text string }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text)
	e.text = e.text[n:] + e.text[:n]
	return n, nil
}

// Whatever the file, each row ends as one good row or one rejection, and what
// comes out is clean.
func FuzzImportParser(f *testing.F) {
	for _, s := range []string{
		"email,name\na@b.co,Ada\n", "\xef\xbb\xbfEmail Address;Status\r\na@b.co;cleaned\r\n", "email\tcreated_at\na@b.co\t2025-01-01\n",
		"email,name\n\"a@b.co\",\"Ada\nL\"\nx\n\"", "email,categories,token\na@b.co,\"A,B\",AAAAAAAAAAAAAAAAAAAAAA\n", "name\nx", "", "\xff\xfee\x00", "email\n\xe9@b.co",
		"sep=;\r\nemail;status\r\na@b.co;bounced\r\n", "email,state\ra@b.co,Ohio\rb@b.co,\"x\ry\"\r", "email_sha256,email\n" + strings.Repeat("ab", 32) + ",\n",
		"email,blacklisted,x\na@b.co,0,cancelled\n", "email,created_at\na@b.co,2024-01-02 03:04:05 +0530 +0530\n", "email,name\na@b.co,\"\\\"x\\\"\"\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		file, err := openCSV(strings.NewReader(in), nil)
		if err != nil {
			if !errors.Is(err, ErrCSV) {
				t.Fatalf("%q: got %v, want ErrCSV", in, err)
			}
			return
		}
		p, err := newImportParser(file, "", time.Unix(1e9, 0))
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for {
			rows, err := p.batch()
			for _, r := range rows {
				if r.Line <= last || r.Hashed() && r.Address.SHA256 == [32]byte{} && r.Suppressed == NotSuppressed || r.Created.IsZero() || strings.ContainsFunc(r.Name, unicode.IsControl) || r.Status == Unsubscribed && r.Left.IsZero() {
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
