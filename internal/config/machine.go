package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// OnThisMachine asks what only the machine can tell of settings that are right by
// themselves: whether their folders can be made and written, and whether their
// addresses are this machine's. It makes nothing. What may be otherwise when serve
// starts is a warning.
func (c *Config) OnThisMachine() (warnings []string, err error) {
	var errs []error
	for _, f := range c.keptFolders() {
		if !c.IsBroken(f.key) {
			errs = append(errs, c.Problem(f.key, writable(f.dir)))
		}
	}
	for _, l := range c.listeners() {
		if l.addr == "" || !l.here || c.IsBroken(l.key) {
			continue
		}
		warning, err := listenable(l.addr)
		errs = append(errs, c.Problem(l.key, err))
		if warning != "" {
			warnings = append(warnings, c.where(l.key)+": "+l.key+": "+warning)
		}
	}
	return warnings, errors.Join(errs...)
}

// A keptFolder is a folder that the program makes and writes to.
type keptFolder struct{ key, dir string }

func (c *Config) keptFolders() []keptFolder {
	var list []keptFolder
	if !c.UsesServer() {
		list = append(list, keptFolder{"database", filepath.Dir(c.Database)})
	}
	if c.Data != "" {
		list = append(list, keptFolder{"data", c.Data})
	}
	if c.Backup.Schedule != "" && c.Backup.Dir != "" {
		list = append(list, keptFolder{"backup.dir", c.Backup.Dir})
	}
	if c.Comparisons.Feed != "" {
		list = append(list, keptFolder{"comparisons.dir", c.Comparisons.Dir})
	}
	return list
}

// A listener is a setting that names an address to listen on; here reports whether
// this node does.
type listener struct {
	key, addr string
	here      bool
}

func (c *Config) listeners() []listener {
	return []listener{{"listen", c.Listen, true}, {"metrics", c.Metrics, true}, {"inbound.listen", c.Inbound.Listen, c.HasRole("inbound")}}
}

// writable is nil when this user can write to a folder, or make it.
func writable(dir string) error {
	there := dir
	for {
		info, err := os.Stat(there)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			if up := filepath.Dir(there); up != there {
				there = up
				continue
			}
			return fmt.Errorf("%s cannot be made: %s", dir, reason(err))
		case err != nil:
			return fmt.Errorf("%s cannot be looked at: %s", dir, reason(err))
		case !info.IsDir():
			return fmt.Errorf("%s cannot be made: %s is a file, not a folder", dir, there)
		}
		break
	}
	why := access(there)
	switch {
	case why == nil:
		return nil
	case there == dir:
		return fmt.Errorf("%s cannot be written by this user (%d): %w", dir, os.Geteuid(), why)
	}
	return fmt.Errorf("%s cannot be made: %s cannot be written by this user (%d): %w", dir, there, os.Geteuid(), why)
}

// listenable fails for an address that is another machine's, and says what serve
// may fail of. It takes a free port for an instant, and one that needs a privilege
// where the address has such a one.
func listenable(addr string) (warning string, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil // validate has said so
	}
	err = tryListen(net.JoinHostPort(host, "0"))
	if n, _ := strconv.Atoi(port); err == nil && n > 0 && n < 1024 {
		err = tryListen(addr)
	}
	return judged(host, port, err)
}

// judged is listenable, of how it went.
func judged(host, port string, err error) (warning string, _ error) {
	var dns *net.DNSError
	switch {
	case err == nil, errors.Is(err, syscall.EADDRINUSE):
		return "", nil
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "", fmt.Errorf("%s is not an address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 or :: every address of it", host)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("this user (%d) may not listen on port %s; serve needs CAP_NET_BIND_SERVICE, or a port from 1024 on behind a proxy", os.Geteuid(), port), nil
	case errors.As(err, &dns):
		return fmt.Sprintf("%s has no address that is known here now (%s); serve fails while that is so", host, dns.Err), nil
	}
	return fmt.Sprintf("%s: serve fails while that is so", err), nil
}

func tryListen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return ln.Close()
}
