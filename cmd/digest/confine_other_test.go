//go:build !linux

package main

import "fmt"

func condition(name string) (bool, error) {
	if name != "confine" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	return false, nil
}

func readOnly() {}
func asNobody() {}
