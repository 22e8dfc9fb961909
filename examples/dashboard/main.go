// Dashboard is a scheduler with a dozen jobs that each have something to show, its web page, and
// its metrics for Prometheus.
//
//	go run .
//	go run . -listen 127.0.0.1:8080 -hours 6
//	go run . -db jobs.db
//	go run . -screenshot DIR
//
// It is a module of its own: run it in its folder, or with go run -C examples/dashboard .
//
// What happened to the jobs is in a file, by store/sqlite. The program first plays the last two days
// into it, in a few seconds of real time, so that there is a history to look at: a job that fails, a
// flaky one with retries, a paused one, jobs in a pool that is full. In the night the program was
// down for half an hour, in which the nightly backup was due: the second start found that in the
// file, and ran it late. From then on the scheduler's clock goes with the real one. The addresses
// are printed.
//
// With -db FILE the file is kept, and the next start goes on with it: pauses and histories are there,
// and what was due while the program did not run is shown as missed, or run late.
//
// With -screenshot the program has Chromium take the pictures of docs/DASHBOARD.md, and ends.
//
// SIGINT and SIGTERM end the program, as -for does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gocron-fixed/gocron/dashboard"
	gocronmetrics "github.com/gocron-fixed/gocron/metrics/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type options struct {
	listen     string
	host       string
	db         string
	hours      int
	duration   time.Duration
	screenshot string
}

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
	if err := run(ctx, opts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func parseFlags(args []string, errors io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("dashboard", flag.ContinueOnError)
	flags.SetOutput(errors)
	flags.StringVar(&opts.listen, "listen", "127.0.0.1:0", "`address` of the page; it should be one of the loopback interface")
	flags.StringVar(&opts.host, "host", "", "another `host` name of this machine")
	flags.StringVar(&opts.db, "db", "", "the `file` of the store; a temporary one, which is removed, if empty")
	flags.IntVar(&opts.hours, "hours", 48, "how many hours before now are played into a new file")
	flags.DurationVar(&opts.duration, "for", 0, "end after this `time`; 0: at a signal")
	flags.StringVar(&opts.screenshot, "screenshot", "", "write pictures of the pages into this `folder`, and end")
	err := flags.Parse(args)
	if err == nil && (flags.NArg() > 0 || opts.hours < 0 || opts.hours > 7*24) {
		err = fmt.Errorf("bad arguments: only flags are allowed, and -hours must be from 0 to 168")
		fmt.Fprintln(errors, err)
	}
	return opts, err
}

func run(ctx context.Context, opts options, out io.Writer) (err error) {
	if opts.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.duration)
		defer cancel()
	}
	file := opts.db
	if file == "" {
		folder, err := os.MkdirTemp("", "dashboard")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		file = filepath.Join(folder, "jobs.db")
	}
	fmt.Fprintf(out, "the store is %s; if it is new, the last %d hours are played\n", file, opts.hours)
	d, err := openWithPast(ctx, file, pastOf(time.Now(), opts.hours))
	if err != nil {
		return unlessEnded(ctx, err)
	}
	defer func() { err = errors.Join(err, d.close()) }()
	// The page is made before the start: a scheduler knows which runs are in progress while somebody
	// watches.
	page, err := d.pages(ctx, opts)
	if err != nil {
		return err
	}
	if err := errors.Join(d.start(ctx), d.playUntil(ctx, time.Now())); err != nil {
		return unlessEnded(ctx, err)
	}
	d.follow()
	server, err := serve(opts.listen, page)
	if err != nil {
		return err
	}
	defer server.stop()
	fmt.Fprintln(out, "the page is at", server.url)
	fmt.Fprintln(out, "metrics are at", server.url+"metrics")
	if opts.screenshot != "" {
		return takeScreenshots(ctx, d.scheduler, server.url, opts.screenshot, out)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-server.failed:
		return err
	}
}

// unlessEnded is err, or nil if ctx has ended: that is how the program is meant to end.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// pages has the page of the scheduler at /, and its metrics at /metrics.
func (d *demo) pages(ctx context.Context, opts options) (http.Handler, error) {
	registry := prometheus.NewRegistry()
	if err := gocronmetrics.Attach(ctx, registry, d.control); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", dashboard.New(d.control, access, opts.dashboard()...))
	mux.Handle("/metrics", opts.guard(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	return mux, nil
}

func (o options) dashboard() []dashboard.Option {
	options := []dashboard.Option{dashboard.WithTitle("demo")}
	if o.host != "" {
		options = append(options, dashboard.WithHosts(o.host))
	}
	return options
}

// server serves the page.
type server struct {
	http.Server
	url    string
	failed chan error
}

func serve(address string, page http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &server{
		Server: http.Server{
			Handler:           page,
			ReadHeaderTimeout: 5 * time.Second,
			WriteTimeout:      30 * time.Second, // the stream sets its own
			IdleTimeout:       time.Minute,
		},
		url:    "http://" + listener.Addr().String() + "/",
		failed: make(chan error, 1),
	}
	go func() { server.failed <- server.Serve(listener) }()
	return server, nil
}

func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		slog.Error("the server did not end in time", "err", err)
		_ = s.Close()
	}
}
