package message

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Bodies takes the subject and the two parts out of a message that this package
// made.
func Bodies(raw []byte) (subject, text, html string, err error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", "", fmt.Errorf("read the message: %w", err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return "", "", "", fmt.Errorf("read the subject: %w", err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return "", "", "", fmt.Errorf("read the content type: %w", err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return subject, text, html, nil
		}
		if err != nil {
			return "", "", "", fmt.Errorf("read a part: %w", err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			return "", "", "", fmt.Errorf("read a part: %w", err)
		}
		s := strings.ReplaceAll(string(body), "\r\n", "\n")
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = s
		} else {
			text = s
		}
	}
}
