package dashboard

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// headers are those of a request, as names and values.
func withHeaders(r *http.Request, headers ...string) *http.Request {
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestReadsOfOtherSites(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithHosts("ops.example.com"), WithLogger(quiet))
	for _, tc := range []struct {
		name    string
		host    string
		headers []string
		want    int
	}{
		{"a browser that says nothing", "127.0.0.1:8080", nil, 200},
		{"an address that was typed", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"the page itself", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, 200},
		{"a link of another site", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"its own Origin", "ops.example.com", []string{"Origin", "https://ops.example.com"}, 200},
		{"a fetch of another site", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", "https://evil.example"}, 403},
		{"a fetch of another port", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "empty"}, 403},
		{"a script of another site", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, 403},
		{"a frame of another site", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"a frame of its own", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"an old browser's fetch", "127.0.0.1:8080", []string{"Origin", "https://evil.example"}, 403},
		{"an old browser's fetch, other port", "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1:9090"}, 403},
		{"an old browser's sandbox", "127.0.0.1:8080", []string{"Origin", "null"}, 403},
		{"a host of the list", "ops.example.com:8443", nil, 200},
		{"in capitals, with a dot", "OPS.example.com.", nil, 200},
		{"this machine by name", "localhost:8080", nil, 200},
		{"this machine, IPv6", "[::1]:8080", nil, 200},
		{"a foreign host", "evil.example", nil, 421},
		{"a foreign host that leads here", "evil.example:8080", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://evil.example:8080"}, 421},
		{"one that begins alike", "ops.example.com.evil.example", nil, 421},
		{"one that ends alike", "evil-ops.example.com", nil, 421},
		{"an address that begins alike", "127.0.0.1.evil.example", nil, 421},
		{"a subdomain of localhost", "evil.localhost", nil, 421},
		{"no host", "", nil, 421},
	} {
		for _, path := range []string{"/", "/live?page=&once=1", "/grid", "/style.css", "/confirm?action=run&id=" + idOf(1)} {
			r := withHeaders(request(http.MethodGet, path), tc.headers...)
			r.Host = tc.host
			w := serve(h, r)
			if w.Code != tc.want {
				t.Errorf("%s, %s: %d, want %d", tc.name, path, w.Code, tc.want)
			}
			if tc.want != 200 && strings.Contains(w.Body.String(), "backup") {
				t.Errorf("%s, %s: refused, and told all the same", tc.name, path)
			}
		}
	}
}

func TestStreamsOfOtherSites(t *testing.T) {
	f := newFake()
	h := New[ranRun](f, allow, WithLogger(quiet))
	for name, headers := range map[string][]string{
		"another site": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", "https://evil.example"},
		"another port": {"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Origin", "http://127.0.0.1:9090"},
		"old browser":  {"Origin", "https://evil.example"},
	} {
		w := serve(h, withHeaders(request(http.MethodGet, "/live?page="), headers...))
		if w.Code != http.StatusForbidden || len(f.asked) > 0 {
			t.Errorf("%s: %d, and the scheduler was asked %d times", name, w.Code, len(f.asked))
		}
	}
}

func TestActionsOfOtherSites(t *testing.T) {
	for _, tc := range []struct {
		name    string
		host    string
		headers []string
		tls     bool
		want    int
	}{
		{"the page's form", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, false, 303},
		{"the page's form, an old browser", "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1:8080"}, false, 303},
		{"the usual port", "localhost", []string{"Origin", "http://localhost"}, false, 303},
		{"the usual port, said", "localhost:80", []string{"Origin", "http://localhost"}, false, 303},
		{"behind a proxy that ends TLS", "localhost", []string{"Origin", "https://localhost"}, false, 303},
		{"over TLS", "localhost", []string{"Origin", "https://localhost"}, true, 303},
		{"over TLS, from without", "localhost", []string{"Origin", "http://localhost"}, true, 403},
		{"neither header", "127.0.0.1:8080", nil, false, 403},
		{"another site's form", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false, 403},
		{"another site's form, an old browser", "127.0.0.1:8080", []string{"Origin", "https://evil.example"}, false, 403},
		{"a sandboxed form, an old browser", "127.0.0.1:8080", []string{"Origin", "null"}, false, 403},
		{"no Origin in the header", "127.0.0.1:8080", []string{"Origin", ""}, false, 403},
		{"another port", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:9090"}, false, 403},
		{"another port, an old browser", "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1:9090"}, false, 403},
		{"no port, an old browser", "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1"}, false, 403},
		{"a subdomain", "localhost:8080", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://evil.localhost:8080"}, false, 403},
		{"a bookmark", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "none"}, false, 403},
		{"a header that lies about the other", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://127.0.0.1:8080"}, false, 403},
		{"a user in the Origin", "127.0.0.1:8080", []string{"Origin", "http://a@127.0.0.1:8080"}, false, 403},
		{"another scheme", "127.0.0.1:8080", []string{"Origin", "chrome-extension://127.0.0.1:8080"}, false, 403},
		{"a foreign host that leads here", "evil.example", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://evil.example"}, false, 421},
	} {
		f := newFake()
		h := New[ranRun](f, allow, WithLogger(quiet))
		r := post(url.Values{"action": {"pause"}, "id": {idOf(1)}})
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Del("Origin")
		r.Host = tc.host
		if tc.tls {
			r.TLS = &tls.ConnectionState{}
		}
		w := serve(h, withHeaders(r, tc.headers...))
		if w.Code != tc.want || (len(f.told) == 1) != (tc.want == 303) {
			t.Errorf("%s: %d, want %d; the scheduler was told %q", tc.name, w.Code, tc.want, f.told)
		}
	}
}

