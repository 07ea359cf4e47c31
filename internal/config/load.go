package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// Sources says where to read from.
type Sources struct {
	File     string   // path of the config file
	Optional bool     // the file may be missing (nobody named it)
	Environ  []string // as os.Environ gives it
	Set      []string // "smtp.host=mx.example.org", from --set flags
}

// Load reads, checks and completes the settings. Its error joins every problem
// that was found, one a line.
func Load(src Sources) (*Config, error) {
	c, err := Read(src)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Read is Load that gives the settings beside its error, as far as they could be
// read, for a check that goes on to what they name. They are nil only when the
// file is no YAML.
func Read(src Sources) (*Config, error) {
	c := Default()
	c.origin = map[string]origin{}
	if err := c.fromFile(src); err != nil {
		return nil, err
	}
	c.fromEnv(src.Environ)
	c.fromSet(src.Set)
	if err := c.resolvePaths(src.File); err != nil {
		return nil, err
	}
	c.validate()
	return &c, c.err()
}

// fromFile reads the file. The error is for a file that cannot be read as YAML
// at all.
func (c *Config) fromFile(src Sources) error {
	data, err := os.ReadFile(src.File)
	if errors.Is(err, os.ErrNotExist) && src.Optional {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settings: %s: %s; name another file with --config", src.File, reason(err))
	}
	c.file = src.File
	root, err := strictyaml.Document(bytes.TrimPrefix(data, []byte("\ufeff")))
	var syntax *strictyaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s:%d: %s", src.File, syntax.Line, syntax.Message)
	case root != nil:
		c.decoder(src.File, false).section(root, reflect.ValueOf(c).Elem(), "")
	}
	return nil
}

// fromSet takes --set KEY=VALUE.
func (c *Config) fromSet(set []string) {
	for _, kv := range set {
		path, value, ok := strings.Cut(kv, "=")
		if !ok {
			c.problems = append(c.problems, problem{where: "--set " + kv, message: "write it as KEY=VALUE, for example --set smtp.host=mx.example.org"})
			continue
		}
		c.setOne("--set "+path, path, value)
	}
}

// setOne sets the value at a path from one text, read as YAML, so that lists
// and numbers work; a text that is no YAML is taken as it stands.
func (c *Config) setOne(source, path, value string) {
	v := reflect.ValueOf(c).Elem()
	d := c.decoder(source, true)
	parts := strings.Split(path, ".")
	for i, key := range parts {
		if !isSection(v.Type()) {
			c.problems = append(c.problems, problem{where: source, message: strings.Join(parts[:i], ".") + " holds no keys"})
			return
		}
		field, ok := fieldOf(v, key)
		if !ok { // let the reader say so, with what may be meant
			unknown := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
			d.section(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{unknown, unknown}}, v, strings.Join(parts[:i], "."))
			return
		}
		v = field
	}
	d.value(textNode(value, v.Kind()), v, path)
}

func textNode(value string, kind reflect.Kind) *yaml.Node {
	if kind == reflect.String {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil || len(doc.Content) == 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	}
	return doc.Content[0]
}
