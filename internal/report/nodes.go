package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"verdicts.example/digest/internal/api"
)

// Nodes says what each node is, and what it has done of a send and does. What is not
// alike on them stands below.
func Nodes(w io.Writer, list []api.Node) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no node has sent yet")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tSENDING\tSHARDS\tACCEPTED\tUNKNOWN\tA SECOND\tHOST\tROLES\tVERSION\tSINCE\tDOES")
	for _, n := range list {
		at := "no"
		if n.Alive {
			at = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\n",
			n.Node, at, n.Shards, n.Accepted, n.Unknown, n.Rate, n.Host, roles(n), n.Version, n.Since, n.Does)
	}
	_ = t.Flush()
	for _, n := range list {
		for _, d := range n.Differs {
			fmt.Fprintf(w, "warning: on node %s %s\n", n.Node, d)
		}
	}
}

func roles(n api.Node) string {
	if n.Host != "" && len(n.Roles) == 0 {
		return "all"
	}
	return strings.Join(n.Roles, ",")
}
