package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"verdicts.example/digest/internal/atomicfile"
)

// A Server is the database's server: a cluster, and the timeline that each
// promotion of a standby begins anew.
type Server struct {
	Cluster  string `json:"cluster"`
	Timeline int64  `json:"timeline"`
}

func (f *Folder) seenPath() string { return filepath.Join(f.path, "server.json") }

// Seen is the server that a sender with this folder has sent from last; zero for
// none.
func (f *Folder) Seen() (s Server, err error) {
	b, err := os.ReadFile(f.seenPath())
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read %s: %w", f.seenPath(), err)
	}
	return s, nil
}

// See notes the server, durably.
func (f *Folder) See(s Server) error {
	b, err := json.Marshal(s)
	if err == nil {
		err = replaceFile(f.seenPath(), b)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.seenPath(), err)
	}
	return atomicfile.SyncDir(f.path)
}