func TestTwoOriginsAreNone(t *testing.T) {
	f := newFake()
	r := post(url.Values{"action": {"pause"}, "id": {idOf(1)}})
	r.Header.Del("Sec-Fetch-Site")
	r.Header["Origin"] = []string{"http://127.0.0.1:8080", "https://evil.example"}
	if w := serve(New[ranRun](f, allow, WithLogger(quiet)), r); w.Code != http.StatusForbidden || len(f.told) > 0 {
		t.Errorf("%d, told %q", w.Code, f.told)
	}
}

// TestActionsNeedAPost: a link, an image or a redirect of another site can only make a GET.
func TestActionsNeedAPost(t *testing.T) {
	f := newFake()
	h := New[ranRun](f, allow, WithLogger(quiet))
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		w := serve(h, request(method, "/do?action=pause&id="+idOf(1)))
		if w.Code != http.StatusMethodNotAllowed || len(f.told) > 0 {
			t.Errorf("%s: %d, told %q", method, w.Code, f.told)
		}
	}
	for _, path := range []string{"/", "/job?id=" + idOf(1), "/live?page=", "/confirm?action=pause&id=" + idOf(1)} {
		r := post(url.Values{"action": {"pause"}, "id": {idOf(1)}})
		r.URL, _ = url.Parse(path)
		if w := serve(h, r); w.Code != http.StatusMethodNotAllowed || len(f.told) > 0 {
			t.Errorf("POST %s: %d, told %q", path, w.Code, f.told)
		}
	}
	// The address of a POST says nothing.
	r := post(url.Values{})
	r.URL.RawQuery = "action=pause&id=" + idOf(1)
	if w := serve(h, r); w.Code != http.StatusBadRequest || len(f.told) > 0 {
		t.Errorf("an action in the address: %d, told %q", w.Code, f.told)
	}
}

func TestWithoutAccess(t *testing.T) {
	for _, tc := range []struct {
		name    string
		host    string
		remote  string
		headers []string
		want    int
	}{
		{"this machine", "127.0.0.1:8080", "127.0.0.1:1234", nil, 200},
		{"this machine by name", "localhost", "[::1]:1234", nil, 200},
		{"another of its addresses", "127.8.9.1", "127.0.0.2:1234", nil, 200},
		{"another machine", "127.0.0.1:8080", "192.168.1.7:1234", nil, 403},
		{"another machine, IPv6", "127.0.0.1:8080", "[fe80::1]:1234", nil, 403},
		{"nobody knows", "127.0.0.1:8080", "@", nil, 403},
		{"a name, which an address never is", "127.0.0.1:8080", "localhost:1234", nil, 403},
		{"a host of the list", "ops.example.com", "127.0.0.1:1234", nil, 403},
		{"a proxy", "127.0.0.1:8080", "127.0.0.1:1234", []string{"Forwarded", "for=192.0.2.60"}, 403},
		{"a proxy of the other kind", "127.0.0.1:8080", "127.0.0.1:1234", []string{"X-Forwarded-For", "192.0.2.60"}, 403},
		{"a proxy that names the host alone", "127.0.0.1:8080", "127.0.0.1:1234", []string{"X-Forwarded-Host", "ops.example.com"}, 403},
		{"a proxy, empty", "127.0.0.1:8080", "127.0.0.1:1234", []string{"X-Forwarded-Proto", ""}, 403},
		{"one more kind", "127.0.0.1:8080", "127.0.0.1:1234", []string{"X-Real-Ip", "192.0.2.60"}, 403},
		{"one more kind still", "127.0.0.1:8080", "127.0.0.1:1234", []string{"Via", "1.1 proxy"}, 403},
	} {
		f := newFake()
		h := New[ranRun](f, nil, WithHosts("ops.example.com"), WithLogger(quiet))
		for _, path := range []string{"/", "/live?page=&once=1", "/page.js"} {
			r := withHeaders(request(http.MethodGet, path), tc.headers...)
			r.Host, r.RemoteAddr = tc.host, tc.remote
			if w := serve(h, r); w.Code != tc.want {
				t.Errorf("%s, %s: %d, want %d", tc.name, path, w.Code, tc.want)
			}
		}
	}
}

