package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/store/storetest"
)

// childVariable names the file that a process of its own opens, instead of running tests.
const childVariable = "GOCRON_SQLITE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		child(path)
	}
	os.Exit(m.Run())
}

// child opens a file, says so, and holds it until it is killed or its input ends. The words of an
// error go to its output.
func child(path string) {
	store, err := Open(context.Background(), path)
	for _, known := range []error{ErrInUse, ErrReadOnly} {
		if errors.Is(err, known) {
			fmt.Printf("%v: ", known)
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	epoch, err := store.Open(context.Background(), "child")
	fmt.Println("opened", epoch, err)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0) // without Close
}

// startChild starts a process that opens the file, and returns it with what it said first.
func startChild(t *testing.T, path string, change func(*exec.Cmd)) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if change != nil {
		change(cmd)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}
	return cmd, strings.TrimSpace(line)
}

// ctx is one that ends only if something hangs.
func ctx(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// occurrence is the row of the run of a job that is due so many seconds after noon, and has begun.
func occurrence(job string, second int) Run {
	due := noon.Add(time.Duration(second) * time.Second)
	return Run{
		Run: fmt.Sprintf("%s-%d", job, second), Attempt: 1, Job: job, Fingerprint: "f1", ScheduledAt: due, Zone: "UTC",
		Trigger: "schedule", Occurrence: true, Node: "node-1", Epoch: 7, BegunAt: due.Add(time.Millisecond), Count: 1,
	}
}

func ended(r Run) Run {
	r.EndedAt, r.Outcome = r.BegunAt.Add(time.Second), "succeeded"
	return r
}

func begin(t testing.TB, s *Store, r Run) {
	t.Helper()
	begun, err := s.Begin(ctx(t), r)
	if err != nil || !begun {
		t.Fatalf("Begin of %s: %v, %v", r.Run, begun, err)
	}
}

// loaded returns the runs that Load hands out, by id.
func loaded(t testing.TB, s *Store) map[string]Run {
	t.Helper()
	runs := map[string]Run{}
	err := s.Load(ctx(t), func(Job) error { return nil }, func(r Run) error {
		runs[r.Run] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// with sets a pragma on the connection that writes.
func with(pragma string) Option {
	return func(c *config) error {
		c.pragmas = append(c.pragmas, pragma)
		return nil
	}
}

func wantError(t testing.TB, err, want error, words ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("the error is %v, want one that is %q", err, want)
	}
	var e *Error
	if !errors.As(err, &e) || e.Path == "" || e.Op == "" {
		t.Errorf("%#v is no *Error with Op and Path", err)
	}
	if strings.ContainsRune(err.Error(), '\n') {
		t.Errorf("%q has several lines", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

var _ storetest.Store = (*Store)(nil)
