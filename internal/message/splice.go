package message

// noMessageID is written for a reader without a valid Message-ID.
const noMessageID = "unidentified@invalid"

// appendHead appends pieces of the head with the reader's values.
func appendHead(dst []byte, pieces []piece, r *Reader) []byte {
	for _, p := range pieces {
		dst = append(dst, p.lit...)
		switch p.op {
		case opTo:
			dst = appendRecipient(dst, r)
		case opMessageID:
			if validMessageID(r.MessageID) {
				dst = append(dst, r.MessageID...)
			} else {
				dst = append(dst, noMessageID...)
			}
		case opTokenURL:
			dst = appendURL(dst, r.token())
		case opLeave:
			dst = append(dst, r.leave()...)
		}
	}
	return dst
}

func appendRecipient(dst []byte, r *Reader) []byte {
	if !validAddress(r.Email) {
		return append(dst, noMailbox...)
	}
	w := headerWriter{dst: dst, col: len("To: ")}
	w.mailbox(r.Name, r.Email)
	return w.dst
}

// bodyValues are the values of one message's body: each is encoded where it
// first stands and copied from there, since its encoded form, which always
// starts a line, is the same everywhere.
type bodyValues struct {
	at [2 * opKinds]span
}

// A span is a part of the message being made; it is written when end > 0.
type span struct{ start, end int }

// append appends the value that o asks for. The piece before ends its line.
func (v *bodyValues) append(dst []byte, f *Frozen, o op, r *Reader) []byte {
	if o == opNone {
		return dst
	}
	i := o.kind()
	if o&opHTML != 0 {
		i += opKinds
	}
	start := len(dst)
	if s := v.at[i]; s.end > 0 {
		dst = append(dst, dst[s.start:s.end]...)
	} else {
		dst = f.appendQuoted(dst, o, r)
		v.at[i] = span{start, len(dst)}
	}
	if o&opSoft != 0 && len(dst) > start {
		dst = append(dst, softBreak...)
	}
	return dst
}

// appendQuoted encodes a value of the body for the start of a line.
func (f *Frozen) appendQuoted(dst []byte, o op, r *Reader) []byte {
	w := qpWriter{dst: dst}
	switch o.kind() {
	case opToken:
		w.urlValue(r.token())
	case opVote, opSave, opSaved, opPreferences:
		w.urlValue(r.link(o.kind()))
	case opEmail:
		w.value(r.Email, o&opHTML != 0)
	case opName:
		name := r.Name
		if f.nameless(r) {
			name = f.fallback
		}
		w.value(name, o&opHTML != 0)
	}
	return w.dst
}

// nameless reports whether the reader's name has nothing to show.
func (f *Frozen) nameless(r *Reader) bool {
	c := cleaner{rest: r.Name}
	_, ok := c.next()
	return !ok
}
