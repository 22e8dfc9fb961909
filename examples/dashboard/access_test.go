package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// TestStrangers: pages, actions and metrics are for this machine, under its own names.
func TestStrangers(t *testing.T) {
	d, err := openDemo(context.Background(), filepath.Join(t.TempDir(), "jobs.db"), noon, pastOf(noon, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	}()
	pages, err := d.pages(context.Background(), options{host: "Ops.test"})
	if err != nil {
		t.Fatal(err)
	}
	d.scheduler.Start()
	job, err := d.job("heartbeat")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"action": {"pause"}, "id": {job.ID().String()}}.Encode()
	for _, tc := range []struct {
		name, host, remote, header string
		want                       int
	}{
		{"this machine", "127.0.0.1:8080", "127.0.0.1:1234", "", 200},
		{"by name", "localhost:8080", "127.0.0.1:1234", "", 200},
		{"with a dot", "LOCALHOST.", "127.0.0.1:1234", "", 200},
		{"IPv6", "[::1]:8080", "[::1]:1234", "", 200},
		{"IPv6 without a port", "[::1]", "[::1]:1234", "", 200},
		{"IPv4 in IPv6", "127.0.0.1", "[::ffff:127.0.0.1]:1234", "", 200},
		{"its other name", "ops.test:8080", "127.0.0.1:1234", "", 200},
		{"a foreign host", "evil.test:8080", "127.0.0.1:1234", "", 421},
		{"a foreign host that begins alike", "127.0.0.1.evil.test", "127.0.0.1:1234", "", 421},
		{"an address of the network", "192.168.1.2:8080", "127.0.0.1:1234", "", 421},
		{"no host", "", "127.0.0.1:1234", "", 421},
		{"another machine", "127.0.0.1:8080", "192.168.1.7:1234", "", 403},
		{"nobody knows", "127.0.0.1:8080", "@", "", 403},
		{"a proxy", "127.0.0.1:8080", "127.0.0.1:1234", "X-Forwarded-For", 403},
		{"a proxy that names the host", "localhost", "127.0.0.1:1234", "X-Forwarded-Host", 403},
		{"a proxy of another kind", "localhost", "127.0.0.1:1234", "Forwarded", 403},
		{"one more kind", "localhost", "127.0.0.1:1234", "Via", 403},
		{"one more kind still", "localhost", "127.0.0.1:1234", "X-Real-Ip", 403},
	} {
		for _, path := range []string{"/", "/metrics", "/live?page=&once=1", "/do"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			want := tc.want
			if path == "/do" {
				r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				if want == 200 {
					want = 303
				}
			}
			r.Host, r.RemoteAddr = tc.host, tc.remote
			if tc.header != "" {
				r.Header.Set(tc.header, "192.0.2.1")
			}
			w := httptest.NewRecorder()
			pages.ServeHTTP(w, r)
			if w.Code != want || w.Code >= 400 && strings.Contains(w.Body.String(), "heartbeat") {
				t.Errorf("%s: %s: %d, want %d: %.200s", tc.name, path, w.Code, want, w.Body)
			}
			paused, err := d.control.Paused(job.ID())
			if err != nil || paused != (w.Code == 303) {
				t.Errorf("%s: %s: paused: %v, %v", tc.name, path, paused, err)
			}
			if err := d.control.Resume(job.ID()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
