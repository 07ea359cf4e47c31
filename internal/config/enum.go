package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The closed sets of values. Each reads itself strictly.
type (
	// Order is how a week's comparisons are ordered.
	Order string
	// Approval says whether an editor must approve an edition.
	Approval string
	// TLSMode is how the connection to the relay is encrypted.
	TLSMode string
	// LogLevel is the least level that is logged.
	LogLevel string
	// LogFormat is the form of a log line.
	LogFormat string
)

// The values.
const (
	OrderNewest   Order = "newest"
	OrderDivided  Order = "divided"
	OrderDecisive Order = "decisive"

	ApprovalAuto     Approval = "auto"
	ApprovalRequired Approval = "required"

	TLSStartTLS TLSMode = "starttls"
	TLSImplicit TLSMode = "implicit"
	TLSNone     TLSMode = "none"
)

// UnmarshalYAML reads an order.
func (v *Order) UnmarshalYAML(n *yaml.Node) error {
	return oneOf(v, n, OrderNewest, OrderDivided, OrderDecisive)
}

// UnmarshalYAML reads an approval rule.
func (v *Approval) UnmarshalYAML(n *yaml.Node) error {
	return oneOf(v, n, ApprovalAuto, ApprovalRequired)
}

// UnmarshalYAML reads a TLS mode.
func (v *TLSMode) UnmarshalYAML(n *yaml.Node) error {
	return oneOf(v, n, TLSStartTLS, TLSImplicit, TLSNone)
}

// UnmarshalYAML reads a log level.
func (v *LogLevel) UnmarshalYAML(n *yaml.Node) error {
	return oneOf(v, n, "debug", "info", "warn", "error")
}

// UnmarshalYAML reads a log format.
func (v *LogFormat) UnmarshalYAML(n *yaml.Node) error { return oneOf(v, n, "text", "json") }

func oneOf[T ~string](v *T, n *yaml.Node, allowed ...T) error {
	got := T(n.Value)
	if n.Kind == yaml.ScalarNode && slices.Contains(allowed, got) {
		*v = got
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fmt.Errorf("%q is not one of %s", n.Value, strings.Join(names, ", "))
}
