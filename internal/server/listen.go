package server

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen opens the listeners that the settings of these names say: "listen",
// "metrics" and "inbound.listen". An empty address is none.
func Listen(site, operators, mail string) (on Listeners, err error) {
	for _, l := range []struct {
		setting, addr string
		to            *net.Listener
	}{{"listen", site, &on.Site}, {"metrics", operators, &on.Operators}, {"inbound.listen", mail, &on.Mail}} {
		if l.addr == "" {
			continue
		}
		if *l.to, err = listen(l.setting, l.addr); err != nil {
			for _, open := range []net.Listener{on.Site, on.Operators} {
				if open != nil {
					err = errors.Join(err, open.Close())
				}
			}
			return on, err
		}
	}
	return on, nil
}

// listen opens a listener; a port in use is an error that says which setting.
func listen(setting, addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: %w; is another digest running? --set %s=127.0.0.1:0 takes a free port", setting, err, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; --set %s=HOST:PORT names an address of this machine that this user may use", setting, err, setting)
	}
	return ln, nil
}
