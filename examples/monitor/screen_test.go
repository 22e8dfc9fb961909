package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	m, err := newMonitor(configFor(t, ok))
	if err != nil {
		t.Fatal(err)
	}
	m.board.record("site", "200 OK", 1234*time.Microsecond, false)
	want := `http://here   1 checks at a time   0 waiting
TARGET  LAST    LATENCY  CHECKS  FAILURES
site    200 OK  1.23ms   1       0
tests   0 asked, 0 done
`
	if got := string(table("http://here", m)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestScreen(t *testing.T) {
	m, err := newMonitor(configFor(t, ok))
	if err != nil {
		t.Fatal(err)
	}
	for _, terminal := range []bool{true, false} {
		var out bytes.Buffer
		s := &screen{w: &out, terminal: terminal, start: time.Now()}
		s.show("http://here", m)
		s.final("http://here", m)
		up := strings.Count(out.String(), "\x1b[4A\x1b[J") // over the first table of four lines
		if terminal != (up == 1) {
			t.Errorf("terminal %v: got %q", terminal, out.String())
		}
	}
}

// A signal that comes at once ends the whole program in good order.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	opts, err := parseFlags(nil, &strings.Builder{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(ctx, opts, &screen{w: &out, start: time.Now()}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "tests     0 asked, 0 done") {
		t.Errorf("got %q", out.String())
	}
}

func TestRunReportsWhatKeepsItFromStarting(t *testing.T) {
	for _, opts := range []options{
		{config: "missing.json", grace: time.Second},
		{listen: "nowhere", grace: time.Second},
	} {
		if err := run(context.Background(), opts, &screen{w: &bytes.Buffer{}}); err == nil {
			t.Errorf("%+v: want an error", opts)
		}
	}
}
