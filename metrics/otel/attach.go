package otel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// An Option is an option of Attach.
type Option func(*observer) error

// WithJobName sets under which name a job is counted: that which f returns, which is called with the
// job's name and whether it is a one-time job that has no name of its own or leaves when it has
// finished. Jobs for which f returns "" are left out. f is called for every run and for every job
// in every collection, by several goroutines at once. There should be few names: each is some
// series. By default one-time jobs of that kind are counted as OneTimeJobs. A nil f is refused.
func WithJobName(f func(name string, transient bool) string) Option {
	return func(o *observer) error {
		if f == nil {
			return errors.New("gocron/metrics/otel: WithJobName(nil), allowed: a func that is not nil")
		}
		o.tally.name = f
		return nil
	}
}

// WithJobHistograms makes the histograms have the attribute job_name in the place of pool: one
// series more for each job and histogram.
func WithJobHistograms() Option {
	return func(o *observer) error {
		o.byJob = true
		return nil
	}
}

// Attach has meter show what the scheduler of c does, from now on until ctx ends. The Controller is
// one of the scheduler's package:
//
//	otel.Attach(ctx, provider.Meter("jobs"), gocron.NewController(s))
//
// Runs are counted from then on. For a second scheduler take a meter with another name, or one of a
// provider with another resource.
//
// The error is that of an option, of the meter, of the Controller, such as that its scheduler is a
// mock, or of ctx if it has ended.
func Attach[R Run](ctx context.Context, meter metric.Meter, c Controller[R], options ...Option) error {
	o := &observer{ctx: ctx}
	for _, option := range options {
		if err := option(o); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := o.makeInstruments(meter); err != nil {
		return fmt.Errorf("gocron/metrics/otel: %w", err)
	}
	if err := newTally(ctx, c, &o.tally); err != nil {
		return err
	}
	registration, err := meter.RegisterCallback(o.observe, o.observables...)
	if err != nil {
		return fmt.Errorf("gocron/metrics/otel: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = registration.Unregister() }) // there is nobody to tell
	return watch(ctx, c, &o.tally)
}

// An observer shows one scheduler.
type observer struct {
	ctx         context.Context
	tally       tally
	byJob       bool
	made        sync.Map // attributes in the histograms, by pool or name
	observables []metric.Observable

	duration, delay                                  metric.Float64Histogram
	runs                                             metric.Int64ObservableCounter
	inProgress, waiting, retrying, poolLimit         metric.Int64ObservableGauge
	oldest                                           metric.Float64ObservableGauge
	nextRun, lastRun, lastSuccess                    metric.Float64ObservableGauge
	paused, overdue, info, schedulerRunning, isLeads metric.Int64ObservableGauge
}

func (o *observer) makeInstruments(meter metric.Meter) error {
	var all []error
	note := func(instrument metric.Observable, err error) {
		o.observables = append(o.observables, instrument)
		all = append(all, err)
	}
	gauge := func(name, unit, help string) metric.Int64ObservableGauge {
		g, err := meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(help))
		note(g, err)
		return g
	}
	inSeconds := func(name, help string) metric.Float64ObservableGauge {
		g, err := meter.Float64ObservableGauge(name, metric.WithUnit("s"), metric.WithDescription(help))
		note(g, err)
		return g
	}
	histogram := func(name, help string, bounds ...float64) metric.Float64Histogram {
		h, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(help), metric.WithExplicitBucketBoundaries(bounds...))
		all = append(all, err)
		return h
	}
	var err error
	o.runs, err = meter.Int64ObservableCounter("gocron.runs", metric.WithUnit("{run}"), metric.WithDescription("Finished runs, by outcome."))
	note(o.runs, err)
	o.inProgress = gauge("gocron.runs.in_progress", "{run}", "Runs in progress.")
	o.waiting = gauge("gocron.runs.waiting", "{run}", "Runs that wait for a slot or for another run of their job.")
	o.retrying = gauge("gocron.runs.retrying", "{run}", "Runs that wait for their next attempt.")
	o.oldest = inSeconds("gocron.oldest_waiting", "For how long the run has waited that has waited for longest.")
	o.poolLimit = gauge("gocron.pool.limit", "{run}", "How many runs may be in progress.")
	o.nextRun = inSeconds("gocron.job.next_run.timestamp", "When the job is due next.")
	o.lastRun = inSeconds("gocron.job.last_run.timestamp", "When the latest run of the job started.")
	o.lastSuccess = inSeconds("gocron.job.last_success.timestamp", "When a run of the job last succeeded.")
	o.paused = gauge("gocron.job.paused", "", "Whether the job is paused.")
	o.overdue = gauge("gocron.job.overdue", "", "Whether a run of the job has waited for its turn for more than a minute.")
	o.info = gauge("gocron.job.info", "", "What the job is; the value is 1.")
	o.schedulerRunning = gauge("gocron.scheduler.running", "", "Whether the scheduler is started.")
	o.isLeads = gauge("gocron.leader", "", "Whether the elector has let the latest run pass.")
	o.duration = histogram("gocron.run.duration", "How long the task took, in the last attempt of a run.",
		.005, .025, .1, .25, 1, 2.5, 10, 30, 60, 300, 900, 3600, 14400)
	o.delay = histogram("gocron.run.start_delay", "How long after a run was due its first attempt started.",
		.001, .005, .01, .05, .25, 1, 2.5, 10, 30, 60, 300, 900, 3600)
	o.tally.started = func(name, pool string, delay float64) { o.delay.Record(o.ctx, delay, o.labels(name, pool)) }
	o.tally.finished = func(name, pool string, took float64) { o.duration.Record(o.ctx, took, o.labels(name, pool)) }
	o.tally.forgotten = func(name string) { o.made.Delete(name) }
	return errors.Join(all...)
}

// labels are the attributes of a run in a histogram.
func (o *observer) labels(name, pool string) metric.MeasurementOption {
	key, value := "pool", pool
	if o.byJob {
		key, value = "job_name", name
	}
	if made, has := o.made.Load(value); has {
		return made.(metric.MeasurementOption)
	}
	made := labels(attribute.String(key, valid(value)))
	o.made.Store(value, made)
	return made
}

func labels(list ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(list...))
}

