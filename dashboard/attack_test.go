package dashboard

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// raw sends what nobody has put in order, and reads the answer.
func (s *site) raw(request string) (status int, header http.Header, body string) {
	s.t.Helper()
	conn, err := s.pipes.dial()
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }() // the server may not want all of it
	method, _, _ := strings.Cut(request, " ")
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		s.t.Fatalf("%.80q: %v", request, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.t.Fatalf("%.80q: %v", request, err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

const (
	ownHost = "Host: 127.0.0.1:8080\r\n"
	evil    = "evil.example"
)

// form is the body of a POST that pauses a job, with its headers.
func form(more string) string {
	body := "action=pause&id=" + idOf(1) + more
	return "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\nConnection: close\r\n\r\n" + body
}

// TestRawRequests: what clients send that are no browsers, or that a page of a stranger has a
// browser send. Nothing is read and nothing done that is not wanted.
func TestRawRequests(t *testing.T) {
	const end = "Connection: close\r\n\r\n"
	const same = "Sec-Fetch-Site: same-origin\r\n"
	const socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, tc := range []struct {
		name    string
		request string
		want    int
		acts    bool
	}{
		{"HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", 421, false},
		{"HTTP/1.0 with one", "GET / HTTP/1.0\r\n" + ownHost + "\r\n", 200, false},
		{"HTTP/1.1 without a host", "GET / HTTP/1.1\r\n" + end, 400, false},
		{"an empty host", "GET / HTTP/1.1\r\nHost:\r\n" + end, 421, false},
		{"two hosts", "GET / HTTP/1.1\r\n" + ownHost + "Host: " + evil + "\r\n" + end, 400, false},
		{"an address with a foreign host", "GET http://" + evil + "/ HTTP/1.1\r\n" + ownHost + end, 421, false},
		{"an address with a foreign host, and a user", "GET http://127.0.0.1@" + evil + "/ HTTP/1.1\r\n" + ownHost + end, 421, false},
		{"an address with its own host", "GET http://127.0.0.1:8080/ HTTP/1.1\r\n" + ownHost + end, 200, false},
		{"a host with a path", "GET / HTTP/1.1\r\nHost: 127.0.0.1/" + evil + "\r\n" + end, 400, false},
		{"a host with a user", "GET / HTTP/1.1\r\nHost: 127.0.0.1@" + evil + "\r\n" + end, 400, false},
		{"a number that is this address", "GET / HTTP/1.1\r\nHost: 2130706433\r\n" + end, 421, false},
		{"all addresses", "GET / HTTP/1.1\r\nHost: 0.0.0.0:8080\r\n" + end, 421, false},

		{"the form of the page", "POST /do HTTP/1.1\r\n" + ownHost + same + form(""), 303, true},
		{"a form of another site", "POST /do HTTP/1.1\r\n" + ownHost + "Sec-Fetch-Site: cross-site\r\nOrigin: https://" + evil + "\r\n" + form(""), 403, false},
		{"a form of a sandbox", "POST /do HTTP/1.1\r\n" + ownHost + "Sec-Fetch-Site: cross-site\r\nOrigin: null\r\n" + form(""), 403, false},
		{"a form of an old browser's sandbox", "POST /do HTTP/1.1\r\n" + ownHost + "Origin: null\r\n" + form(""), 403, false},
		{"a form that came by no link", "POST /do HTTP/1.1\r\n" + ownHost + "Sec-Fetch-Site: none\r\n" + form(""), 403, false},
		{"a form that says nothing", "POST /do HTTP/1.1\r\n" + ownHost + form(""), 403, false},
		{"a form over HTTP/1.0", "POST /do HTTP/1.0\r\n" + form(""), 421, false},
		{"a form of two sites", "POST /do HTTP/1.1\r\n" + ownHost + same + "Sec-Fetch-Site: cross-site\r\n" + form(""), 403, false},
		{"a form of two origins", "POST /do HTTP/1.1\r\n" + ownHost + "Origin: http://127.0.0.1:8080\r\nOrigin: https://" + evil + "\r\n" + form(""), 403, false},
		{"a form of another port", "POST /do HTTP/1.1\r\n" + ownHost + "Origin: http://127.0.0.1:9090\r\n" + form(""), 403, false},
		{"a form to a foreign host", "POST http://" + evil + "/do HTTP/1.1\r\n" + ownHost + same + form(""), 421, false},
		{"a form under a path of another", "POST //" + evil + "/do HTTP/1.1\r\n" + ownHost + "Sec-Fetch-Site: cross-site\r\n" + form(""), 403, false},
		{"another method", "PUT /do HTTP/1.1\r\n" + ownHost + same + form(""), 405, false},
		{"a method that another header names", "GET /do HTTP/1.1\r\n" + ownHost + same + "X-HTTP-Method-Override: POST\r\n" + form(""), 405, false},
		{"JSON", "POST /do HTTP/1.1\r\n" + ownHost + same + "Content-Type: application/json\r\nContent-Length: 18\r\n" + end + `{"action":"pause"}`, 400, false},
		{"a form with parts", "POST /do HTTP/1.1\r\n" + ownHost + same + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 67\r\n" + end +
			"--x\r\nContent-Disposition: form-data; name=action\r\n\r\npause\r\n--x--\r\n", 400, false},
		{"a note of 1 MB", "POST /do HTTP/1.1\r\n" + ownHost + same + form("&note="+strings.Repeat("x", 1<<20)), 400, false},

		{"a form of 1 MB", "POST /do HTTP/1.1\r\n" + ownHost + same + form("&other="+strings.Repeat("x", 1<<20)), 400, false},

		{"a web socket of another site", "GET /live?page= HTTP/1.1\r\n" + ownHost + socket + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: websocket\r\nOrigin: https://" + evil + "\r\n\r\n", 403, false},
		{"a web socket of an old browser", "GET /live?page= HTTP/1.1\r\n" + ownHost + socket + "Origin: https://" + evil + "\r\n\r\n", 403, false},
		{"a question before a fetch", "OPTIONS /do HTTP/1.1\r\n" + ownHost + "Origin: https://" + evil + "\r\nAccess-Control-Request-Method: POST\r\n" + end, 403, false},
		{"OPTIONS *, which net/http answers", "OPTIONS * HTTP/1.1\r\n" + ownHost + end, 200, false},
		{"HEAD", "HEAD / HTTP/1.1\r\n" + ownHost + end, 200, false},
		{"HEAD of a foreign host", "HEAD / HTTP/1.1\r\nHost: " + evil + "\r\n" + end, 421, false},
		{"TRACE", "TRACE / HTTP/1.1\r\n" + ownHost + end, 405, false},

		{"a path that is a host", "GET //" + evil + " HTTP/1.1\r\n" + ownHost + end, 404, false},
		{"a path that goes up", "GET /%2e%2e/%2e%2e/guard.go HTTP/1.1\r\n" + ownHost + end, 404, false},
		{"a path that goes up in the assets", "GET /..%2ftemplates%2fjobs.html HTTP/1.1\r\n" + ownHost + end, 404, false},
		{"a path of another system", "GET /..%5ctemplates%5cjobs.html HTTP/1.1\r\n" + ownHost + end, 404, false},
		{"a path with a zero", "GET /style.css%00.html HTTP/1.1\r\n" + ownHost + end, 404, false},
		{"a long query", "GET /?q=" + strings.Repeat("x", mostAddress) + " HTTP/1.1\r\n" + ownHost + end, 414, false},
		{"a long path", "GET /" + strings.Repeat("x/", mostAddress/2) + " HTTP/1.1\r\n" + ownHost + end, 414, false},
		{"a query that is as long as can be", "GET /?q=" + strings.Repeat("x", 2<<20) + " HTTP/1.1\r\n" + ownHost + end, 431, false},
		{"a header that is as long as can be", "GET / HTTP/1.1\r\n" + ownHost + "X-Long: " + strings.Repeat("x", 2<<20) + "\r\n" + end, 431, false},
	} {
		f := newFake()
		s := newSite(t, f, allow)
		status, header, body := s.raw(tc.request)
		if status != tc.want {
			t.Errorf("%s: %d, want %d: %.200s", tc.name, status, tc.want, body)
		}
		if acted := len(f.told) > 0; acted != tc.acts {
			t.Errorf("%s: told %q", tc.name, f.told)
		}
		if status >= 400 && strings.Contains(body, "backup") {
			t.Errorf("%s: refused, and told all the same", tc.name)
		}
		for name := range header {
			if strings.HasPrefix(name, "Access-Control-") || name == "Upgrade" {
				t.Errorf("%s: %s", tc.name, name)
			}
		}
		s.shutdown()
	}
}

// TestNoOpenRedirect: wherever an answer leads, it is a place beside the page.
func TestNoOpenRedirect(t *testing.T) {
	page := New[ranRun](newFake(), allow, WithLogger(quiet))
	for _, stripped := range []string{"//" + evil, `/\` + evil, "/jobs//" + evil, "/http:" + evil, "/javascript:alert(1)", "/%2f%2f" + evil, "/a?b", "/..", "/."} {
		r := request("GET", "/")
		r.RequestURI, r.URL = stripped, &url.URL{} // as http.StripPrefix leaves it
		w := serve(page, r)
		to := w.Header().Get("Location")
		base, err := url.Parse("http://127.0.0.1:8080" + stripped)
		if err != nil {
			base = &url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}
		}
		if there, err := base.Parse(to); w.Code == 302 && (err != nil || there.Host != "127.0.0.1:8080" || !strings.HasPrefix(to, "./")) {
			t.Errorf("%s leads to %q", stripped, to)
		}
	}
	for _, target := range []string{"//" + evil, "https://" + evil, `\\` + evil, "javascript:alert(1)", "../../" + evil, "x\r\nLocation: https://" + evil} {
		for _, values := range []url.Values{
			{"action": {"pause"}, "tag": {target}},
			{"action": {"limit"}, "pool": {target}, "limit": {"3"}},
			{"action": {"pause"}, "id": {idOf(1)}, "note": {target}, "next": {target}, "return": {target}, "done": {target}},
		} {
			w := serve(page, post(values))
			to, err := url.Parse(w.Header().Get("Location"))
			if w.Code != 303 || err != nil || to.IsAbs() || to.Host != "" || strings.HasPrefix(to.Path, "/") || strings.Contains(to.Path, "..") || len(w.Header()["Location"]) != 1 {
				t.Errorf("%v: %d, to %q, %v", values, w.Code, w.Header()["Location"], err)
			}
		}
	}
}

// TestOneLineInTheLog: neither a name nor a note makes a line of its own, and a stranger makes no
// long one.
func TestOneLineInTheLog(t *testing.T) {
	const line = "x\ntime=now level=ERROR msg=forged\r\n\x1b[31mred\u2028"
	logger, log := logged()
	h := New[ranRun](newFake(), textAccess(line), WithLogger(logger))
	serve(h, post(url.Values{"action": {"pause"}, "tag": {line}, "note": {line}}))
	serve(h, post(url.Values{"action": {"limit"}, "pool": {line}, "limit": {"3"}}))
	foreign := request("GET", "/")
	foreign.Host = line
	serve(h, withHeaders(foreign, "Origin", line))
	long := request("GET", "/")
	long.Host = strings.Repeat("x", 1<<20)
	serve(h, withHeaders(long, "Origin", strings.Repeat("y", 1<<20)))
	lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	if len(lines) != 4 {
		t.Errorf("%d lines:\n%s", len(lines), log)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=") || strings.ContainsAny(line, "\r\x1b\u2028") || len(line) > 2000 {
			t.Errorf("%d bytes: %.300q", len(line), line)
		}
	}
}
