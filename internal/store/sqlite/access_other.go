//go:build !unix

package sqlite

func access(string) error { return nil }
