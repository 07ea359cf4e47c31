package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
	"verdicts.example/digest/internal/version"
)

const verifyLong = `Prove a send from the records: every recipient that was frozen is accepted,
failed, deferred, unknown or suppressed (or still queued while it runs), and
by the journal nobody's message was ended more often than it was refused, plus
one. Exits 6 when the proof does not hold.

--export FILE writes it as JSON without addresses, signed with a key that is derived
from the list's secret: what became of the readers of each version of the mail, the
hashes of its bytes and of the journal, and the program's version. --check FILE checks
such a file anywhere: its signature and its sums.`

func newVerifyCmd(a *app) *cobra.Command {
	var export, check string
	cmd := a.weekCmd(&cobra.Command{Use: "verify", Short: "Prove that nobody was mailed twice and nobody missed", Long: verifyLong},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			if export != "" {
				return a.exportProof(ctx, d, w, export)
			}
			return a.verify(ctx, d, w)
		})
	cmd.Flags().StringVar(&export, "export", "", "write the signed proof, without addresses, to `FILE`, which must not exist")
	cmd.Flags().StringVar(&check, "check", "", "check the exported proof in `FILE`; needs no database")
	prove := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case check != "" && export != "":
			return usage("digest verify: --export writes a proof and --check reads one: give one of the two")
		case check != "":
			return a.checkProof(check)
		}
		return prove(cmd, args)
	}
	return cmd
}

// exportProof writes the signed proof to a new file.
func (a *app) exportProof(ctx context.Context, d *desk.Desk, w edition.Week, file string) error {
	data, err := d.Attest(ctx, w, version.This().String())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // it has no address: it is to be shown
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	s, signer, err := attest.Check(data)
	if err != nil {
		return withCode(exitCheck, err)
	}
	return a.did(api.NewAttested(s, signer, data), "the proof of %s is in %s, signed by %s; SHA-256 %x", w, file, signer, sha256.Sum256(data))
}

// checkProof checks an exported proof by itself.
func (a *app) checkProof(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	s, signer, err := attest.Check(data)
	if err != nil {
		return withCode(exitCheck, fmt.Errorf("%s: %w", file, err))
	}
	row := api.NewAttested(s, signer, data)
	err = a.write(row, func(w io.Writer) { report.Attested(w, s, signer) })
	if err == nil && !row.Holds {
		err = exit(exitCheck)
	}
	return err
}

func (a *app) verify(ctx context.Context, d *desk.Desk, w edition.Week) error {
	proof, err := d.Verify(ctx, w)
	if err != nil {
		return err
	}
	versions, err := d.Versions(ctx, w)
	if err != nil {
		return err
	}
	row := api.NewProof(proof, versions)
	err = a.write(row, func(out io.Writer) { report.Proof(out, proof, versions) })
	if err == nil && !row.Holds {
		err = exit(exitCheck)
	}
	return err
}
