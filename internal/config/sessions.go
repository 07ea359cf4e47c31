package config

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Sessions is how many connections are open at once, at most.
type Sessions int

// Auto is the number that a relay bears, found by trying, up to autoMost.
const Auto Sessions = -1

const autoMost = 64

// autoWord is how Auto is written.
const autoWord = "auto"

// MarshalYAML writes it as it is read.
func (s Sessions) MarshalYAML() (any, error) {
	if s == Auto {
		return autoWord, nil
	}
	return int(s), nil
}

// Most is the number, or what it may grow to.
func (s Sessions) Most() int {
	if s == Auto {
		return autoMost
	}
	return int(s)
}

func (s Sessions) valid() bool { return s == Auto || s >= 1 && s <= 500 }

var sessionsType = reflect.TypeFor[Sessions]()

// sessions reads a number, or auto.
func (d *decoder) sessions(n *yaml.Node, v reflect.Value, path string) bool {
	if n.Value == autoWord {
		v.SetInt(int64(Auto))
		return true
	}
	i, ok := d.read.Int(path, n)
	if ok && i < 1 {
		d.read.Fail(n, path, "%d is not between 1 and 500, nor auto", i)
		return false
	}
	v.SetInt(int64(i))
	return ok
}
