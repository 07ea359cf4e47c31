package delivery

import (
	"fmt"
	"os"
)

// ThisProcess names this process to people, for Options.Holder.
func ThisProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return fmt.Sprintf("pid %d on %s", os.Getpid(), host)
}
