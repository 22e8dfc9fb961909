package compat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/ours"
	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
	"github.com/gocron-fixed/gocron/v2/compat/internal/theirs"
)

// A scheduler that spins can't be stopped from within its process, and a panic
// in a job goroutine can't be caught, so cases run in child processes: this test
// binary again, told by the environment which scheduler to drive.
const workerEnv = "COMPAT_WORKER"

func TestMain(m *testing.M) {
	switch os.Getenv(workerEnv) {
	case "ours":
		serve(ours.Run)
	case "theirs":
		serve(theirs.Run)
	default:
		os.Exit(m.Run())
	}
}

func serve(run func(spec.Case) spec.Result) {
	in := json.NewDecoder(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		var c spec.Case
		if err := in.Decode(&c); err != nil {
			return
		}
		if err := out.Encode(run(c)); err != nil {
			return
		}
	}
}

// A worker is a child process that answers one case at a time.
type worker struct {
	side    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	results chan spec.Result
	stderr  *tail
}

func newWorker(t *testing.T, side string) *worker {
	w := &worker{side: side}
	t.Cleanup(w.kill)
	return w
}

func (w *worker) start() error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerEnv+"="+w.side)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	w.stderr = &tail{}
	cmd.Stderr = w.stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	w.cmd, w.in, w.results = cmd, in, make(chan spec.Result, 1)
	go read(out, w.results)
	return nil
}

func read(out io.Reader, results chan<- spec.Result) {
	defer close(results)
	dec := json.NewDecoder(bufio.NewReader(out))
	for {
		var r spec.Result
		if err := dec.Decode(&r); err != nil {
			return
		}
		results <- r
	}
}

// run has the child do one case. A child that doesn't answer in time is killed,
// and the next case gets a new one.
func (w *worker) run(c spec.Case, deadline time.Duration) (spec.Result, error) {
	if w.cmd == nil {
		if err := w.start(); err != nil {
			return spec.Result{}, err
		}
	}
	if err := json.NewEncoder(w.in).Encode(c); err != nil {
		return w.died(c)
	}
	timer := time.NewTimer(deadline)
	defer timer.Stop()
	select {
	case r, ok := <-w.results:
		if !ok {
			return w.died(c)
		}
		return r, nil
	case <-timer.C:
		w.kill()
		return spec.Result{ID: c.ID, Wedged: true}, nil
	}
}

func (w *worker) died(c spec.Case) (spec.Result, error) {
	stderr := w.stderr
	w.kill()
	first := stderr.reason()
	if strings.Contains(first, "DATA RACE") {
		return spec.Result{}, fmt.Errorf("%s: data race:\n%s", w.side, stderr.String())
	}
	return spec.Result{ID: c.ID, Died: first}, nil
}

func (w *worker) kill() {
	if w.cmd == nil {
		return
	}
	_ = w.in.Close()
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	w.cmd = nil
}

// tail keeps what a child wrote to standard error, up to a bound.
type tail struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() < 1<<16 {
		t.buf.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

func (t *tail) reason() string {
	s := t.String()
	if strings.Contains(s, "DATA RACE") {
		return "DATA RACE"
	}
	first, _, _ := strings.Cut(s, "\n")
	return first
}
