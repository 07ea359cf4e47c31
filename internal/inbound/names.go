package inbound

import (
	"bytes"
	"strings"
)

// Names reports whether a mail names an address, in any case: as it is, as a list
// writes it into an envelope sender (ada=example.com), in an encoded header or in the
// text of a part.
func Names(raw []byte, email string) bool {
	email = strings.ToLower(email)
	wanted := [][]byte{[]byte(email)}
	if at := strings.LastIndexByte(email, '@'); at > 0 {
		wanted = append(wanted, []byte(email[:at]+"="+email[at+1:]))
	}
	named := func(text []byte) bool {
		text = bytes.ToLower(text)
		for _, w := range wanted {
			if bytes.Contains(text, w) {
				return true
			}
		}
		return false
	}
	if named(raw) || named([]byte(word(string(raw)))) {
		return true
	}
	for _, p := range parse(raw).parts {
		if named(p.body) {
			return true
		}
	}
	return false
}
