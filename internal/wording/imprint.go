package wording

import "strings"

// Imprint is a sender's name and postal address in one line, the name once.
func Imprint(name, address string) string {
	address = strings.TrimSpace(address)
	switch {
	case address == "":
		return name
	case strings.HasPrefix(address, name):
		return address
	}
	return name + ", " + address
}
