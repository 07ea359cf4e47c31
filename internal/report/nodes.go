package report

import (
	"fmt"
	"io"
	"text/tabwriter"

	"verdicts.example/digest/internal/api"
)

// Nodes says what each node has done of a send, and does.
func Nodes(w io.Writer, list []api.Node) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no node has sent yet")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tSENDING\tSHARDS\tACCEPTED\tUNKNOWN\tA SECOND")
	for _, n := range list {
		at := "no"
		if n.Alive {
			at = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%.0f\n", n.Node, at, n.Shards, n.Accepted, n.Unknown, n.Rate)
	}
	_ = t.Flush()
}
