// Cluster starts three processes that have the same jobs, on a real engine, and kills
// one of them: the others go on, and no occurrence is run twice.
//
//	go run .
//	go run . -engine redis -for 1m -kill-after 20s -nodes 5
//
// It is a module of its own: run it in its folder, or with go run -C examples/cluster .
//
// The engine is a temporary PostgreSQL on a free loopback port, or a temporary Redis if
// PostgreSQL's programs are not here. The nodes are this program again. Their clocks are
// fast by 0, 80, 160 ms and so on. Each runs one thing at a time, and claims in the engine
// what it is about to run: the one whose clock is ahead of the others gets most, except
// while it is busy.
//
//	tick    a cron job, every second
//	poll    a DurationJob, every 700 ms
//	backup  takes longer: a run lock keeps its runs from overlapping, too
//	digest  on the leader only; with PostgreSQL, as Redis has no elector
//
// After ten seconds, or when you press Enter, the leader is killed with SIGKILL. With
// Redis nobody leads, and the node that ran most recently is killed. On a terminal the
// table is drawn in place; elsewhere there is a line for each run.
//
// SIGINT and SIGTERM end the program as -for does; a second signal ends it at once. In
// either case, and also when it is killed, the nodes and the engine end with it, and the
// engine's folder is removed. The exit status is 1 if an occurrence was run twice.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// maxNodes is what a table and the engine's connections have room for.
const maxNodes = 20

func main() {
	if isChild, err := serveChild(); isChild {
		exit(err)
	}
	opts, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on, another has its usual effect.
	context.AfterFunc(ctx, stop)
	keys := make(chan struct{})
	go readKeys(os.Stdin, keys)
	exit(run(ctx, opts, keys, newScreen(os.Stdout)))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// readKeys sends for every line. The end of the input is none.
func readKeys(r io.Reader, keys chan<- struct{}) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		keys <- struct{}{}
	}
}

type options struct {
	engine    string // "" for any
	runFor    time.Duration
	killAfter time.Duration
	nodes     int
}

func parseFlags(args []string, w io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&opts.engine, "engine", "", "postgres or redis (default: the first of them that is installed)")
	flags.DurationVar(&opts.runFor, "for", 20*time.Second, "`time` after which to end, counted from when all nodes are ready")
	flags.DurationVar(&opts.killAfter, "kill-after", 10*time.Second, "`time` after which the leader is killed, as on Enter; 0 for never")
	flags.IntVar(&opts.nodes, "nodes", 3, "`number` of nodes")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	err := opts.check(flags.Args())
	if err != nil {
		fmt.Fprintln(w, "cluster:", err)
	}
	return opts, err
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.engine != "" && engines[o.engine] == nil:
		return fmt.Errorf("-engine %q is neither postgres nor redis", o.engine)
	case o.runFor <= 0:
		return fmt.Errorf("-for %v is not more than 0", o.runFor)
	case o.killAfter < 0:
		return fmt.Errorf("-kill-after %v is negative", o.killAfter)
	case o.nodes < 2 || o.nodes > maxNodes:
		return fmt.Errorf("-nodes %d is not from 2 to %d", o.nodes, maxNodes)
	}
	return nil
}
