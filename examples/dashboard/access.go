package main

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os/user"
	"strings"
)

// access lets everybody on this machine do everything, under the name of who runs the program. The
// page itself refuses foreign hosts and the pages of other sites. A real program asks its sessions
// here.
func access(r *http.Request, _ string) (who string, err error) {
	if err := fromHere(r); err != nil {
		return "", err
	}
	if me, err := user.Current(); err == nil {
		return me.Username, nil
	}
	return "somebody on this machine", nil
}

// guard refuses what does not come from this machine, or names another host: a page of a stranger
// may have a name that leads to this program.
func (o options) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.allows(r.Host) {
			http.Error(w, "Refused: this host is not one of this program.", http.StatusMisdirectedRequest)
			return
		}
		if err := fromHere(r); err != nil {
			http.Error(w, "Refused: "+err.Error()+".", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allows reports whether a Host header names this machine.
func (o options) allows(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(strings.ToLower(strings.TrimSuffix(name, ".")), "[]")
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || name != "" && name == strings.ToLower(o.host) || err == nil && addr.Unmap().IsLoopback()
}

// fromHere refuses requests of other machines, also those that come through a proxy.
func fromHere(r *http.Request) error {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return errors.New("the request does not come from this machine")
	}
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return errors.New("the request comes through a proxy")
		}
	}
	return nil
}
