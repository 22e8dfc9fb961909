package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A signal that comes at once ends the whole program in good order.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	server := httptest.NewServer(http.HandlerFunc(ok))
	defer server.Close()
	config := filepath.Join(t.TempDir(), "config.json")
	content := fmt.Sprintf(`{"targets": [{"name": "site", "url": %q, "every": "1h"}]}`, server.URL)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := options{config: config, listen: "127.0.0.1:0", grace: patience}
	var out strings.Builder
	if err := run(ctx, opts, &out); err != nil {
		t.Error(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "listening on http://") || !strings.HasSuffix(got, "\nmade 1 = 1 succeeded\n") {
		t.Errorf("got %q", got)
	}
}

func TestRunReportsWhatKeepsItFromStarting(t *testing.T) {
	for _, opts := range []options{
		{config: "missing.json", grace: time.Second},
		{demo: true, listen: "nowhere", grace: time.Second},
	} {
		if err := run(context.Background(), opts, io.Discard); err == nil {
			t.Errorf("%+v: want an error", opts)
		}
	}
}

func TestDemoTargets(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, want := range map[string][]int{
		"ok":    {200},
		"slow":  {200}, // as its client has left
		"stuck": {200},
		"gone":  {404},
		"flaky": {503, 503, 200, 503},
		"down":  {0},
	} {
		target := demoTarget(name)
		for i, status := range want {
			if got := statusOf(target, ended); got != status {
				t.Errorf("%s: answer %d is %d", name, i, got)
			}
		}
	}
}

// statusOf is that of the answer to a request, 0 if there is none.
func statusOf(h http.Handler, ctx context.Context) (status int) {
	defer func() {
		if recover() == http.ErrAbortHandler {
			status = 0
		}
	}()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
	return w.Code
}

func TestDemoRequestsAreAccepted(t *testing.T) {
	cfg := demoConfig()
	defer startDemoTargets(cfg.Targets)()
	m := monitorOf(t, cfg) // not started, so that nothing takes time
	asked := map[string]int{}
	for step := 0; step < 40; step++ {
		for _, path := range demoRequests(step) {
			if w := call(m, http.MethodPost, path); w.Code >= 300 {
				t.Errorf("%s: got %d %q", path, w.Code, w.Body)
			}
			asked[strings.Split(path, "?")[0]]++
		}
	}
	if want := map[string]int{"/test": 60, "/pause": 1, "/resume": 1}; !reflect.DeepEqual(asked, want) {
		t.Errorf("asked for %v", asked)
	}
}
