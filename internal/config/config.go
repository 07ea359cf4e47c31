// Package config reads config.yaml, strictly: an unknown key or a wrong value
// is an error that names the file, the line, the key and what would be right,
// and all errors of a file are reported at once.
//
// Precedence: --set flags over environment (DIGEST_SMTP__HOST) over file over
// defaults. Every secret can come from a file. Relative paths are relative to
// the config file's folder. Only cmd imports this package: the others take
// their settings through constructors.
package config

import (
	"errors"
	"net/mail"
	"net/netip"
	"time"
)

// Config is everything that can be set. The yaml tags are the keys.
type Config struct {
	Site     Site   `yaml:"site"`
	Listen   string `yaml:"listen"`
	Metrics  string `yaml:"metrics"`
	Database string `yaml:"database"` // an SQLite file, or a PostgreSQL server's postgres://USER@HOST:PORT/NAME
	// PasswordFile has the password for the database's server.
	PasswordFile string `yaml:"database_password_file"`
	// Data is the folder of journals and mailbox; "": beside the database's file,
	// or "data" where a server has it.
	Data        string      `yaml:"data"`
	Node        Node        `yaml:"node"`
	Backup      Backup      `yaml:"backup"`
	Comparisons Comparisons `yaml:"comparisons"`
	Edition     Edition     `yaml:"edition"`
	Schedule    Schedule    `yaml:"schedule"`
	Editors     []string    `yaml:"editors"`
	Canary      Canary      `yaml:"canary"`
	Mail        Mail        `yaml:"mail"`
	SMTP        SMTP        `yaml:"smtp"`
	DKIM        DKIM        `yaml:"dkim"`
	Inbound     Inbound     `yaml:"inbound"`
	Votes       Votes       `yaml:"votes"`
	Signup      Signup      `yaml:"signup"`
	Templates   string      `yaml:"templates"`
	Log         Log         `yaml:"log"`

	databasePassword string // from PasswordFile

	file     string            // the file it was read from, "" for none
	origin   map[string]origin // where each key's value came from
	problems []problem         // found so far
}

// Node is this process among several that share a server's database.
type Node struct {
	Name  string   `yaml:"name"`  // "": the host's; a second process on a host gets its own
	Roles []string `yaml:"roles"` // what serve runs here; none: all
}

// Site is the publication.
type Site struct {
	Name          string `yaml:"name"`
	BaseURL       string `yaml:"base_url"` // every link starts with it; no trailing slash
	PostalAddress string `yaml:"postal_address"`
}

// Backup says where serve writes backups of the database, and when.
type Backup struct {
	Dir      string `yaml:"dir"`      // a folder; "" for none
	Schedule string `yaml:"schedule"` // a cron expression of five fields, read in schedule.timezone
	Keep     int    `yaml:"keep"`     // how many stay
}

// Comparisons says where the content comes from.
type Comparisons struct {
	Dir          string `yaml:"dir"`
	Feed         string `yaml:"feed"`          // a JSON Feed to take new comparisons from; "" for none
	AllowPrivate bool   `yaml:"allow_private"` // fetch from private and loopback addresses too
}

// Edition says how a week's comparisons are picked and released.
type Edition struct {
	Max      int      `yaml:"max"`
	Min      int      `yaml:"min"`
	Order    Order    `yaml:"order"`
	Approval Approval `yaml:"approval"`
	// Approvals is how many editors have to approve at the desk.
	Approvals int    `yaml:"approvals"`
	Detail    Detail `yaml:"detail"` // the first in full and the others brief, all in full, or all brief
}

// Votes says how readers' votes are shown, and when voting ends.
type Votes struct {
	Least int           `yaml:"least"` // fewer are not shown
	Close time.Duration `yaml:"close"` // after an edition's slot; 0: never
}

