// Onetime pushes 1,000 immediate one-time jobs, and some periodic ones, through
// a scheduler that lets only one job run at a time, and checks that every
// one-time job ran exactly once.
//
//	go run ./examples/onetime
//
// On a terminal you see a progress line, and after a second or so a table:
//
//	created         1000
//	ran             1000
//	ran twice          0
//	lost               0
//	still queued       0
//	periodic runs     17
//	wall time      1.13s
//
// The exit status is 1 if a job was lost, ran twice or is still queued. Every
// other one-time job has WithLimitedRuns(1), which takes it off the scheduler's
// list after its run; the others stay listed. See -help for the flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	cfg, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var progress io.Writer
	if isTerminal(os.Stdout) {
		progress = os.Stdout
	}
	res, err := run(ctx, cfg, progress)
	if err == nil {
		res.print(os.Stdout)
		err = res.check()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "onetime:", err)
		os.Exit(1)
	}
}

// isTerminal reports whether f is a character device, which a file or a pipe
// is not.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
