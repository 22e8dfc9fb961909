package main

import (
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestExampleConfig(t *testing.T) {
	cfg, err := loadConfig("example.json")
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		Limit:     2,
		TestLimit: 2,
		TestQueue: 50,
		Timeout:   duration(2 * time.Second),
		Attempts:  3,
		Backoff:   duration(500 * time.Millisecond),
		Targets: []target{
			{Name: "site", URL: "http://127.0.0.1:8081/", Every: duration(30 * time.Second)},
			{Name: "api", URL: "http://127.0.0.1:8082/health", Every: duration(5 * time.Second), Tags: []string{"backend"}},
		},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v", cfg)
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg, err := parseConfig(strings.NewReader(`{"targets": [{"name": "a", "url": "http://a", "every": "1s"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Targets = nil
	want := config{
		Limit: 1, TestLimit: 1, TestQueue: 100,
		Timeout: duration(10 * time.Second), Attempts: 3, Backoff: duration(time.Second),
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v", cfg)
	}
}

func TestDemoConfig(t *testing.T) {
	cfg := demoConfig()
	defer startDemoTargets(cfg.Targets)()
	if err := cfg.check(); err != nil {
		t.Error(err)
	}
}

func TestRefusedConfigs(t *testing.T) {
	const a = `{"name": "a", "url": "http://a", "every": "1s"}`
	for _, c := range []struct{ json, want string }{
		{`{`, "EOF"},
		{strings.Repeat(" ", maxConfig) + `{"targets": [` + a + `]}`, "EOF"},
		{`{"target": []}`, "unknown field"},
		{`{"targets": []}`, "no targets"},
		{`{"limit": 0, "targets": [` + a + `]}`, "limit"},
		{`{"limit": -1, "targets": [` + a + `]}`, "cannot unmarshal"},
		{`{"test_limit": 0, "targets": [` + a + `]}`, "test_limit"},
		{`{"test_queue": 0, "targets": [` + a + `]}`, "test_queue"},
		{`{"attempts": 1, "targets": [` + a + `]}`, "attempts"},
		{`{"backoff": "0s", "targets": [` + a + `]}`, "backoff"},
		{`{"timeout": "0s", "targets": [` + a + `]}`, "timeout"},
		{`{"timeout": "soon", "targets": [` + a + `]}`, "soon"},
		{`{"targets": [` + a + `, ` + a + `]}`, "twice"},
		{`{"targets": [{"url": "http://a", "every": "1s"}]}`, "needs a name"},
		{`{"targets": [{"name": "a", "url": "ftp://a", "every": "1s"}]}`, "no HTTP address"},
		{`{"targets": [{"name": "a", "url": "http://", "every": "1s"}]}`, "no HTTP address"},
		{`{"targets": [{"name": "a", "url": ":", "every": "1s"}]}`, "missing protocol"},
		{`{"targets": [{"name": "a", "url": "http://a"}]}`, "every"},
		{`{"targets": [{"name": "a", "url": "http://a", "every": "99ms"}]}`, "every"},
		{`{"targets": [{"name": "a", "url": "http://a", "every": 5}]}`, "cannot unmarshal"},
	} {
		_, err := parseConfig(strings.NewReader(c.json))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s: got error %v, want one with %q", c.json, err, c.want)
		}
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "missing.json")); err == nil {
		t.Error("a missing file: want an error")
	}
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]time.Duration{
		"-demo":               10 * time.Second,
		"-demo -for 0":        0,
		"-demo -for 2s":       2 * time.Second,
		"-config x.json":      0,
		"-config x -for 300s": 5 * time.Minute,
	} {
		opts, err := parseFlags(strings.Fields(args), io.Discard)
		if err != nil || opts.runFor != want {
			t.Errorf("%q: runs for %v, %v; want %v", args, opts.runFor, err, want)
		}
	}
	for _, args := range []string{
		"", "-demo -config x", "-demo -for -1s", "-demo -grace 0", "-unknown", "-demo extra",
	} {
		var out strings.Builder
		if _, err := parseFlags(strings.Fields(args), &out); err == nil || out.Len() == 0 {
			t.Errorf("%q: got error %v and message %q", args, err, out.String())
		}
	}
}
