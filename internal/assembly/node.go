package assembly

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/server"
)

// builds reports whether a node with these roles needs the comparisons: who only sends
// has the frozen mail.
func builds(roles []string) bool {
	return len(roles) == 0 || slices.Contains(roles, server.Web) || slices.Contains(roles, server.Schedule)
}

// ErrNodeTaken: another process on this host has the node's name.
var ErrNodeTaken = errors.New("another process on this host is that node")

// nodesMost is how many processes of one host may send at once under names of their
// own making.
const nodesMost = 99

// nodeName is this process's name among the nodes of a server: the settings', else
// the host's.
func (m *Maker) nodeName() string {
	if m.in.Node != "" {
		return m.in.Node
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "node"
	}
	return strings.ToLower(notInName.ReplaceAllString(host, "-"))
}

// notInName is what a node's name, which is in its journals' names, has not.
var notInName = regexp.MustCompile(`[^A-Za-z0-9-]`)

// claimNode gives this process a node's name that no other process of the host has,
// until it ends: two senders with one name would write one journal. Without a name
// in the settings a second process gets one of its own.
func (m *Maker) claimNode(f *journal.Folder) (string, error) {
	if m.claimed != "" {
		return m.claimed, nil
	}
	for i := range nodesMost {
		name := m.nodeName()
		if i > 0 {
			name = fmt.Sprintf("%s-%d", name, i+1)
		}
		release, held, err := f.Lock("node." + name)
		if err != nil {
			return "", err
		}
		if held {
			m.claimed = name
			m.closing("node's name", release)
			return name, nil
		}
		if m.in.Node != "" {
			return "", m.in.Problem("node.name", fmt.Errorf("%w: %s; give this one another name (--node)", ErrNodeTaken, name))
		}
	}
	return "", fmt.Errorf("%w: %s and %d more", ErrNodeTaken, m.nodeName(), nodesMost-1)
}
