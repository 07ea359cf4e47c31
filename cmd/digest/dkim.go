package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/message"
)

const dkimGenerateLong = `Make a DKIM key (RFC 6376), write it to dkim.key_file with mode 0600, and print the
DNS record that publishes its public half. An existing file is never overwritten.

RSA with 2048 bits is what every verifier knows. Ed25519 (RFC 8463) signs forty
times faster, but few verify it: use it as dkim.key_file2, beside an RSA key.`

func newDKIMCmd(a *app) *cobra.Command {
	var kind, domain, selector, file string
	generate := &cobra.Command{
		Use:     "generate",
		Short:   "Make a DKIM key and print its DNS record",
		Long:    dkimGenerateLong,
		Example: "  digest dkim generate --domain example.org --selector digest2026 --out dkim.pem",
		Args:    exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			return a.generateKey(message.KeyKind(kind), domain, selector, file)
		},
	}
	f := generate.Flags()
	f.StringVar(&kind, "type", string(message.RSA), "`KIND` of key: rsa or ed25519")
	f.StringVar(&domain, "domain", "", "signing `DOMAIN`; default dkim.domain")
	f.StringVar(&selector, "selector", "", "`SELECTOR`; default dkim.selector")
	f.StringVar(&file, "out", "", "key `FILE`; default dkim.key_file")
	return group("dkim", "Make the keys that sign mail (DKIM)", "DKIM keys sign the digest, so that mail providers can tell who sent it.", generate)
}

func (a *app) generateKey(kind message.KeyKind, domain, selector, file string) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	for _, v := range []struct {
		value        *string
		set          string
		flag, absent string
	}{
		{&domain, cfg.DKIM.Domain, "--domain", "the domain of mail.from"},
		{&selector, cfg.DKIM.Selector, "--selector", "a word such as digest2026"},
		{&file, cfg.DKIM.KeyFile, "--out", "a file such as dkim.pem"},
	} {
		if *v.value = cmp.Or(*v.value, v.set); *v.value == "" {
			return usage("digest dkim generate: %s is missing: give %s", v.flag, v.absent)
		}
	}
	if kind != message.RSA && kind != message.Ed25519 {
		return usage("digest dkim generate: --type is rsa or ed25519")
	}
	if domain, err = config.DKIMNames(domain, selector); err != nil {
		return usage("digest dkim generate: %s", err)
	}
	key, err := message.GenerateKey(kind)
	if err != nil {
		return err
	}
	if err := key.Save(file); err != nil {
		return err
	}
	record, err := message.DNSRecord(key)
	if err != nil {
		return err
	}
	name := message.RecordName(selector, domain)
	return a.show(api.DKIMKey{File: file, Name: name, Record: strings.Join(record, "")}, func() error {
		a.say("key written to %s (0600); set dkim.domain, dkim.selector and dkim.key_file, and publish this record:", file)
		a.printf("%s", message.ZoneLine(name, record))
		return nil
	})
}
