package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
)

// childEnv holds what a child process is to run: a side and a row's name.
const childEnv = "DEFECTS_CHILD"

// Verdicts on programs that did not give one.
const (
	hangs = "hangs"
	spins = "hangs at 100 % CPU"
	crash = "crashes: " // and the first line that was printed
)

// An outcome is what a repro said on one side.
type outcome struct {
	verdict string
	ok      bool
}

// runAll fills in the rows, some at a time, and tells of each in their order.
func runAll(sides []side, rows []*row, done func(*row)) {
	for _, r := range rows {
		r.outcomes = make([]outcome, len(sides))
		r.finished.Add(len(sides))
	}
	tries := make(chan func())
	for i := 0; i < *children; i++ {
		go func() {
			for try := range tries {
				try()
			}
		}()
	}
	go func() {
		defer close(tries)
		for _, r := range rows {
			for i, s := range sides {
				tries <- func() { r.outcomes[i] = s.run(r.name); r.finished.Done() }
			}
		}
	}()
	for _, r := range rows {
		r.finished.Wait()
		done(r)
	}
}

// run has a child process do one repro, and kills it when it takes too long.
func (s side) run(name string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), *deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary)
	cmd.Env = append(os.Environ(), childEnv+"="+s.name+" "+name)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return outcome{verdict: hang(cmd.ProcessState)}
	case err != nil:
		first, _, _ := strings.Cut(stderr.String(), "\n")
		return outcome{verdict: crash + first}
	}
	ok, verdict, found := strings.Cut(strings.TrimSpace(string(out)), " ")
	if !found {
		return outcome{verdict: "no verdict"}
	}
	return outcome{verdict: verdict, ok: ok == "true"}
}

// hang tells a hang that burns a processor from one that waits.
func hang(p *os.ProcessState) string {
	if p.UserTime()+p.SystemTime() > *deadline/20 {
		return spins
	}
	return hangs
}
