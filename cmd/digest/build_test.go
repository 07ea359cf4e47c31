package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Without a C compiler the build fails, and its first line says what is missing.
func TestBuildWithoutCCompiler(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "build", "-o", os.DevNull, "../../internal/store/sqlite")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "needs_a_C_compiler_install_gcc_or_clang") {
		t.Errorf("got %v and %q, want a build that says what is missing", err, out)
	}
}
