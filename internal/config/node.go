package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"verdicts.example/digest/internal/spelling"
)

var nodeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// roles are what of serve may run on one node and not on another.
var roles = []string{"web", "schedule", "send", "inbound", "courier"}

// HasRole reports whether this node has a role: without any it has all.
func (c *Config) HasRole(role string) bool {
	return len(c.Node.Roles) == 0 || slices.Contains(c.Node.Roles, role)
}

func (c *Config) validateNode() {
	n := c.Node
	if n.Name == "" && len(n.Roles) == 0 {
		return
	}
	if !c.UsesServer() {
		c.problemf("node", "is for several processes on one PostgreSQL database; 'database' is a file, which one process serves")
		return
	}
	if n.Name != "" && !nodeName.MatchString(n.Name) {
		c.problemf("node.name", "%q is not a plain name: a-z, 0-9 and -, at most 63", n.Name)
	}
	for _, r := range n.Roles {
		if !slices.Contains(roles, r) {
			hint := ""
			if meant, ok := spelling.Meant(r, roles); ok {
				hint = "; did you mean " + meant + "?"
			}
			c.problemf("node.roles", "%q is not known%s One or more of: %s", r, cmp.Or(hint, "."), strings.Join(roles, ", "))
		}
	}
	if c.UsesMailbox() && len(n.Roles) > 0 && (!c.HasRole("web") || !c.HasRole("send")) {
		c.problemf("node.roles", "the built-in mailbox is in one process; with roles on several, name the relay in smtp.host")
	}
}
