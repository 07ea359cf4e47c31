package inbound

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
)

// How large an aggregate report may be when it is unpacked, and how many of its
// rows are looked at.
const (
	maxAggregate = 16 << 20
	maxRows      = 20000
)

var errTooLarge = errors.New("the report is larger than 16 MiB")

// A DMARC is an aggregate report (RFC 7489 §7.2): how many mails of a domain a
// receiver saw, and how many of them failed.
type DMARC struct {
	Org, ReportID string
	Begin, End    time.Time
	Domain        string
	Policy        string // p=
	Messages      int64
	Failed        int64 // passed neither aligned DKIM nor aligned SPF
	Sources       []DMARCSource
}

// A DMARCSource is a sending address of which mails failed.
type DMARCSource struct {
	IP        string
	Failed    int64
	DKIM, SPF string // results of the domains as they were evaluated
}

// maxSources is how many failing sources are kept.
const maxSources = 50

// readAggregate reads a DMARC aggregate report.
func readAggregate(m *mail, r *Report) bool {
	named := strings.HasPrefix(strings.ToLower(strings.TrimSpace(word(m.header.get("subject")))), "report domain:")
	for _, p := range m.parts {
		xmlish := p.kind == "application/gzip" || p.kind == "application/x-gzip" || p.kind == "application/zip" || p.kind == "application/x-zip-compressed" ||
			p.kind == "application/xml" || p.kind == "text/xml" || p.kind == "application/octet-stream" && containsAny(p.name, []string{".xml", ".gz", ".zip"})
		if !xmlish || !named && strings.Count(p.name, "!") < 2 {
			continue
		}
		r.Kind = KindDMARC
		r.DMARC, _ = parseAggregate(p.body) // nil says that it could not be read
		return true
	}
	return false
}

// parseAggregate reads a report as XML, in gzip or in a zip.
func parseAggregate(body []byte) (*DMARC, error) {
	plain, err := unpack(body)
	if err != nil {
		return nil, err
	}
	return decodeAggregate(plain)
}

func unpack(body []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return readLimited(z)
	case bytes.HasPrefix(body, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			return nil, err
		}
		for _, f := range z.File {
			if !strings.HasSuffix(strings.ToLower(f.Name), ".xml") {
				continue
			}
			file, err := f.Open()
			if err != nil {
				return nil, err
			}
			out, err := readLimited(file)
			return out, errors.Join(err, file.Close())
		}
		return nil, errors.New("the archive has no .xml file")
	default:
		return body, nil
	}
}

// readLimited stops a small file that unpacks to a large one.
func readLimited(r io.Reader) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(r, maxAggregate+1))
	if err != nil {
		return nil, err
	}
	if len(out) > maxAggregate {
		return nil, errTooLarge
	}
	return out, nil
}

// A row is a record of the report, as far as it matters.
type row struct {
	IP     string `xml:"row>source_ip"`
	Count  int64  `xml:"row>count"`
	DKIM   string `xml:"row>policy_evaluated>dkim"`
	SPF    string `xml:"row>policy_evaluated>spf"`
	Domain string `xml:"identifiers>header_from"`
}

func decodeAggregate(plain []byte) (*DMARC, error) {
	d := xml.NewDecoder(bytes.NewReader(plain))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	out := &DMARC{}
	for rows := 0; rows < maxRows; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "report_metadata":
			err = out.metadata(d, start)
		case "policy_published":
			var p struct {
				Domain string `xml:"domain"`
				Policy string `xml:"p"`
			}
			err = d.DecodeElement(&p, &start)
			out.Domain, out.Policy = p.Domain, p.Policy
		case "record":
			rows++
			var rec row
			if err = d.DecodeElement(&rec, &start); err == nil {
				out.count(rec)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if out.Domain == "" && out.Org == "" {
		return nil, errors.New("this is not a DMARC report")
	}
	return out, nil
}

func (r *DMARC) metadata(d *xml.Decoder, start xml.StartElement) error {
	var m struct {
		Org   string `xml:"org_name"`
		ID    string `xml:"report_id"`
		Begin int64  `xml:"date_range>begin"`
		End   int64  `xml:"date_range>end"`
	}
	if err := d.DecodeElement(&m, &start); err != nil {
		return err
	}
	r.Org, r.ReportID = shorten(m.Org), shorten(m.ID)
	r.Begin, r.End = time.Unix(m.Begin, 0).UTC(), time.Unix(m.End, 0).UTC()
	return nil
}

func (r *DMARC) count(rec row) {
	if rec.Count < 0 || rec.Count > 1<<40 {
		return
	}
	r.Messages += rec.Count
	if rec.DKIM == "pass" || rec.SPF == "pass" {
		return
	}
	r.Failed += rec.Count
	for i := range r.Sources {
		if r.Sources[i].IP == rec.IP {
			r.Sources[i].Failed += rec.Count
			return
		}
	}
	if len(r.Sources) < maxSources {
		r.Sources = append(r.Sources, DMARCSource{IP: shorten(rec.IP), Failed: rec.Count, DKIM: shorten(rec.DKIM), SPF: shorten(rec.SPF)})
	}
}
