package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// screen shows the state of a monitor: on a terminal a table that is redrawn in
// place, elsewhere a line from time to time and the table at the end.
type screen struct {
	w        io.Writer
	terminal bool
	drawn    int // lines of the table that is on the terminal
	start    time.Time
}

// newScreen takes a character device, which a file or a pipe is not, for a
// terminal.
func newScreen(f *os.File) *screen {
	info, err := f.Stat()
	return &screen{
		w:        f,
		terminal: err == nil && info.Mode()&os.ModeCharDevice != 0,
		start:    time.Now(),
	}
}

// follow shows the monitor until ctx ends or the server fails, in which case it
// returns the server's error.
func (s *screen) follow(ctx context.Context, url string, m *monitor, failed <-chan error) error {
	every := 250 * time.Millisecond
	if !s.terminal {
		every = time.Second
		fmt.Fprintln(s.w, "listening on", url)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-tick.C:
			s.show(url, m)
		}
	}
}

func (s *screen) show(url string, m *monitor) {
	if s.terminal {
		s.redraw(table(url, m))
		return
	}
	checks, failures := 0, 0
	for _, t := range m.board.targetStates() {
		checks += t.Checks
		failures += t.Failures
	}
	asked, done := m.board.counts()
	fmt.Fprintf(s.w, "%3.0fs  %d checks, %d failures, %d of %d tests done, %d waiting\n",
		time.Since(s.start).Seconds(), checks, failures, done, asked, m.scheduler.JobsWaitingInQueue())
}

// final shows the state at the end.
func (s *screen) final(url string, m *monitor) {
	if s.terminal {
		s.redraw(table(url, m))
		return
	}
	_, _ = s.w.Write(table(url, m))
}

// redraw puts the table where the last one was.
func (s *screen) redraw(table []byte) {
	if s.drawn > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.drawn)
	}
	s.drawn = bytes.Count(table, []byte("\n"))
	_, _ = s.w.Write(table)
}

func table(url string, m *monitor) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s   %d checks at a time   %d waiting\n", url, m.cfg.Limit, m.scheduler.JobsWaitingInQueue())
	columns := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "TARGET\tLAST\tLATENCY\tCHECKS\tFAILURES")
	for _, t := range m.board.targetStates() {
		fmt.Fprintf(columns, "%s\t%s\t%v\t%d\t%d\n", t.Name, t.Status, t.Latency.Round(10*time.Microsecond), t.Checks, t.Failures)
	}
	asked, done := m.board.counts()
	fmt.Fprintf(columns, "tests\t%d asked, %d done\n", asked, done)
	_ = columns.Flush() // a bytes.Buffer takes everything
	return out.Bytes()
}
