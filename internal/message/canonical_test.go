package message

import "testing"

// TestRelaxedField is the example of RFC 6376 §3.4.5, and folding.
func TestRelaxedField(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"A: X\r\n":                         "a:X\r\n",
		"B : Y\t\r\n\tZ  \r\n":             "b:Y Z\r\n",
		"Subject: =?utf-8?q?a?=\r\n b\r\n": "subject:=?utf-8?q?a?= b\r\n",
		"X-Empty: \r\n":                    "x-empty:\r\n",
	} {
		if got := string(appendRelaxedField(nil, []byte(field))); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
}

func TestRelaxedLiteral(t *testing.T) {
	t.Parallel()
	const lit, want = "  C\r\n\r\nD \t E=\r\n\t=\r\n", " C\r\n\r\nD E=\r\n =\r\n"
	if got := string(relaxedLiteral([]byte(lit))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
