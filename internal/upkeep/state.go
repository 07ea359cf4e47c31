package upkeep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/doctor"
)

// A State is what is kept from one time to the next. Its names are stored.
type State struct {
	Checked time.Time               `json:"checked,omitzero"` // when everything was looked at last
	Told    map[string]doctor.Level `json:"told,omitempty"`   // the warnings and failures that editors were told of
	// Drilled is when the newest backup was last restored to see whether it can be.
	Drilled        time.Time    `json:"drilled,omitzero"`
	Drill          doctor.Level `json:"drill,omitempty"`
	BackupFailed   string       `json:"backup_failed,omitempty"` // why the last one was not written
	BackupFailedAt time.Time    `json:"backup_failed_at,omitzero"`
}

// Load reads the state; with none it is zero. With an error it is zero too.
func Load(path string) (State, error) {
	var s State
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return State{}, fmt.Errorf("read what the last checkup found: %w", err)
	}
	return s, nil
}

// A Stand is how backups and the restore drill stand.
type Stand struct {
	Scheduled   bool      // backups are
	Newest      time.Time // of the newest backup; zero: there is none
	Failing     bool      // the last try wrote none
	Drilled     time.Time // when the newest backup was last restored on trial; zero: never
	DrillFailed bool
}

// Stand reads how they stand.
func (u *Upkeep) Stand() (Stand, error) {
	state, err := Load(u.State)
	if err != nil {
		return Stand{}, err
	}
	out := Stand{
		Scheduled: u.Backups != nil, Failing: state.BackupFailed != "",
		Drilled: state.Drilled, DrillFailed: state.Drill == doctor.Fail,
	}
	if u.Backups == nil {
		return out, nil
	}
	list, err := u.Backups.List()
	if len(list) > 0 {
		out.Newest = list[0].At
	}
	return out, err
}

// Save keeps the state (0600).
func (s State) Save(path string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(data, '\n'), 0o600)
}
