package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// Attest gives the proof of a week's send as a signed file.
func (d *Desk) Attest(ctx context.Context, w edition.Week, program string) ([]byte, error) {
	proof, err := d.Verify(ctx, w)
	if err != nil {
		return nil, err
	}
	e, err := d.Edition(ctx, w)
	if err != nil {
		return nil, err
	}
	root, err := d.ledger().Root(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	s := attest.Statement{
		Format: attest.Format, List: d.in.Sender, Week: w.String(), State: string(e.State), Subject: e.Subject, At: asOf(e, d.in.Now()),
		Recipients: proof.Info.Recipients, Twice: proof.Twice.Count, Problems: append([]string{}, proof.Problems()...),
		Journal: hex.EncodeToString(root[:]), Program: program,
	}
	if s.Versions, err = d.versions(ctx, e); err != nil {
		return nil, err
	}
	s.Relays = AttestedRelays(proof.Relays)
	secret, err := d.in.Secret(ctx)
	if err != nil {
		return nil, err
	}
	return attest.Sign(s, secret)
}

// AttestedRelays are the relays of a proof that were asked for somebody.
func AttestedRelays(list []delivery.RelayCounts) []attest.Relay {
	out := []attest.Relay{}
	for _, r := range list {
		if r.Tried() > 0 {
			c := r.Counts
			out = append(out, attest.Relay{
				Name: r.Relay, Accepted: c[delivery.Accepted], Failed: c[delivery.Failed], Deferred: c[delivery.Deferred], Unknown: c[delivery.Unknown],
			})
		}
	}
	return out
}

// asOf is when a send stood as it is: of one that has ended, its end, so that its
// proof has the same bytes whenever it is exported, until a delivery is settled.
func asOf(e edition.Edition, now time.Time) time.Time {
	if !e.FinishedAt.IsZero() {
		return e.FinishedAt.UTC()
	}
	return now.UTC()
}

// Digest is the SHA-256 of the file that Attest gives, in hex.
func (d *Desk) Digest(ctx context.Context, w edition.Week, program string) (string, error) {
	data, err := d.Attest(ctx, w, program)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), err
}

// Versions are the forms of a week's frozen mail, and what became of each.
func (d *Desk) Versions(ctx context.Context, w edition.Week) ([]attest.Version, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return nil, err
	}
	return d.versions(ctx, e)
}

func (d *Desk) versions(ctx context.Context, e edition.Edition) ([]attest.Version, error) {
	counts, err := d.in.Versions(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	frozen, err := d.in.Editions.Frozen(ctx, e.Week)
	if err != nil && !errors.Is(err, edition.ErrNotFound) { // an edition that was taken over from its journals has no bytes
		return nil, err
	}
	hashes, slugs := map[int]string{}, map[int][]string{}
	for _, v := range frozen {
		sum := sha256.Sum256(v.Message)
		hashes[v.Number], slugs[v.Number] = hex.EncodeToString(sum[:]), v.Slugs
	}
	list := []attest.Version{}
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		c := counts[n]
		list = append(list, attest.Version{
			Number: n + 1, SHA256: hashes[n], Compares: slugs[n], Accepted: c[delivery.Accepted], Failed: c[delivery.Failed], Deferred: c[delivery.Deferred],
			Unknown: c[delivery.Unknown], Suppressed: c[delivery.Suppressed], Open: c.Open() - c[delivery.Deferred],
		})
	}
	return list, nil
}
