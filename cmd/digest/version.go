package main

import (
	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/version"
)

func newVersionCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			b := version.This()
			return a.showText(b, b.String()+"\n")
		},
	}
}
