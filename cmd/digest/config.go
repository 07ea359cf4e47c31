package main

import (
	"errors"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

const configLong = `Settings come from --set flags, then the environment, then the file, then the
defaults. Every key has a variable: smtp.host is DIGEST_SMTP__HOST.`

func newConfigCmd(a *app) *cobra.Command {
	check := &cobra.Command{
		Use:   "check",
		Short: "Check the settings, and everything they name",
		Long:  "Check that every setting is known and right, that the schedule and the templates\ncan be used, and that the comparisons and the keys can be read. Changes nothing.",
		Args:  exactArgs(),
		RunE:  func(*cobra.Command, []string) error { return a.checkConfig() },
	}
	show := &cobra.Command{
		Use:   "show",
		Short: "Print the settings in force and where each came from",
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
			if a.json {
				var settings map[string]any
				if err := yaml.Unmarshal(out, &settings); err != nil {
					return err
				}
				return a.printJSON(settings)
			}
			_, err = a.stdout.Write(out)
			return err
		},
	}
	return group("config", "Check or show the settings", configLong, check, show)
}

// checkConfig makes the parts that settings describe, without opening the
// database or any connection, and names every problem at once.
func (a *app) checkConfig() error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if cfg.File() == "" {
		a.say("there is no config.yaml here: these are the defaults")
	}
	sched, serr := a.schedule()
	_, rerr := a.renderer()
	_, kerr := a.signer()
	var cerr error
	if cfg.SMTP.CAFile != "" {
		_, err := certificates(cfg.SMTP.CAFile)
		cerr = cfg.Problem("smtp.ca_file", err)
	}
	var lerr error
	if cfg.File() != "" {
		_, lerr = a.library()
	}
	if err := errors.Join(serr, rerr, kerr, cerr, lerr); err != nil {
		return err
	}
	for _, w := range sched.Warnings() {
		a.say("%s", w)
	}
	a.say("the settings are right")
	return nil
}