// observe shows what there is but the histograms.
func (o *observer) observe(ctx context.Context, to metric.Observer) error {
	if o.ctx.Err() != nil {
		return nil
	}
	g, err := o.tally.gather(ctx)
	if err != nil {
		return err
	}
	to.ObserveInt64(o.schedulerRunning, oneIf(g.running))
	if g.elector {
		to.ObserveInt64(o.isLeads, oneIf(g.leads))
	}
	for _, p := range g.pools {
		pool := labels(attribute.String("pool", valid(p.Name)))
		to.ObserveInt64(o.inProgress, int64(p.Taken), pool)
		to.ObserveInt64(o.waiting, int64(p.Waiting), pool)
		to.ObserveInt64(o.retrying, int64(p.Retrying), pool)
		to.ObserveFloat64(o.oldest, p.OldestWaiting, pool)
		if p.Limit > 0 {
			to.ObserveInt64(o.poolLimit, int64(p.Limit), pool)
		}
	}
	for i := range g.jobs {
		o.observeJobs(&g.jobs[i], to)
	}
	return nil
}

func (o *observer) observeJobs(j *jobsOfName, to metric.Observer) {
	shown := j.labels()
	j.each(func(outcome string, n uint64) { to.ObserveInt64(o.runs, int64(n), shown.with(outcome)) })
	if !j.there {
		return
	}
	name, own := shown.name, shown.own
	observeTime(to, o.nextRun, j.next, own)
	observeTime(to, o.lastRun, j.lastRun, own)
	observeTime(to, o.lastSuccess, j.lastSuccess, own)
	to.ObserveInt64(o.paused, oneIf(j.paused), own)
	to.ObserveInt64(o.overdue, oneIf(j.overdue), own)
	for _, info := range j.infos {
		to.ObserveInt64(o.info, 1, labels(name, attribute.String("kind", info.kind), attribute.String("location", info.location),
			attribute.String("pool", info.pool), attribute.String("schedule", info.schedule)))
	}
}

// nameLabels are the attributes of the counts of one name. They are made once.
type nameLabels struct {
	name  attribute.KeyValue
	own   metric.MeasurementOption
	first [len(firstOutcomes)]metric.MeasurementOption // beside an outcome
}

func (c *counts) labels() *nameLabels {
	if own, has := c.shown.Load().(*nameLabels); has {
		return own
	}
	own := &nameLabels{name: attribute.String("job_name", c.name)}
	own.own = labels(own.name)
	for i, outcome := range firstOutcomes {
		own.first[i] = labels(own.name, attribute.String("outcome", outcome))
	}
	c.shown.Store(own)
	return own
}

// with are the attributes beside an outcome.
func (l *nameLabels) with(outcome string) metric.MeasurementOption {
	for i, first := range firstOutcomes {
		if first == outcome {
			return l.first[i]
		}
	}
	return labels(l.name, attribute.String("outcome", outcome))
}

// observeTime shows a time of a job's, unless there is none.
func observeTime(to metric.Observer, gauge metric.Float64Observable, t time.Time, labels metric.MeasurementOption) {
	if !t.IsZero() {
		to.ObserveFloat64(gauge, unix(t), labels)
	}
}

func oneIf(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
