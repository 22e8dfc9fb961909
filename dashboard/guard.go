package dashboard

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// contentSecurityPolicy lets a page load from this handler alone, and no page frame it.
const contentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// setHeaders sets what every answer has, refusals included. There are no CORS headers.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// hostList are the hosts that requests may name, in addition to loopback names and addresses.
type hostList map[string]bool

func (l *hostList) add(host string) {
	name, port := splitHost(host)
	if name == "" || strings.ContainsAny(host, "/@?#*% \t\r\n") || strings.HasSuffix(host, ":") {
		panic(fmt.Sprintf("dashboard: WithHosts(%q): must be a host, or a host and a port", host))
	}
	if *l == nil {
		*l = hostList{}
	}
	(*l)[joinHost(name, port)] = true
}

func (l hostList) allows(host string) bool {
	name, port := splitHost(host)
	return name != "" && (l[name] || port != "" && l[joinHost(name, port)] || isLoopback(name))
}

// splitHost returns the name in lower case, without the brackets of an address and without a final
// dot, and the port, "" for none.
func splitHost(host string) (name, port string) {
	name = host
	if h, p, err := net.SplitHostPort(host); err == nil {
		name, port = h, p
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return strings.ToLower(strings.TrimSuffix(name, ".")), port
}

func joinHost(name, port string) string {
	if port == "" {
		return name
	}
	return net.JoinHostPort(name, port)
}

func isLoopback(name string) bool {
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}

// Refusals, which the browser is told.
var (
	errHost     = errors.New("this host is not one of this page: dashboard.WithHosts names the hosts")
	errForeign  = errors.New("the request comes from a page of another site")
	errFramed   = errors.New("the page may not be part of another page")
	errUnproven = errors.New("the request does not say that it comes from this page: it has neither the header " +
		"Sec-Fetch-Site: same-origin nor an Origin that is this host")
	errLong  = errors.New("the address is too long")
	errLocal = errors.New("without an access function the page can only be read, from this machine and through no proxy")
	errNo    = errors.New("you may not do this")
)

// checkOrigin refuses what a page of another site may have caused.
func checkOrigin(r *http.Request) error {
	site := strings.Join(r.Header["Sec-Fetch-Site"], ",") // two say nothing
	if r.Method == http.MethodPost {
		if site == "same-origin" || site == "" && ownOrigin(r) {
			return nil
		}
		return errUnproven
	}
	switch dest := r.Header.Get("Sec-Fetch-Dest"); {
	case dest == "iframe" || dest == "frame" || dest == "embed" || dest == "object":
		return errFramed
	case site == "" || site == "same-origin" || site == "none":
	case r.Header.Get("Sec-Fetch-Mode") == "navigate" && dest == "document": // a link to the page
		return nil
	default:
		return errForeign
	}
	if len(r.Header["Origin"]) > 0 && site != "same-origin" && !ownOrigin(r) {
		return errForeign
	}
	return nil
}

// ownOrigin reports whether the request has one Origin, and that is its Host. Of a connection
// without TLS the scheme cannot be told: a proxy may have ended TLS.
func ownOrigin(r *http.Request) bool {
	if len(r.Header["Origin"]) != 1 {
		return false
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || origin.Host == "" || origin.User != nil || origin.Path != "" {
		return false
	}
	usual := map[string]string{"http": "80", "https": "443"}[origin.Scheme]
	if usual == "" || r.TLS != nil && origin.Scheme != "https" {
		return false
	}
	name, port := splitHost(origin.Host)
	ownName, ownPort := splitHost(r.Host)
	if port == "" {
		port = usual
	}
	if ownPort == "" {
		ownPort = usual
	}
	return name == ownName && port == ownPort
}

// checkLocal lets requests read that come from this machine: for an access of nil.
func checkLocal(r *http.Request, action string) error {
	from, _ := splitHost(r.RemoteAddr)
	host, _ := splitHost(r.Host)
	if action != ActionRead || from == "localhost" || !isLoopback(from) || !isLoopback(host) || proxied(r.Header) {
		return errLocal
	}
	return nil
}

// proxied reports whether the request came through a proxy that says so.
func proxied(h http.Header) bool {
	for name := range h {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// ask asks whether the request may do the action, and returns who asks. Its error may be shown.
func (d *dashboard) ask(r *http.Request, action string) (who string, err error) {
	if d.access == nil {
		return "", checkLocal(r, action)
	}
	who, err = d.access(r, action)
	if err != nil {
		d.refused(r, action, who, err)
		return who, errNo
	}
	return who, nil
}

// offered returns the actions that the page offers to the one who asks.
func (d *dashboard) offered(r *http.Request) (may permissions) {
	if d.access == nil {
		return may
	}
	for i, action := range actionNames {
		_, err := d.access(r, action)
		may[i] = err == nil
	}
	return may
}

// actionNames are the actions of permissions, in order.
var actionNames = [...]string{ActionRun, ActionPause, ActionResume, ActionCancel, ActionLimit}

// permissions says which actions a page offers.
type permissions [len(actionNames)]bool

// May reports whether the action is offered.
func (p permissions) May(action string) bool {
	for i, name := range actionNames {
		if name == action {
			return p[i]
		}
	}
	return false
}

// refused logs a request that is refused.
func (d *dashboard) refused(r *http.Request, action, who string, err error) {
	d.log().WarnContext(r.Context(), "dashboard: refused", "method", r.Method, "action", action, "who", who,
		"remote", r.RemoteAddr, "host", brief(r.Host), "origin", brief(r.Header.Get("Origin")), "err", err)
}

// brief is the begin of what a stranger may have made as long as a header can be.
func brief(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