// Schedule holds cron expressions of five fields, read in Timezone.
type Schedule struct {
	Draft    string        `yaml:"draft"`
	Send     string        `yaml:"send"`
	Timezone string        `yaml:"timezone"`
	CatchUp  time.Duration `yaml:"catch_up"` // a slot missed by no more is made up for
}

// Mail is what the digest's headers say.
type Mail struct {
	From         string `yaml:"from"`
	ReplyTo      string `yaml:"reply_to"`
	BounceDomain string `yaml:"bounce_domain"` // VERP domain; "" sends bounces to From
	ListID       string `yaml:"list_id"`       // RFC 2919; "" makes one of site and From
}

// Canary is a first part of the list, which gets an edition before the others.
type Canary struct {
	Readers int           `yaml:"readers"` // 0: none
	Wait    time.Duration `yaml:"wait"`    // before the others' turn
}

// SMTP is the relay that takes the mail. Host "mailbox" is the built-in one.
type SMTP struct {
	Host         string        `yaml:"host"`
	Port         int           `yaml:"port"` // 0: 587, or 465 for implicit TLS, or the mailbox's own
	TLS          TLSMode       `yaml:"tls"`
	Username     string        `yaml:"username"`
	Password     string        `yaml:"password"`
	PasswordFile string        `yaml:"password_file"`
	CAFile       string        `yaml:"ca_file"`       // PEM certificates to trust besides the system's
	HELO         string        `yaml:"helo"`          // "" is the domain of mail.from
	Connections  Sessions      `yaml:"connections"`   // Auto: found by trying
	Rate         float64       `yaml:"rate"`          // messages a second, 0: no limit
	PerDomain    int           `yaml:"per_domain"`    // messages under way to one recipient domain, 0: no limit
	DomainRate   float64       `yaml:"domain_rate"`   // messages a second to one recipient domain, 0: no limit
	WarmUp       []int64       `yaml:"warm_up"`       // most messages on the first, second, ... day; empty: no limit
	WarmUpStart  string        `yaml:"warm_up_start"` // the first day, 2026-11-23 in the list's zone
	GiveUp       time.Duration `yaml:"give_up"`       // a send ends when no server has answered for so long
	// SendingAddresses are those from which the relay hands mail on to the world.
	SendingAddresses []netip.Prefix `yaml:"sending_addresses"`
	PerSession       int            `yaml:"messages_per_session"` // a connection is renewed after that many; 0: 100; sooner when the server says so
	Relays           []Relay        `yaml:"relays"`               // several, in place of the host
}

// DKIM signs with one key, or with two for a change of algorithm.
type DKIM struct {
	Domain    string `yaml:"domain"`
	Selector  string `yaml:"selector"`
	KeyFile   string `yaml:"key_file"`
	Selector2 string `yaml:"selector2"`
	KeyFile2  string `yaml:"key_file2"`
}

// Inbound says how bounces, complaints, unsubscribe mails and DMARC reports come.
type Inbound struct {
	Listen   string   `yaml:"listen"`    // an address for LMTP and SMTP; "" for none
	Maildir  string   `yaml:"maildir"`   // a folder; "" for none
	Pipe     bool     `yaml:"pipe"`      // a mail server hands them to 'digest inbound'
	RelayLog string   `yaml:"relay_log"` // settles deliveries of unknown outcome; "" for none
	SES      SES      `yaml:"ses"`
	Postmark Postmark `yaml:"postmark"`
}

// SES is Amazon's webhook, /inbound/ses.
type SES struct {
	Topic string `yaml:"topic"` // the ARN of the SNS topic; "" for no webhook
}

// Postmark is its webhook, /inbound/postmark: basic authentication.
type Postmark struct {
	Username     string `yaml:"username"` // "" for no webhook
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
}

// ReadsMail reports whether mail to the bounce domain is read by the program.
func (i Inbound) ReadsMail() bool { return i.Listen != "" || i.Maildir != "" || i.Pipe }

