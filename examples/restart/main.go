// Restart shows that jobs survive a crash. It runs a handful of jobs in a child process, kills that
// (-9) at random moments for twenty seconds, and starts it again each time. Then it makes up the
// account of every occurrence that was due.
//
//	go run -C examples/restart .
//
// The exit status is 1 if an occurrence is unaccounted for, or its task was called twice although
// the job does not allow it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"time"
)

const (
	longestLife  = 900 * time.Millisecond // of a process that is killed
	longestPause = 500 * time.Millisecond // from one process to the next
)

func main() {
	if serveChild() {
		return
	}
	length := flag.Duration("for", 20*time.Second, "how long processes are killed")
	folder := flag.String("dir", "", "where jobs.db is kept; a temporary folder, which is removed, if empty")
	flag.Parse()
	ok, err := demonstrate(os.Stdout, *length, *folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, "restart:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// demonstrate kills processes for a while, has a last one end by itself, and prints the account. It
// reports whether that is right.
func demonstrate(out io.Writer, length time.Duration, folder string) (ok bool, err error) {
	if folder == "" {
		if folder, err = os.MkdirTemp("", "restart"); err != nil {
			return false, err
		}
		defer os.RemoveAll(folder)
	}
	p := plan{Folder: folder, Base: time.Now().Truncate(time.Millisecond)}
	live := isTerminal(out)
	kills := 0
	for end := p.Base.Add(length); time.Now().Before(end); kills++ {
		if err := p.kill(time.Duration(rand.Int63n(int64(longestLife)))); err != nil {
			return false, err
		}
		if live {
			fmt.Fprintf(out, "\r%3.0f s left, killed %d times, tasks called %d times ", max(time.Until(end).Seconds(), 0), kills+1, p.called())
		}
		time.Sleep(time.Duration(rand.Int63n(int64(longestPause))))
	}
	last := time.Now()
	p.Last = true
	if err := p.command().Run(); err != nil {
		return false, fmt.Errorf("the last process: %w", err)
	}
	if live {
		fmt.Fprintln(out)
	}
	tallies, err := accountFor(p, last)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "A process with %d jobs was killed %d times in %v.\n\n", len(jobs), kills, length)
	return printAccount(out, tallies), nil
}

// command is this program as a child process.
func (p plan) command() *exec.Cmd {
	text, _ := json.Marshal(p) // of strings and times, which cannot fail
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), planVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// kill runs a child process for a while, and kills it.
func (p plan) kill(life time.Duration) error {
	cmd := p.command()
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(life)
	killed := cmd.Process.Kill()
	_ = cmd.Wait() // it was killed, which is an error
	if killed != nil || cmd.ProcessState.Exited() {
		return errors.New("a process ended by itself")
	}
	return nil
}

// called is how often tasks were called.
func (p plan) called() (n int) {
	calls, _ := readCalls(p.calls()) // there is no file yet
	for _, each := range calls {
		n += len(each)
	}
	return n
}

func isTerminal(out io.Writer) bool {
	file, is := out.(*os.File)
	if !is {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
