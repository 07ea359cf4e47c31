package message

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoKeyFile is a DKIM key whose file is not there.
var ErrNoKeyFile = errors.New("there is no such DKIM key")

// LoadKey reads a key from its file.
func LoadKey(file string) (*PrivateKey, error) {
	pem, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNoKeyFile, err)
	}
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(pem)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// Save writes the key to a file of mode 0600. It never replaces a key that may
// be in use.
func (k *PrivateKey) Save(file string) error {
	pem, err := k.PEM()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists: name another file, or move that key away first", file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(pem)
	return errors.Join(err, f.Sync(), f.Close())
}

// RecordName is the name of the DNS record that publishes a key.
func RecordName(selector, domain string) string { return selector + "._domainkey." + domain + "." }

// ZoneLine is a record as a zone file has it.
func ZoneLine(name string, record []string) string {
	return fmt.Sprintf("%s IN TXT ( \"%s\" )\n", name, strings.Join(record, "\"\n  \""))
}
