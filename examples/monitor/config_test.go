package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestExampleConfig(t *testing.T) {
	cfg, err := loadConfig("example.json")
	if err != nil {
		t.Fatal(err)
	}
	want := target{Name: "api", URL: "http://127.0.0.1:8082/health", Every: duration(5 * time.Second)}
	if cfg.Limit != 2 || len(cfg.Targets) != 2 || cfg.Targets[1] != want {
		t.Errorf("got %+v", cfg)
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg, err := parseConfig([]byte(`{"targets": [{"name": "a", "url": "http://a", "every": "1s"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Limit != 1 || cfg.Timeout != duration(10*time.Second) {
		t.Errorf("got %+v", cfg)
	}
}

func TestRefusedConfigs(t *testing.T) {
	const a = `{"name": "a", "url": "http://a", "every": "1s"}`
	for _, c := range []struct{ json, want string }{
		{`{`, "EOF"},
		{`{"target": []}`, "unknown field"},
		{`{"targets": []}`, "no targets"},
		{`{"limit": 0, "targets": [` + a + `]}`, "limit"},
		{`{"timeout": "0s", "targets": [` + a + `]}`, "timeout"},
		{`{"timeout": "soon", "targets": [` + a + `]}`, "soon"},
		{`{"targets": [` + a + `, ` + a + `]}`, "twice"},
		{`{"targets": [{"url": "http://a", "every": "1s"}]}`, "needs a name"},
		{`{"targets": [{"name": "a", "url": "ftp://a", "every": "1s"}]}`, "no HTTP address"},
		{`{"targets": [{"name": "a", "url": "http://", "every": "1s"}]}`, "no HTTP address"},
		{`{"targets": [{"name": "a", "url": ":", "every": "1s"}]}`, "missing protocol"},
		{`{"targets": [{"name": "a", "url": "http://a"}]}`, "every"},
		{`{"targets": [{"name": "a", "url": "http://a", "every": 5}]}`, "cannot unmarshal"},
	} {
		_, err := parseConfig([]byte(c.json))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.json, err, c.want)
		}
	}
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]time.Duration{
		"":                    5 * time.Second,
		"-for 0":              0,
		"-for 2s":             2 * time.Second,
		"-config x.json":      0,
		"-config x -for 300s": 5 * time.Minute,
	} {
		opts, err := parseFlags(strings.Fields(args), io.Discard)
		if err != nil || opts.runFor != want {
			t.Errorf("%q: runs for %v, %v; want %v", args, opts.runFor, err, want)
		}
	}
	for _, args := range []string{"-for -1s", "-grace 0", "-unknown", "extra"} {
		var out strings.Builder
		if _, err := parseFlags(strings.Fields(args), &out); err == nil || out.Len() == 0 {
			t.Errorf("%q: got error %v and message %q", args, err, out.String())
		}
	}
}
