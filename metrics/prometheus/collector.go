package prom

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

var (
	durationBuckets = []float64{.005, .025, .1, .25, 1, 2.5, 10, 30, 60, 300, 900, 3600, 14400}
	delayBuckets    = []float64{.001, .005, .01, .05, .25, 1, 2.5, 10, 30, 60, 300, 900, 3600}
)

// The metrics but the histograms. Labels are in alphabetical order, as they are shown.
var (
	runsTotal   = desc("gocron_runs_total", "Finished runs, by outcome.", "job_name", "outcome")
	inProgress  = desc("gocron_runs_in_progress", "Runs in progress.", "pool")
	waiting     = desc("gocron_runs_waiting", "Runs that wait for a slot or for another run of their job.", "pool")
	retrying    = desc("gocron_runs_retrying", "Runs that wait for their next attempt.", "pool")
	oldest      = desc("gocron_oldest_waiting_seconds", "For how long the run has waited that has waited for longest.", "pool")
	poolLimit   = desc("gocron_pool_limit", "How many runs may be in progress.", "pool")
	nextRun     = desc("gocron_job_next_run_timestamp_seconds", "When the job is due next.", "job_name")
	lastRun     = desc("gocron_job_last_run_timestamp_seconds", "When the latest run of the job started.", "job_name")
	lastSuccess = desc("gocron_job_last_success_timestamp_seconds", "When a run of the job last succeeded.", "job_name")
	jobPaused   = desc("gocron_job_paused", "Whether the job is paused.", "job_name")
	jobOverdue  = desc("gocron_job_overdue", "Whether a run of the job has waited for its turn for more than a minute.", "job_name")
	jobInfos    = desc("gocron_job_info", "What the job is; the value is 1.", "job_name", "kind", "location", "pool", "schedule")
	isRunning   = desc("gocron_scheduler_running", "Whether the scheduler is started.")
	isLeader    = desc("gocron_leader", "Whether the elector has let the latest run pass.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// A collector shows one scheduler.
type collector struct {
	ctx      context.Context
	tally    tally
	byJob    bool
	buckets  []float64
	duration *prometheus.HistogramVec
	delay    *prometheus.HistogramVec
}

func (c *collector) makeHistograms() {
	label := "pool"
	if c.byJob {
		label = "job_name"
	}
	c.duration = histogram("gocron_run_duration_seconds", "How long the task took, in the last attempt of a run.", c.buckets, label)
	c.delay = histogram("gocron_run_start_delay_seconds", "How long after a run was due its first attempt started.", delayBuckets, label)
	value := func(name string, run *RunFacts) string {
		if c.byJob {
			return name
		}
		return valid(run.Pool)
	}
	c.tally.started = func(name string, run *RunFacts) {
		if run.Attempt == 1 {
			c.delay.WithLabelValues(value(name, run)).Observe(seconds(run.ScheduledAt, run.StartedAt))
		}
	}
	c.tally.finished = func(name string, run *RunFacts) {
		if run.Attempt > 0 && run.Outcome != "interrupted" { // nobody knows when that ended
			c.duration.WithLabelValues(value(name, run)).Observe(seconds(run.StartedAt, run.FinishedAt))
		}
	}
	c.tally.forgotten = func(name string) {
		if c.byJob {
			c.duration.DeleteLabelValues(name)
			c.delay.DeleteLabelValues(name)
		}
	}
}

func histogram(name, help string, buckets []float64, label string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	}, []string{label})
}

// Describe names all metrics.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{runsTotal, inProgress, waiting, retrying, oldest, poolLimit, nextRun, lastRun, lastSuccess,
		jobPaused, jobOverdue, jobInfos, isRunning, isLeader} {
		to <- d
	}
	c.duration.Describe(to)
	c.delay.Describe(to)
}

// Collect shows all metrics. Jobs are in the order of their names.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	g, err := c.tally.gather(c.ctx)
	if err != nil {
		if c.ctx.Err() == nil { // else it is being unregistered
			to <- prometheus.NewInvalidMetric(isRunning, err)
		}
		return
	}
	c.duration.Collect(to)
	c.delay.Collect(to)
	show := shower{to: to}
	show.gauge(isRunning, oneIf(g.running), nil)
	if g.elector {
		show.gauge(isLeader, oneIf(g.leads), nil)
	}
	for i := range g.pools {
		show.pool(&g.pools[i])
	}
	for i := range g.jobs {
		show.jobs(&g.jobs[i])
	}
}

// A shower sends metrics of one scrape.
type shower struct {
	to    chan<- prometheus.Metric
	spare []metric // made in batches, as there are many
}

