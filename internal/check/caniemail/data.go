// Package caniemail tells which HTML and CSS features a mail uses and which
// clients support them, by the data of caniemail.com (MIT, see LICENSE).
//
// The package promises that features are found on the parsed tree and the
// parsed sheets, never by searching the text, so that a word in a comment or in
// a reviewer's take is not a feature. The data is a pinned extract; 'make
// caniemail' renews it.
package caniemail

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed data.json
var raw []byte

// Support is what a client makes of a feature.
type Support byte

// The grades that the data knows.
const (
	Unknown   Support = 'u' // not tested, or the data does not have it
	Supported Support = 'y'
	Partial   Support = 'a'
	No        Support = 'n'
)

// A Client is a mail program on a platform, as caniemail names them:
// "gmail/desktop-webmail", "outlook/windows".
type Client string

// The clients that the digest must be right in.
const (
	GmailWeb       Client = "gmail/desktop-webmail"
	GmailIOS       Client = "gmail/ios"
	GmailAndroid   Client = "gmail/android"
	OutlookClassic Client = "outlook/windows"     // renders with Word
	OutlookNew     Client = "outlook/outlook-com" // the new Outlook and Outlook on the web
	OutlookMac     Client = "outlook/macos"
	OutlookIOS     Client = "outlook/ios"
	OutlookAndroid Client = "outlook/android"
	AppleMac       Client = "apple-mail/macos"
	AppleIOS       Client = "apple-mail/ios"
	YahooWeb       Client = "yahoo/desktop-webmail"
	YahooIOS       Client = "yahoo/ios"
	YahooAndroid   Client = "yahoo/android"
)

// Clients lists them.
func Clients() []Client {
	return []Client{
		GmailWeb, GmailIOS, GmailAndroid,
		OutlookClassic, OutlookNew, OutlookMac, OutlookIOS, OutlookAndroid,
		AppleMac, AppleIOS,
		YahooWeb, YahooIOS, YahooAndroid,
	}
}

// A Feature is one row of the data.
type Feature struct {
	Slug  string            `json:"slug"`
	Title string            `json:"title"`
	Stats map[Client]string `json:"stats"` // of the newest tested version: "y", "a #1 #2"
	Notes map[string]string `json:"notes,omitempty"`
}

// Data is the extract.
type Data struct {
	Updated  string    `json:"updated"` // the date of the source
	Features []Feature `json:"features"`

	bySlug map[string]int
}

// Load gives the embedded extract, read once. It must not be changed.
var Load = sync.OnceValues(load)

func load() (*Data, error) {
	var d Data
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("caniemail data: %w", err)
	}
	d.bySlug = make(map[string]int, len(d.Features))
	for i, f := range d.Features {
		d.bySlug[f.Slug] = i
	}
	return &d, nil
}

// Feature gives the row of a slug such as "css-border-radius".
func (d *Data) Feature(slug string) (Feature, bool) {
	i, ok := d.bySlug[slug]
	if !ok {
		return Feature{}, false
	}
	return d.Features[i], true
}

// On says how a client supports the feature, with the data's notes.
func (f Feature) On(c Client) (Support, string) {
	stat, ok := f.Stats[c]
	if !ok || stat == "" {
		return Unknown, ""
	}
	var notes []string
	for _, word := range strings.Fields(stat)[1:] {
		if n, ok := f.Notes[strings.TrimPrefix(word, "#")]; ok {
			notes = append(notes, n)
		}
	}
	return Support(stat[0]), strings.Join(notes, " ")
}

// A Gap is a feature that a mail uses and a client lacks.
type Gap struct {
	Feature Feature
	Client  Client
	Support Support // Partial or No
	Note    string
	Where   string // one place that uses it
}

// Gaps lists what the clients lack of the uses, the unsupported before the
// partial.
func (d *Data) Gaps(uses []Use, clients []Client) []Gap {
	var gaps []Gap
	for _, u := range uses {
		f, ok := d.Feature(u.Slug)
		if !ok {
			continue
		}
		for _, c := range clients {
			if s, note := f.On(c); s == No || s == Partial {
				gaps = append(gaps, Gap{Feature: f, Client: c, Support: s, Note: note, Where: u.Where})
			}
		}
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return int(b.Support) - int(a.Support) })
	return gaps
}
