package mailbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
	"time"
)

// maxHeader is how much of a header is read; what is beyond is shown in the
// source only.
const maxHeader = 256 << 10

// A Summary is a message's line in the list.
type Summary struct {
	ID      string
	Arrived time.Time // UTC
	From    string    // the From field, decoded; "" when it can't be read
	To      []string  // envelope recipients
	Return  string    // envelope sender
	Subject string    // decoded
	Size    int64     // bytes, as it came
}

// List returns messages, the newest first, and how many there are in all. query
// leaves those whose envelope recipient contains it, in any case of letters; ""
// leaves all.
func List(dir string, offset, limit int, query string) ([]Summary, int, error) {
	all, err := ids(dir)
	if err != nil {
		return nil, 0, err
	}
	if query = strings.ToLower(strings.TrimSpace(query)); query != "" {
		if all, err = search(dir, all, query); err != nil {
			return nil, 0, err
		}
	}
	page := all[min(max(offset, 0), len(all)):]
	page = page[:min(max(limit, 0), len(page))]
	var out []Summary
	for _, id := range page {
		s, err := summary(dir, id)
		if err == ErrNotFound { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		out = append(out, s)
	}
	return out, len(all), nil
}

func search(dir string, all []string, query string) ([]string, error) {
	var found []string
	br := bufio.NewReaderSize(nil, 1024)
	for _, id := range all {
		f, err := open(dir, id)
		if err == ErrNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		br.Reset(f)
		for _, to := range recipients(br) {
			if strings.Contains(strings.ToLower(to), query) {
				found = append(found, id)
				break
			}
		}
		f.Close()
	}
	return found, nil
}

func summary(dir, id string) (Summary, error) {
	f, err := open(dir, id)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Summary{}, fmt.Errorf("mailbox: %w", err)
	}
	head, err := io.ReadAll(io.LimitReader(f, maxHeader))
	if err != nil {
		return Summary{}, fmt.Errorf("mailbox: read message: %w", err)
	}
	return summarise(id, info.Size(), head), nil
}

// summarise reads the header at the start of a file.
func summarise(id string, size int64, file []byte) Summary {
	s := Summary{ID: id, Arrived: arrival(id)}
	var msg []byte
	s.Return, s.To, msg = cutTrace(file)
	s.Size = size - int64(len(file)-len(msg))
	fields, _ := splitMessage(msg)
	for _, f := range fields {
		switch {
		case strings.EqualFold(f.Name, "From") && s.From == "":
			s.From = decodeAddress(f.Value)
		case strings.EqualFold(f.Name, "Subject") && s.Subject == "":
			s.Subject = decodeWords(f.Value)
		}
	}
	return s
}

// cutTrace takes the envelope's trace off a file.
func cutTrace(file []byte) (from string, to []string, msg []byte) {
	for {
		line, rest, ok := bytes.Cut(file, []byte("\r\n"))
		if !ok {
			return from, to, file
		}
		if v, ok := bytes.CutPrefix(line, []byte("Return-Path: ")); ok && to == nil && from == "" {
			from = strings.Trim(string(v), "<>")
		} else if v, ok := bytes.CutPrefix(line, []byte("Delivered-To: ")); ok {
			to = append(to, string(v))
		} else {
			return from, to, file
		}
		file = rest
	}
}

// A Field is a header field, unfolded and not decoded.
type Field struct{ Name, Value string }

// splitMessage takes a message apart: its fields and its body. What is no field
// is left out; a message without an empty line has no body.
func splitMessage(msg []byte) (fields []Field, body []byte) {
	var name, value []byte
	flush := func() {
		if name != nil {
			fields = append(fields, Field{valid(name), valid(value)})
		}
		name, value = nil, nil
	}
	for rest := msg; len(rest) > 0; {
		line, tail, _ := bytes.Cut(rest, []byte("\n"))
		rest = tail
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch before, after, ok := bytes.Cut(line, []byte(":")); {
		case len(line) == 0 || len(msg)-len(rest) > maxHeader:
			flush()
			return fields, rest
		case line[0] == ' ' || line[0] == '\t':
			value = append(append(value, ' '), bytes.TrimSpace(line)...)
		case ok:
			flush()
			name, value = bytes.TrimSpace(before), bytes.Clone(bytes.TrimSpace(after))
		default:
			flush()
		}
	}
	flush()
	return fields, nil
}

func valid(b []byte) string { return strings.ToValidUTF8(string(b), "\ufffd") }

// decodeWords decodes encoded words (RFC 2047); what can't be stays as it is.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: charsetReader}
	if out, err := d.DecodeHeader(s); err == nil {
		return strings.ToValidUTF8(out, "\ufffd")
	}
	return s
}

func decodeAddress(s string) string {
	p := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charsetReader}}
	a, err := p.Parse(s)
	if err != nil {
		return decodeWords(s)
	}
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}