func TestWithoutAccessNothingIsDone(t *testing.T) {
	f := newFake()
	h := New[ranRun](f, nil, WithLogger(quiet))
	w := serve(h, post(url.Values{"action": {"run"}, "id": {idOf(1)}}))
	if w.Code != http.StatusForbidden || len(f.told) > 0 {
		t.Errorf("%d, told %q", w.Code, f.told)
	}
	if page := get(t, h, "/"); strings.Contains(page, "confirm?") {
		t.Error("the page offers actions")
	}
	if w := serve(h, request("GET", "/confirm?action=run&id="+idOf(1))); w.Code != http.StatusForbidden {
		t.Errorf("confirm: %d", w.Code)
	}
}

func TestAccessDecides(t *testing.T) {
	f := newFake()
	logger, log := logged()
	h := New[ranRun](f, func(r *http.Request, action string) (string, error) {
		switch {
		case r.Header.Get("Test-User") == "":
			return "", errors.New("no session: secret detail")
		case action == ActionRead || action == ActionPause:
			return r.Header.Get("Test-User"), nil
		}
		return r.Header.Get("Test-User"), errors.New("only pauses")
	}, WithLogger(logger))

	w := serve(h, request("GET", "/"))
	if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "backup") || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("without a session: %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret detail") {
		t.Errorf("the refusal is not in the log: %s", log)
	}
	for _, name := range []string{"/", "/grid", "/runs", "/scheduler", "/job?id=" + idOf(1), "/live?page=", "/live?page=&once=1", "/style.css", "/confirm?action=pause&id=" + idOf(1), "/nothing"} {
		if w := serve(h, request("GET", name)); w.Code != http.StatusForbidden || len(f.asked) > 0 {
			t.Errorf("%s without a session: %d, and the scheduler was asked %d times", name, w.Code, len(f.asked))
		}
	}

	page := serve(h, withHeaders(request("GET", "/"), "Test-User", "bob")).Body.String()
	if !strings.Contains(page, "You are bob") || !strings.Contains(page, "action=pause") || strings.Contains(page, "action=run") || strings.Contains(page, "action=cancel") {
		t.Errorf("the page does not offer pause alone:\n%s", page)
	}
	for action, want := range map[string]int{"pause": 303, "run": 403, "cancel": 403, "resume": 403} {
		f.told = nil
		w := serve(h, withHeaders(post(url.Values{"action": {action}, "id": {idOf(1)}}), "Test-User", "bob"))
		if w.Code != want || (len(f.told) > 0) != (want == 303) {
			t.Errorf("%s: %d, want %d; told %q", action, w.Code, want, f.told)
		}
	}
}

func TestBadHosts(t *testing.T) {
	for _, host := range []string{"", "https://ops.example.com", "ops.example.com/jobs", "*", "*.example.com", "a b", "ops.example.com:", "user@ops"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("WithHosts(%q) does not panic", host)
				}
			}()
			New[ranRun](newFake(), nil, WithHosts(host))
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("New(nil) does not panic")
		}
	}()
	New[ranRun](nil, nil)
}

func TestHostWithPort(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithHosts("ops.example.com:8443", "[2001:db8::7]"), WithLogger(quiet))
	for host, want := range map[string]int{"ops.example.com:8443": 200, "ops.example.com": 421, "ops.example.com:80": 421, "[2001:db8::7]:80": 200, "[2001:db8::7]": 200, "[2001:db8::8]": 421} {
		r := request("GET", "/")
		r.Host = host
		if w := serve(h, r); w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}
