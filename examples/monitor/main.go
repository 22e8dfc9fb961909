// Monitor checks HTTP targets from time to time, and at once when asked to. When it
// ends it says the outcome of every run.
//
//	go run ./examples/monitor -demo
//	go run ./examples/monitor -config examples/monitor/example.json -listen 127.0.0.1:8080
//
// The demo has targets of its own on the loopback interface, asks for tests of them by
// itself, pauses one for a while, and ends after ten seconds.
//
// The periodic checks share one limit. Tests that are asked for run once, in a pool of
// their own, so that no check holds them up. A check or test that fails is tried again,
// unless the target says that this is of no use.
//
//	POST /test?target=NAME   test a target at once; the answer is the id of the job
//	GET  /tests              the latest tests that have finished
//	GET  /jobs               all jobs, what each is doing and when it is due next
//	GET  /job?id=ID          the same of one job, and its latest runs
//	GET  /stats              how every run so far ended
//	POST /pause?tag=TAG      pause the checks of the targets with a tag
//	POST /resume?tag=TAG     and go on with them
//
// SIGINT and SIGTERM end the program as -for does: no more requests are taken and
// nothing is due any more, but what waits may still run, for as long as -grace says. A
// second signal ends it at once.
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
	if err := run(ctx, opts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "monitor:", err)
		os.Exit(1)
	}
}

type options struct {
	config string // path of the configuration
	demo   bool
	listen string        // address of the HTTP interface
	runFor time.Duration // 0: until a signal
	grace  time.Duration // how long waiting runs may take at the end
}

func parseFlags(args []string, w io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("monitor", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&opts.config, "config", "", "JSON `file` that names the targets")
	flags.BoolVar(&opts.demo, "demo", false, "check invented targets")
	flags.StringVar(&opts.listen, "listen", "127.0.0.1:0", "`address` to take requests on")
	flags.DurationVar(&opts.runFor, "for", 0, "`time` after which to end, 0 for never (default 10s in the demo)")
	flags.DurationVar(&opts.grace, "grace", 10*time.Second, "`time` that runs are given to finish at the end")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if opts.demo && !given["for"] {
		opts.runFor = 10 * time.Second
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
	case o.demo == (o.config != ""):
		return errors.New("give either -config or -demo")
	case o.runFor < 0:
		return errors.New("-for must not be negative")
	case o.grace <= 0:
		return errors.New("-grace must be more than 0")
	}
	return nil
}

// run is the life of the program: it starts everything, waits for the end, and
// stops everything in the opposite order.
func run(ctx context.Context, opts options, out io.Writer) error {
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
	m, err := newMonitor(cfg, opts.grace)
	if err != nil {
		return err
	}
	server, err := listen(opts.listen, m.handler())
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "listening on", server.url)
	m.scheduler.Start()
	demo := make(chan struct{})
	go func() {
		defer close(demo)
		if opts.demo {
			demonstrate(ctx, server.url)
		}
	}()
	select {
	case <-ctx.Done():
	case err = <-server.failed:
	}
	cancel()
	<-demo
	return errors.Join(err, server.stop(opts.grace), m.shutdown(), m.report(out))
}

func configure(opts options) (cfg config, closeTargets func(), err error) {
	if opts.demo {
		cfg = demoConfig()
		return cfg, startDemoTargets(cfg.Targets), nil
	}
	cfg, err = loadConfig(opts.config)
	return cfg, func() {}, err
}
