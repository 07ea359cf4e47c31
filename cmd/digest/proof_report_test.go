package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The report mail that readers of it compare with an exported proof has that file's
// hash: one that is exported after the send, and one that is exported after the mail.
func TestReportHasTheHashOfTheExportedProof(t *testing.T) {
	t.Parallel()
	k := newKillable(t, 9)
	k.must(0, "subscribers", "import", "readers.csv", "--yes")
	k.must(0, "send", "--yes")
	hashes := map[string]string{}
	export := func(name string) {
		t.Helper()
		said := k.must(0, "verify", "--week", "2026-W47", "--export", name)
		data, err := os.ReadFile(filepath.Join(k.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if hashes[name] = hex.EncodeToString(sum[:]); !strings.Contains(said, hashes[name]) {
			t.Errorf("verify --export says %s, and the file's hash is %s", said, hashes[name])
		}
		k.must(0, "verify", "--check", name)
	}
	export("before.json")
	var mailed string
	if !k.killed(func() bool { mailed = k.reported(); return mailed != "" }, "serve") {
		t.Fatal("serve ended before the report was mailed")
	}
	export("after.json")
	for name, hash := range hashes {
		if hash != mailed {
			t.Errorf("%s has the hash %s, the report mail %s", name, hash, mailed)
		}
	}
}

var aHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// reported is the hash in the mail with the send's report; "" while there is none.
func (k *killable) reported() string {
	for _, m := range k.sink.Messages() {
		if m.To != "editor@verdicts.example" {
			continue
		}
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(m.Data)))
		if err != nil {
			k.t.Fatal(err)
		}
		if hash := aHash.Find(text); hash != nil {
			return string(hash)
		}
	}
	return ""
}