func (s *shower) metric(d *prometheus.Desc, value float64, labels []*dto.LabelPair) *metric {
	if len(s.spare) == 0 {
		s.spare = make([]metric, 256)
	}
	m := &s.spare[0]
	s.spare = s.spare[1:]
	m.desc, m.value, m.labels = d, value, labels
	return m
}

func (s *shower) gauge(d *prometheus.Desc, value float64, labels []*dto.LabelPair) {
	m := s.metric(d, value, labels)
	m.gauge.Value = &m.value
	s.to <- m
}

func (s *shower) counter(d *prometheus.Desc, n uint64, labels []*dto.LabelPair) {
	m := s.metric(d, float64(n), labels)
	m.counter.Value = &m.value
	s.to <- m
}

func (s *shower) pool(p *poolFacts) {
	labels := []*dto.LabelPair{pair("pool", valid(p.Name))}
	s.gauge(inProgress, float64(p.Taken), labels)
	s.gauge(waiting, float64(p.Waiting), labels)
	s.gauge(retrying, float64(p.Retrying), labels)
	s.gauge(oldest, p.OldestWaiting, labels)
	if p.Limit > 0 {
		s.gauge(poolLimit, float64(p.Limit), labels)
	}
}

func (s *shower) jobs(j *jobsOfName) {
	labels := j.labels()
	j.each(func(outcome string, n uint64) { s.counter(runsTotal, n, labels.with(outcome)) })
	if !j.there {
		return
	}
	s.time(nextRun, j.next, labels)
	s.time(lastRun, j.lastRun, labels)
	s.time(lastSuccess, j.lastSuccess, labels)
	s.gauge(jobPaused, oneIf(j.paused), labels.name)
	s.gauge(jobOverdue, oneIf(j.overdue), labels.name)
	for _, info := range j.infos {
		s.gauge(jobInfos, 1, labels.withInfo(info))
	}
}

// time shows a time of a job's, unless there is none.
func (s *shower) time(d *prometheus.Desc, t time.Time, labels *nameLabels) {
	if !t.IsZero() {
		s.gauge(d, unix(t), labels.name)
	}
}

// nameLabels are the labels of the counts of one name. A list of labels is never changed.
type nameLabels struct {
	name  []*dto.LabelPair
	first [len(firstOutcomes)][]*dto.LabelPair // beside an outcome
	info  atomic.Pointer[infoLabels]           // of the last scrape
}

type infoLabels struct {
	info   jobInfo
	labels []*dto.LabelPair
}

func (c *counts) labels() *nameLabels {
	if own, has := c.shown.Load().(*nameLabels); has {
		return own
	}
	own := &nameLabels{name: []*dto.LabelPair{pair("job_name", c.name)}}
	for i := range own.first {
		own.first[i] = []*dto.LabelPair{own.name[0], outcomePairs[i]}
	}
	c.shown.Store(own)
	return own
}

// with are the labels beside an outcome.
func (l *nameLabels) with(outcome string) []*dto.LabelPair {
	for i, first := range firstOutcomes {
		if first == outcome {
			return l.first[i]
		}
	}
	return []*dto.LabelPair{l.name[0], pair("outcome", outcome)}
}

// withInfo are the labels of an info.
func (l *nameLabels) withInfo(info jobInfo) []*dto.LabelPair {
	if last := l.info.Load(); last != nil && last.info == info {
		return last.labels
	}
	made := &infoLabels{info, []*dto.LabelPair{l.name[0], pair("kind", info.kind), pair("location", info.location),
		pair("pool", info.pool), pair("schedule", info.schedule)}}
	l.info.Store(made)
	return made.labels
}

var outcomePairs = func() (pairs [len(firstOutcomes)]*dto.LabelPair) {
	for i, outcome := range firstOutcomes {
		pairs[i] = pair("outcome", outcome)
	}
	return pairs
}()

func pair(name, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)}
}

// A metric is a counter or a gauge at one moment.
type metric struct {
	desc    *prometheus.Desc
	value   float64
	labels  []*dto.LabelPair // in alphabetical order, as long as their capacity
	counter dto.Counter      // if it has a value
	gauge   dto.Gauge        // else
}

// Desc is what the metric is one of.
func (m *metric) Desc() *prometheus.Desc { return m.desc }

// Write writes it.
func (m *metric) Write(to *dto.Metric) error {
	to.Label = m.labels
	if m.counter.Value != nil {
		to.Counter = &m.counter
	} else {
		to.Gauge = &m.gauge
	}
	return nil
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
