// Package version says which program this is.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// A Build is a program that was built.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// This is the running program; one that was built from no release is "devel".
func This() Build {
	b := Build{Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}

func (b Build) String() string {
	return fmt.Sprintf("digest %s (%s, %s/%s)", b.Version, b.Go, b.OS, b.Arch)
}
