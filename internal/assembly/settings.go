package assembly

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/workbench"
)

// editors are those of the settings as they are now: who is taken out is out at
// once.
func (m *Maker) editors() []string {
	if m.in.Again == nil {
		return m.in.Editors
	}
	return m.in.Again().Settings.Editors
}

func (m *Maker) roster() editors.Roster { return editors.NewRoster(m.editors()) }

// over is a maker of other settings over the same library and database.
func (m *Maker) over(in Settings) *Maker {
	in.Database, in.Server, in.Journals, in.Node, in.Again = m.in.Database, m.in.Server, m.in.Journals, m.in.Node, m.in.Again
	return &Maker{in: in, host: m.host, shelf: m.shelf, first: m}
}

// fixed are the settings that a preview takes at its start.
func fixed(setting string) bool {
	section, _, _ := strings.Cut(setting, ".")
	return slices.Contains([]string{"database", "database_password_file", "data", "node", "comparisons", "log"}, section)
}

// followed has a preview's workbench work with the settings as they are now. The
// function that it gives tells how they stand, and is asked before each page.
func (m *Maker) followed(ctx context.Context, bench func() *workbench.Workbench, in workbench.Deps) (standing func() workbench.Standing) {
	var mu sync.Mutex
	used := m.in.Again().Version
	var broken error // of the settings that were tried last
	standing = func() workbench.Standing {
		mu.Lock()
		defer mu.Unlock()
		later := m.in.Again()
		out := workbench.Standing{Err: later.Err, Restart: "digest preview"}
		for _, setting := range later.Changed {
			if fixed(setting) {
				out.Waiting = append(out.Waiting, setting)
			}
		}
		if later.Err == nil && used != later.Version {
			used = later.Version
			broken = m.use(ctx, bench(), later.Settings, in)
		}
		if out.Err == nil {
			out.Err = broken
		}
		return out
	}
	in.Standing = standing
	return standing
}

// use makes the parts of other settings and hands them to a workbench.
func (m *Maker) use(ctx context.Context, bench *workbench.Workbench, s Settings, in workbench.Deps) error {
	next := m.over(s)
	d, err := next.Desk(ctx, MayLackOne, Previews)
	if err != nil {
		return err
	}
	return bench.Use(next.previewDeps(d, in))
}

// standing tells how the settings, and the templates, of serve stand against those
// of its start.
func (m *Maker) standing() func() workbench.Standing {
	start := templateFiles(m.in.Templates)
	return func() workbench.Standing {
		if m.in.Again == nil {
			return workbench.Standing{}
		}
		later := m.in.Again()
		out := workbench.Standing{Err: later.Err, Restart: "digest serve"}
		for _, setting := range later.Changed {
			if setting != "editors" {
				out.Waiting = append(out.Waiting, setting)
			}
		}
		now := templateFiles(m.in.Templates)
		for _, name := range names(start, now) {
			if !bytes.Equal(start[name], now[name]) {
				out.Waiting = append(out.Waiting, name)
			}
		}
		return out
	}
}

// templateFiles are the operator's own templates, by their names.
func templateFiles(dir string) map[string][]byte {
	out := map[string][]byte{}
	if dir == "" {
		return out
	}
	top := os.DirFS(dir)
	_ = fs.WalkDir(top, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
			out[name], _ = fs.ReadFile(top, name) // one that cannot be read is as an empty one
		}
		return nil
	})
	return out
}

// names are the keys of two sets, each once, sorted.
func names(a, b map[string][]byte) []string {
	var out []string
	for _, set := range []map[string][]byte{a, b} {
		for name := range set {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// previewDeps are what a preview's workbench works with; in names editor, week and
// reader.
func (m *Maker) previewDeps(d *desk.Desk, in workbench.Deps) workbench.Deps {
	deps := m.benchDeps(d)
	deps.Week, deps.Reader, deps.Who, deps.Standing = in.Week, in.Reader, in.Who, in.Standing
	return deps
}