// Signup says who may post the sign-up form from where, and how often: numbers an
// hour, 0 for no limit.
type Signup struct {
	AllowedOrigins []string       `yaml:"allowed_origins"`
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	PerAddress     int            `yaml:"per_address"` // from one address (an IPv4 address, an IPv6 /64)
	PerNetwork     int            `yaml:"per_network"` // from one network (an IPv4 /24, an IPv6 /56)
	PerDomain      int            `yaml:"per_domain"`  // to addresses of one mail domain
	PerHour        int            `yaml:"per_hour"`    // from everywhere
	Guesses        int            `yaml:"guesses"`     // unknown links from one address
	SurgeFloor     int            `yaml:"surge_floor"` // unconfirmed sign-ups an hour that are no surge; 0: there are none
	SurgeTimes     float64        `yaml:"surge_times"` // how many times their usual number are one
}

// Log says what is logged and how.
type Log struct {
	Level  LogLevel  `yaml:"level"`
	Format LogFormat `yaml:"format"`
}

// Default gives the settings that hold when nothing is set.
func Default() Config {
	return Config{
		Site: Site{
			Name:          "Weekly AI Tool Verdicts",
			BaseURL:       "http://localhost:8080",
			PostalAddress: "",
		},
		Listen:      "127.0.0.1:8080",
		Metrics:     "127.0.0.1:9090",
		Database:    "data/digest.db",
		Backup:      Backup{Schedule: "30 3 * * *", Keep: 14},
		Comparisons: Comparisons{Dir: "comparisons"},
		Edition:     Edition{Max: 5, Min: 1, Order: OrderNews, Approval: ApprovalAuto, Approvals: 1, Detail: DetailLead},
		Schedule:    Schedule{Draft: "0 12 * * FRI", Send: "0 9 * * MON", Timezone: "UTC", CatchUp: 36 * time.Hour},
		Canary:      Canary{Wait: 30 * time.Minute},
		Mail:        Mail{From: "Weekly AI Tool Verdicts <verdicts@localhost>"},
		SMTP:        SMTP{Host: MailboxHost, TLS: TLSStartTLS, Connections: 8, GiveUp: 2 * time.Minute},
		Votes:       Votes{Least: 5, Close: 28 * 24 * time.Hour},
		Signup:      Signup{PerAddress: 60, PerNetwork: 240, PerDomain: 1800, PerHour: 6000, Guesses: 120, SurgeFloor: 60, SurgeTimes: 8},
		Log:         Log{Level: "info", Format: "text"},
	}
}

// MailboxHost is the smtp.host that means the built-in mailbox.
const MailboxHost = "mailbox"

// File is the file that the settings were read from, "" for none.
func (c *Config) File() string { return c.file }

// WarmUpFrom is the day in the list's zone on which the warm-up starts; zero when
// there is none.
func (c *Config) WarmUpFrom() (time.Time, error) {
	if len(c.SMTP.WarmUp) == 0 {
		return time.Time{}, nil
	}
	loc, err := c.Location()
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation(time.DateOnly, c.SMTP.WarmUpStart, loc)
}

// Addresses are the parsed mail.from and mail.reply_to, zero where one is not set.
func (c *Config) Addresses() (from, replyTo mail.Address, err error) {
	for _, a := range []struct {
		text string
		to   *mail.Address
	}{{c.Mail.From, &from}, {c.Mail.ReplyTo, &replyTo}} {
		if a.text == "" {
			continue
		}
		parsed, perr := mail.ParseAddress(a.text)
		if perr != nil {
			err = errors.Join(err, perr)
			continue
		}
		*a.to = *parsed
	}
	return from, replyTo, err
}

// FromAddress is the parsed mail.from. Load has checked it.
func (c *Config) FromAddress() (*mail.Address, error) { return mail.ParseAddress(c.Mail.From) }

// Location is the parsed schedule.timezone.
func (c *Config) Location() (*time.Location, error) { return time.LoadLocation(c.Schedule.Timezone) }
