package prom

import (
	"context"
	"slices"
	"strings"
	"sync"
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
	made     sync.Map // *histograms by the name of a job or of a pool
}

func (c *collector) makeHistograms() {
	label := "pool"
	if c.byJob {
		label = "job_name"
	}
	c.duration = histogram("gocron_run_duration_seconds", "How long the task took, in the last attempt of a run.", c.buckets, label)
	c.delay = histogram("gocron_run_start_delay_seconds", "How long after a run was due its first attempt started.", delayBuckets, label)
	c.tally.started = func(name, pool string, delay float64) { c.histograms(name, pool).delay.Observe(delay) }
	c.tally.finished = func(name, pool string, took float64) { c.histograms(name, pool).duration.Observe(took) }
	c.tally.forgotten = func(name string) {
		if c.byJob {
			c.made.Delete(name)
			c.duration.DeleteLabelValues(name)
			c.delay.DeleteLabelValues(name)
		}
	}
}

// histograms have one value of their label.
type histograms struct{ duration, delay prometheus.Observer }

// histograms belong to the name of a job, or to its pool. They are looked up once.
func (c *collector) histograms(name, pool string) *histograms {
	value := pool
	if c.byJob {
		value = name
	}
	if made, has := c.made.Load(value); has {
		return made.(*histograms)
	}
	label := valid(value)
	made := &histograms{c.duration.WithLabelValues(label), c.delay.WithLabelValues(label)}
	c.made.Store(strings.Clone(value), made)
	return made
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
type shower struct{ to chan<- prometheus.Metric }

func (s *shower) gauge(d *prometheus.Desc, value float64, labels []*dto.LabelPair) {
	s.to <- newGauge(d, value, labels)
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
	name := j.series()
	j.each(func(outcome string, n uint64) { s.to <- name.counter(outcome, float64(n)) })
	if !j.there {
		return
	}
	s.time(name, seriesNext, j.next)
	s.time(name, seriesLast, j.lastRun)
	s.time(name, seriesSuccess, j.lastSuccess)
	s.to <- name.gauge(seriesPaused, oneIf(j.paused))
	s.to <- name.gauge(seriesOverdue, oneIf(j.overdue))
	for _, info := range j.infos {
		s.to <- name.infoGauge(info)
	}
}

// time shows a time of a job's, unless there is none.
func (s *shower) time(name *nameSeries, which int, t time.Time) {
	if !t.IsZero() {
		s.to <- name.gauge(which, unix(t))
	}
}

// nameSeries are the metrics of one name as they were shown last. Most are the same in the next
// scrape, and nobody changes one that has been made, nor a list of labels.
type nameSeries struct {
	labels []*dto.LabelPair
	counts [len(firstOutcomes)]atomic.Pointer[counter]
	gauges [len(seriesDescs)]atomic.Pointer[gauge]
	info   atomic.Pointer[infoGauge]
}

// The gauges that have a name alone.
const (
	seriesNext = iota
	seriesLast
	seriesSuccess
	seriesPaused
	seriesOverdue
)

var seriesDescs = [...]*prometheus.Desc{seriesNext: nextRun, seriesLast: lastRun, seriesSuccess: lastSuccess,
	seriesPaused: jobPaused, seriesOverdue: jobOverdue}

func (c *counts) series() *nameSeries {
	if own, has := c.shown.Load().(*nameSeries); has {
		return own
	}
	own := &nameSeries{labels: []*dto.LabelPair{pair("job_name", c.name)}}
	c.shown.Store(own)
	return own
}

// counter is the count of an outcome.
func (s *nameSeries) counter(outcome string, n float64) prometheus.Metric {
	i := slices.Index(firstOutcomes[:], outcome)
	if i < 0 {
		return newCounter(runsTotal, n, []*dto.LabelPair{s.labels[0], pair("outcome", outcome)})
	}
	last := s.counts[i].Load()
	switch {
	case last == nil:
		last = newCounter(runsTotal, n, []*dto.LabelPair{s.labels[0], outcomePairs[i]})
	case last.value != n:
		last = newCounter(runsTotal, n, last.labels)
	default:
		return last
	}
	s.counts[i].Store(last)
	return last
}

func (s *nameSeries) gauge(which int, value float64) prometheus.Metric {
	last := s.gauges[which].Load()
	if last == nil || last.value != value {
		last = newGauge(seriesDescs[which], value, s.labels)
		s.gauges[which].Store(last)
	}
	return last
}

// infoGauge is the metric of an info.
type infoGauge struct {
	gauge
	info jobInfo
}

func (s *nameSeries) infoGauge(info jobInfo) prometheus.Metric {
	if last := s.info.Load(); last != nil && last.info == info {
		return &last.gauge
	}
	made := &infoGauge{info: info}
	made.set(jobInfos, 1, []*dto.LabelPair{s.labels[0], pair("kind", info.kind), pair("location", info.location),
		pair("pool", info.pool), pair("schedule", info.schedule)})
	s.info.Store(made)
	return &made.gauge
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

// metric is what counters and gauges have. Labels are in alphabetical order, as long as their
// capacity.
type metric struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	value  float64
}

// Desc is what the metric is one of.
func (m *metric) Desc() *prometheus.Desc { return m.desc }

// A counter is one at one moment.
type counter struct {
	metric
	shown dto.Counter
}

func newCounter(d *prometheus.Desc, value float64, labels []*dto.LabelPair) *counter {
	m := &counter{metric: metric{d, labels, value}}
	m.shown.Value = &m.value
	return m
}

// Write writes it.
func (m *counter) Write(to *dto.Metric) error {
	to.Label, to.Counter = m.labels, &m.shown
	return nil
}

// A gauge is one at one moment.
type gauge struct {
	metric
	shown dto.Gauge
}

func newGauge(d *prometheus.Desc, value float64, labels []*dto.LabelPair) *gauge {
	m := &gauge{}
	m.set(d, value, labels)
	return m
}

func (m *gauge) set(d *prometheus.Desc, value float64, labels []*dto.LabelPair) {
	m.metric = metric{d, labels, value}
	m.shown.Value = &m.value
}

// Write writes it.
func (m *gauge) Write(to *dto.Metric) error {
	to.Label, to.Gauge = m.labels, &m.shown
	return nil
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
