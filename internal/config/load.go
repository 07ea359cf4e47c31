package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EnvPrefix starts the environment variables: DIGEST_SMTP__HOST sets smtp.host.
const EnvPrefix = "DIGEST_"

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
	c := Default()
	c.origin = map[string]origin{}
	var errs []error
	errs = append(errs, c.fromFile(src)...)
	errs = append(errs, c.fromEnv(src.Environ)...)
	errs = append(errs, c.fromSet(src.Set)...)
	if len(errs) == 0 {
		errs = append(errs, c.resolvePaths(src.File)...)
		errs = append(errs, c.validate()...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &c, nil
}

func (c *Config) fromFile(src Sources) []error {
	data, err := os.ReadFile(src.File)
	if errors.Is(err, os.ErrNotExist) && src.Optional {
		return nil
	}
	if err != nil {
		return []error{fmt.Errorf("config: %w; name another file with --config", err)}
	}
	c.file = src.File
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return []error{fmt.Errorf("%s: %s", src.File, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return []error{fmt.Errorf("%s: holds more than one document (---); keep one", src.File)}
	}
	d := &decoder{source: src.File, origin: c.origin}
	d.structure(doc.Content[0], reflect.ValueOf(c).Elem(), "")
	return d.errs
}

func (c *Config) fromEnv(environ []string) []error {
	known := map[string]string{}
	for _, path := range leaves(reflect.TypeFor[Config](), "") {
		known[EnvName(path)] = path
	}
	var errs []error
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, EnvPrefix) {
			continue
		}
		path, ok := known[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: no setting has this name; smtp.host, for one, is %s", name, EnvName("smtp.host")))
			continue
		}
		errs = append(errs, c.setOne(name, path, value)...)
	}
	return errs
}

func (c *Config) fromSet(set []string) []error {
	var errs []error
	for _, kv := range set {
		path, value, ok := strings.Cut(kv, "=")
		if !ok {
			errs = append(errs, fmt.Errorf("--set %s: write it as KEY=VALUE, for example --set smtp.host=mx.example.org", kv))
			continue
		}
		errs = append(errs, c.setOne("--set "+path, path, value)...)
	}
	return errs
}

// setOne sets the value at a path from one text, read as YAML, so that lists
// and numbers work; a text that is no YAML is taken as it stands.
func (c *Config) setOne(source, path, value string) []error {
	v := reflect.ValueOf(c).Elem()
	d := &decoder{source: source, single: true, origin: c.origin}
	parts := strings.Split(path, ".")
	for i, key := range parts {
		if !isSection(v.Type()) {
			return []error{fmt.Errorf("%s: %s holds no keys", source, strings.Join(parts[:i], "."))}
		}
		field, ok := fieldOf(v, key)
		if !ok {
			return []error{fmt.Errorf("%s: there is no such key%s", source, didYouMean(key, keysOf(v.Type())))}
		}
		v = field
	}
	d.value(textNode(value, v.Kind()), v, path)
	return d.errs
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

// EnvName is the environment variable of a key: smtp.host is DIGEST_SMTP__HOST.
func EnvName(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "__"))
}

// resolvePaths makes paths absolute from the config file's folder and reads
// secrets from their files.
func (c *Config) resolvePaths(file string) []error {
	base, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return []error{fmt.Errorf("config: %w", err)}
	}
	for _, p := range []*string{&c.Database, &c.Comparisons.Dir, &c.SMTP.PasswordFile, &c.SMTP.CAFile, &c.DKIM.KeyFile, &c.DKIM.KeyFile2, &c.Templates} {
		if *p != "" && !filepath.IsAbs(*p) && !strings.Contains(*p, "://") {
			*p = filepath.Join(base, *p)
		}
	}
	if c.SMTP.PasswordFile == "" {
		return nil
	}
	if c.SMTP.Password != "" {
		return []error{c.problem("smtp.password_file", "smtp.password is set too; keep one of the two")}
	}
	secret, err := os.ReadFile(c.SMTP.PasswordFile)
	if err != nil {
		return []error{c.problem("smtp.password_file", "%s", err)}
	}
	c.SMTP.Password = strings.TrimRight(string(secret), "\r\n")
	if c.SMTP.Password == "" {
		return []error{c.problem("smtp.password_file", "%s is empty", c.SMTP.PasswordFile)}
	}
	return nil
}

// Problem says of an error in a setting's value, which another package found,
// where the value stands. It is nil for a nil error.
func (c *Config) Problem(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", c.where(path), path, err)
}

func (c *Config) problem(path, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %s", c.where(path), path, fmt.Sprintf(format, args...))
}

func (c *Config) where(path string) string {
	if o, ok := c.origin[path]; ok {
		return o.where
	}
	if c.file != "" {
		return c.file
	}
	return "default"
}
