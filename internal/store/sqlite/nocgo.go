//go:build !cgo

package sqlite

// SQLite is written in C. Without a compiler the driver would build all the same,
// as a stub that fails when it is first used; this stops the build and says what
// is missing.
var _ = digest_needs_a_C_compiler_install_gcc_or_clang_and_build_with_CGO_ENABLED_1
