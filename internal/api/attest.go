package api

import (
	"crypto/sha256"
	"encoding/hex"

	"verdicts.example/digest/internal/attest"
)

// An Attested is verify --export and --check: what a signed proof says.
type Attested struct {
	attest.Statement
	Holds  bool   `json:"holds"`
	Signer string `json:"key"`
	SHA256 string `json:"sha256"` // of the file
}

// NewAttested makes the row of s, which signer signed in file.
func NewAttested(s attest.Statement, signer string, file []byte) Attested {
	sum := sha256.Sum256(file)
	return Attested{Statement: s, Holds: len(s.Problems) == 0 && s.Twice == 0, Signer: signer, SHA256: hex.EncodeToString(sum[:])}
}
