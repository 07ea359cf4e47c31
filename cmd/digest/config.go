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
	w, err := a.wire()
	if err != nil {
		return err
	}
	if w.cfg.File() == "" {
		a.say("there is no config.yaml here: these are the defaults")
	}
	_, rerr := w.renderer()
	_, kerr := w.signer()
	var cerr, lerr error
	if w.cfg.SMTP.CAFile != "" {
		_, err := certificates(w.cfg.SMTP.CAFile)
		cerr = w.cfg.Problem("smtp.ca_file", err)
	}
	if w.cfg.File() != "" {
		_, lerr = w.library()
	}
	if err := errors.Join(rerr, kerr, cerr, lerr); err != nil {
		return err
	}
	for _, warning := range w.sched.Warnings() {
		a.say("%s", warning)
	}
	return a.done("the settings are right")
}
