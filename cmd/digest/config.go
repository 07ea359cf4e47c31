package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/spelling"
)

const configLong = `Settings come from --set flags, then the environment, then the file, then the
defaults. Every key has a variable: smtp.host is DIGEST_SMTP__HOST.`

func newConfigCmd(a *app) *cobra.Command {
	check := &cobra.Command{
		Use:   "check",
		Short: "Check the settings, and everything they name",
		Long:  "Check that every setting is known and valid, that the schedule and the templates\ncan be used, and that the comparisons and the keys can be read. Nothing is changed.",
		Args:  exactArgs(),
		RunE:  func(*cobra.Command, []string) error { return a.checkConfig() },
	}
	show := &cobra.Command{
		Use:   "show",
		Short: "Print the settings in force and where each comes from",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			out, err := cfg.YAML()
			if err != nil {
				return err
			}
			var settings map[string]any
			if err := yaml.Unmarshal(out, &settings); err != nil {
				return err
			}
			return a.showText(settings, string(out))
		},
	}
	return group("config", "Check or show the settings", configLong, check, show)
}

// checkConfig makes the parts that settings describe, without opening the
// database or any connection, and names every problem at once.
func (a *app) checkConfig() error {
	cfg, err := config.Read(a.sources())
	if cfg == nil {
		return err
	}
	a.cfg = cfg
	if cfg.File() == "" {
		a.say("there is no config.yaml here: these are the defaults")
	}
	sched, serr := checkedSchedule(cfg)
	_, berr := schedule.ParseCron(cfg.Backup.Schedule)
	here, merr := cfg.OnThisMachine()
	if err := errors.Join(err, serr, cfg.Problem("backup.schedule", berr), a.checkFiles(cfg), merr, cfg.ReadyForReaders()); err != nil {
		return err
	}
	for _, warning := range slices.Concat(here, cfg.Warnings(), sched.Warnings()) {
		a.say("%s", warning)
	}
	return a.done("the settings are valid")
}

// checkedSchedule is the schedule; nil without an error where its zone is wrong,
// which the settings say themselves.
func checkedSchedule(cfg *config.Config) (*schedule.Schedule, error) {
	if cfg.IsBroken("schedule.timezone") {
		return nil, nil
	}
	return newSchedule(cfg)
}

// checkFiles reads the templates, keys, certificates and comparisons that the
// settings name.
func (a *app) checkFiles(cfg *config.Config) error {
	w, _ := a.wire() // its errors are those of the settings and the schedule
	var errs []error
	try := func(key string, load func() error) {
		if !cfg.IsBroken(key) {
			errs = append(errs, load())
		}
	}
	try("templates", func() error { _, err := w.Renderer(); return errors.Join(err, w.CheckPages()) })
	try("dkim.key_file", func() error {
		if cfg.IsBroken("dkim.domain") || cfg.IsBroken("dkim.selector") || cfg.IsBroken("dkim.selector2") {
			return nil
		}
		_, err := w.Signer()
		return err
	})
	try("smtp.ca_file", func() error {
		if cfg.SMTP.CAFile == "" {
			return nil
		}
		_, err := mailer.Certificates(cfg.SMTP.CAFile)
		return cfg.Problem("smtp.ca_file", err)
	})
	try("comparisons.dir", func() error {
		if cfg.File() == "" {
			return nil
		}
		lib, err := w.Library()
		if n := len(lib.Problems); n > 0 {
			a.say("comparisons.dir: %s in the comparisons; 'digest comparisons lint' names them", spelling.Count(int64(n), "problem"))
		}
		return err
	})
	return errors.Join(errs...)
}
