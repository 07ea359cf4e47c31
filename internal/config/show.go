package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// Secret stands in for a secret's value wherever settings are shown.
const Secret = "(hidden)"

// YAML gives the settings in force as YAML, each that is not a default with
// where it came from, secrets hidden.
func (c *Config) YAML() ([]byte, error) {
	shown := *c
	if shown.SMTP.Password != "" {
		shown.SMTP.Password = Secret
	}
	shown.Database = c.DatabaseName()
	if shown.Inbound.Postmark.Password != "" {
		shown.Inbound.Postmark.Password = Secret
	}
	var doc yaml.Node
	if err := doc.Encode(&shown); err != nil {
		return nil, fmt.Errorf("show config: %w", err)
	}
	c.annotate(&doc, "")
	return yaml.Marshal(&doc)
}

func (c *Config) annotate(n *yaml.Node, path string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at := strictyaml.Join(path, n.Content[i].Value)
		if o, ok := c.origin[at]; ok {
			n.Content[i+1].LineComment = o.where
		}
		c.annotate(n.Content[i+1], at)
	}
}
