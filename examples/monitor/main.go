// Monitor checks HTTP targets from time to time, and at once when asked to, and
// lets no more than a few checks go on together.
//
//	go run ./examples/monitor
//	go run ./examples/monitor -for 0 -listen 127.0.0.1:8080
//	go run ./examples/monitor -config examples/monitor/example.json
//
// Without -config it starts four targets of its own on the loopback interface,
// asks for tests of them by itself, and ends after five seconds. On a terminal
// you see this, redrawn four times a second; elsewhere, a line a second and the
// table at the end:
//
//	http://127.0.0.1:34485   2 checks at a time   3 waiting
//	TARGET    LAST                     LATENCY   CHECKS  FAILURES
//	broken    503 Service Unavailable  280µs     39      39
//	fast      200 OK                   310µs     39      0
//	flapping  503 Service Unavailable  410µs     40      20
//	slow      200 OK                   120.43ms  26      0
//	tests     38 asked, 35 done
//
// A test is asked for with POST /test?target=NAME, which answers 202 and the
// id of the test; GET /results tells the state of all targets and tests. A test
// is a one-time job: it waits in the scheduler's queue until a slot is free, and
// runs exactly once. The exit status is 1 if one that was accepted never ran.
//
// SIGINT and SIGTERM end the program as -for does: no more tests are accepted,
// those that wait still run, and only then the scheduler is shut down. A second
// signal ends it at once.
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
	"time"
)

func main() {
	opts, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// From the first signal on, another has its usual effect.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, opts, newScreen(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "monitor:", err)
		os.Exit(1)
	}
}

type options struct {
	config string        // path of the configuration; empty for the demo
	listen string        // address of the HTTP interface
	runFor time.Duration // 0: until a signal
	grace  time.Duration // how long waiting tests may take at the end
}

func parseFlags(args []string, w io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("monitor", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&opts.config, "config", "", "JSON `file` that names the targets; without it, a demo")
	flags.StringVar(&opts.listen, "listen", "127.0.0.1:0", "`address` to take requests on")
	flags.DurationVar(&opts.runFor, "for", 0, "`time` after which to end, 0 for never (default 5s in the demo)")
	flags.DurationVar(&opts.grace, "grace", 10*time.Second, "`time` that waiting tests are given at the end")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if opts.config == "" && !given["for"] {
		opts.runFor = 5 * time.Second
	}
	err := opts.check(flags.Args())
	if err != nil {
		fmt.Fprintln(w, "monitor:", err)
	}
	return opts, err
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.runFor < 0:
		return errors.New("-for must not be negative")
	case o.grace <= 0:
		return errors.New("-grace must be more than 0")
	}
	return nil
}

// run is the life of the program: it starts everything, waits for the end, and
// stops everything in the opposite order.
func run(ctx context.Context, opts options, out *screen) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if opts.runFor > 0 {
		defer time.AfterFunc(opts.runFor, cancel).Stop()
	}
	cfg, closeTargets, err := configure(opts)
	if err != nil {
		return err
	}
	defer closeTargets()
	m, err := newMonitor(cfg)
	if err != nil {
		return err
	}
	server, err := listen(opts.listen, m.handler())
	if err != nil {
		return err
	}
	m.start()
	demo := make(chan struct{})
	go func() {
		defer close(demo)
		if opts.config == "" {
			askForTests(ctx, server.url, cfg.Targets)
		}
	}()
	err = out.follow(ctx, server.url, m, server.failed)

	cancel()
	<-demo
	ctx, cancel = context.WithTimeout(context.Background(), opts.grace)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ctx), m.shutdown(ctx))
	out.final(server.url, m)
	return err
}

// configure reads the configuration file, or makes a demo up where there is
// none.
func configure(opts options) (cfg config, closeTargets func(), err error) {
	if opts.config == "" {
		cfg = demoConfig()
		return cfg, startDemoTargets(cfg.Targets), nil
	}
	cfg, err = loadConfig(opts.config)
	return cfg, func() {}, err
}
