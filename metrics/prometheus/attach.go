package prom

import (
	"context"
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// An Option is an option of Attach.
type Option func(*collector) error

// WithJobName sets under which name a job is counted: that which f returns, which is called with the
// job's name and whether it is a one-time job that has no name of its own or leaves when it has
// finished. Jobs for which f returns "" are left out. f is called for every run and for every job
// in every scrape, by several goroutines at once. There should be few names: each is some series.
// By default one-time jobs of that kind are counted as OneTimeJobs. A nil f is refused.
func WithJobName(f func(name string, transient bool) string) Option {
	return func(c *collector) error {
		if f == nil {
			return fmt.Errorf("gocron/metrics/prometheus: WithJobName(nil), allowed: a func that is not nil")
		}
		c.tally.name = f
		return nil
	}
}

// WithJobHistograms makes the histograms have the label job_name in the place of pool: about 15
// series more for each job and histogram, unless Prometheus reads native histograms.
func WithJobHistograms() Option {
	return func(c *collector) error {
		c.byJob = true
		return nil
	}
}

// WithBuckets sets the upper bounds of the buckets of gocron_run_duration_seconds, in seconds: at
// least one, ascending. The default is 5 ms to 4 hours.
func WithBuckets(seconds ...float64) Option {
	return func(c *collector) error {
		if len(seconds) == 0 || !slices.IsSorted(seconds) || len(slices.Compact(slices.Clone(seconds))) < len(seconds) {
			return fmt.Errorf("gocron/metrics/prometheus: WithBuckets(%v), allowed: at least one bound, ascending", seconds)
		}
		c.buckets = slices.Clone(seconds)
		return nil
	}
}

// Attach has registerer show what the scheduler of c does, from now on until ctx ends; then it
// unregisters the metrics. The Controller is one of the scheduler's package:
//
//	prom.Attach(ctx, prometheus.DefaultRegisterer, gocron.NewController(s))
//
// Runs are counted from then on. For a second scheduler with the same registerer, give each a label
// of its own by prometheus.WrapRegistererWith.
//
// The error is that of an option, of the registerer, of the Controller, such as that its scheduler
// is a mock, or of ctx if it has ended.
func Attach[R Run](ctx context.Context, registerer prometheus.Registerer, c Controller[R], options ...Option) error {
	own := &collector{ctx: ctx, buckets: durationBuckets}
	for _, option := range options {
		if err := option(own); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	own.makeHistograms()
	if err := newTally(ctx, c, &own.tally); err != nil {
		return err
	}
	if err := registerer.Register(own); err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { registerer.Unregister(own) })
	return watch(ctx, c, &own.tally)
}
