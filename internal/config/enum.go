package config

// An enum is a text with a closed set of values.
type enum interface{ values() []string }

// The closed sets of values.
type (
	// Order is how a week's comparisons are ordered.
	Order string
	// Detail is how much of each comparison a mail shows.
	Detail string
	// Approval reports whether an editor must approve an edition.
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
	OrderNews     Order = "news"
	OrderNewest   Order = "newest"
	OrderDivided  Order = "divided"
	OrderDecisive Order = "decisive"

	DetailLead  Detail = "lead"
	DetailFull  Detail = "full"
	DetailBrief Detail = "brief"

	ApprovalAuto     Approval = "auto"
	ApprovalRequired Approval = "required"

	TLSStartTLS TLSMode = "starttls"
	TLSImplicit TLSMode = "implicit"
	TLSNone     TLSMode = "none"
)

func (Order) values() []string     { return texts(OrderNews, OrderNewest, OrderDivided, OrderDecisive) }
func (Detail) values() []string    { return texts(DetailLead, DetailFull, DetailBrief) }
func (Approval) values() []string  { return texts(ApprovalAuto, ApprovalRequired) }
func (TLSMode) values() []string   { return texts(TLSStartTLS, TLSImplicit, TLSNone) }
func (LogLevel) values() []string  { return []string{"debug", "info", "warn", "error"} }
func (LogFormat) values() []string { return []string{"text", "json"} }

func texts[T ~string](list ...T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
