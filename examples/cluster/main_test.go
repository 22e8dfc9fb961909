package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// The nodes and the engine's keeper are this program again, also in a test.
func TestMain(m *testing.M) {
	if isChild, err := serveChild(); isChild {
		exit(err)
	}
	os.Exit(m.Run())
}

// output is what the program has written. It calls seen after each line.
type output struct {
	mu   sync.Mutex
	text strings.Builder
	seen func(line string)
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if o.seen != nil {
		o.seen(string(p))
	}
	return len(p), nil
}

// ownFolder makes a folder for temporary files, into which also a server that runs as
// another user gets, and fails the test if anything is left in it.
func ownFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// needs skips the test if the engine is not here.
func needs(t *testing.T, engine string) {
	t.Helper()
	if _, err := findEngine(engine); err != nil {
		t.Skip(err)
	}
}

var (
	killing = regexp.MustCompile(`(?m)^\S+  (node-\d)  killed, as it`)
	totals  = regexp.MustCompile(`(?s)\njob .*\nall +(\d+) +(\d+) +(\d+) +(\d+)\n`) // of the report
	address = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

func TestOthersGoOnWhenANodeIsKilled(t *testing.T) {
	for engine, opts := range map[string]options{
		"postgres": {killAfter: time.Second},
		"redis":    {}, // by a key
	} {
		t.Run(engine, func(t *testing.T) {
			needs(t, engine)
			ownFolder(t)
			opts.engine, opts.nodes, opts.runFor = engine, 3, 3*time.Second
			keys := make(chan struct{})
			done := make(chan struct{})
			defer close(done)
			out := &output{}
			if opts.killAfter == 0 {
				go pressOften(keys, done)
			}
			if err := run(t.Context(), opts, keys, &screen{out: out}); err != nil {
				t.Fatalf("%v\n%s", err, out.text.String())
			}
			checkOutput(t, out.text.String())
		})
	}
}

// pressOften presses Enter again and again, as nobody looks at the keys at first.
func pressOften(keys chan<- struct{}, done <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		select {
		case <-done:
			return
		case keys <- struct{}{}:
		}
	}
}

func checkOutput(t *testing.T, text string) {
	t.Helper()
	kill := killing.FindStringSubmatchIndex(text)
	figures := totals.FindStringSubmatch(text)
	if kill == nil || figures == nil {
		t.Fatalf("no node was killed, or nothing counted:\n%s", text)
	}
	victim, after := text[kill[2]:kill[3]], text[kill[1]:]
	if !strings.Contains(after, victim+"  ended\n") {
		t.Errorf("%s goes on:\n%s", victim, text)
	}
	others := regexp.MustCompile(`node-\d  runs `).FindAllString(strings.ReplaceAll(after, victim, ""), -1)
	if len(others) == 0 {
		t.Errorf("no other node has run anything after that:\n%s", text)
	}
	if figures[1] == "0" || figures[2] == "0" || figures[3] != "0" {
		t.Errorf("occurrences, runs, duplicates, missed: %v\n%s", figures[1:], text)
	}
	if c, err := net.Dial("tcp", address.FindString(text)); err == nil {
		c.Close()
		t.Error("the engine still takes connections")
	}
}

// A signal ends the program in good order, whatever it is doing.
func TestRunEndsWithItsContext(t *testing.T) {
	needs(t, "")
	for _, at := range []string{"starting", "ready", "runs"} {
		t.Run(at, func(t *testing.T) {
			ownFolder(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &output{seen: func(line string) {
				if strings.Contains(line, at) {
					cancel()
				}
			}}
			err := run(ctx, options{nodes: 2, runFor: time.Hour}, nil, &screen{out: out})
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
}

// A parent that is gone is an input that has ended.
func TestChildrenEndWithTheirParent(t *testing.T) {
	needs(t, "")
	ownFolder(t)
	name, err := findEngine("")
	if err != nil {
		t.Fatal(err)
	}
	keeper, address, err := startEngine(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	var once sync.Once
	node, err := startChild(childSpec{Engine: name, Node: "node", Address: address}, func([]byte) { once.Do(func() { close(ready) }) })
	if err != nil {
		t.Fatal(err)
	}
	<-ready
	for _, c := range []*child{node, keeper} {
		c.leave()
		<-c.ended
		if c.err != nil {
			t.Error(c.err)
		}
	}
}

func TestFlags(t *testing.T) {
	opts, err := parseFlags(nil, io.Discard)
	if want := (options{runFor: 20 * time.Second, killAfter: 10 * time.Second, nodes: 3}); err != nil || opts != want {
		t.Errorf("got %+v, %v", opts, err)
	}
	opts, err = parseFlags([]string{"-engine=redis", "-for=1m", "-kill-after=0", "-nodes=20"}, io.Discard)
	if want := (options{engine: "redis", runFor: time.Minute, nodes: 20}); err != nil || opts != want {
		t.Errorf("got %+v, %v", opts, err)
	}
	for _, args := range []string{"more", "-engine=etcd", "-for=0", "-for=-1s", "-kill-after=-1s", "-nodes=1", "-nodes=21"} {
		var complaint strings.Builder
		if _, err := parseFlags([]string{args}, &complaint); err == nil || complaint.Len() == 0 {
			t.Errorf("%s: want an error", args)
		}
	}
}

func TestWithoutAnEngineItSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findEngine("redis")
	if err == nil || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("got %v", err)
	}
}

func TestVersions(t *testing.T) {
	for folder, want := range map[string]float64{"15": 15, "9.6": 9.6, "pgsql-17": 17, "local": 0} {
		if got := versionOf(folder); got != want {
			t.Errorf("%s: got %v", folder, got)
		}
	}
}

func TestReadKeys(t *testing.T) {
	keys := make(chan struct{}, 9)
	readKeys(strings.NewReader("\nx\n"), keys)
	if len(keys) != 2 {
		t.Errorf("got %d", len(keys))
	}
	readKeys(strings.NewReader(""), keys)
	if len(keys) != 2 {
		t.Error("the end of the input is no key")
	}
}
