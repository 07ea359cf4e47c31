package mailer

import "bytes"

// stuff returns a message as DATA needs it (RFC 5321 §4.5.2): lines ended by
// CRLF, the last one too, and no line that starts with a single dot. A message
// of internal/message is like that already and comes back as it is, after one
// scan; anything else is copied.
func stuff(msg []byte) []byte {
	if bytes.HasSuffix(msg, crlf) && msg[0] != '.' && !bytes.Contains(msg, []byte("\n.")) {
		return msg
	}
	return appendStuffed(make([]byte, 0, len(msg)+len(msg)/64+2), msg)
}

var crlf = []byte("\r\n")

// appendStuffed appends the message with every line end made CRLF, a bare CR
// and a bare LF included: what a server could take for an end of line in a way
// of its own is one for all (SMTP smuggling).
func appendStuffed(dst, msg []byte) []byte {
	for len(msg) > 0 {
		if msg[0] == '.' {
			dst = append(dst, '.')
		}
		line, rest := cutLine(msg)
		dst = append(append(dst, line...), crlf...)
		msg = rest
	}
	return dst
}

// normalise returns the message with CRLF line ends, the last line's too.
func normalise(msg []byte) []byte {
	out := make([]byte, 0, len(msg)+len(msg)/64+2)
	for len(msg) > 0 {
		line, rest := cutLine(msg)
		out = append(append(out, line...), crlf...)
		msg = rest
	}
	return out
}

// cutLine cuts the first line off, which CRLF, CR or LF ends.
func cutLine(msg []byte) (line, rest []byte) {
	i := bytes.IndexAny(msg, "\r\n")
	if i < 0 {
		return msg, nil
	}
	if bytes.HasPrefix(msg[i:], crlf) {
		return msg[:i], msg[i+2:]
	}
	return msg[:i], msg[i+1:]
}
