package prom

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// attached is a registry to which a controller is attached.
func attached(t testing.TB, c *fakeController, options ...Option) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := Attach(ctx, registry, c, options...); err != nil {
		t.Fatal(err)
	}
	return registry
}

// shown is what a registry shows of the metrics whose names begin so, a line each.
func shown(t testing.TB, registry prometheus.Gatherer, prefixes ...string) string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, family := range families {
		for _, prefix := range prefixes {
			if strings.HasPrefix(family.GetName(), prefix) {
				for _, m := range family.GetMetric() {
					lines = append(lines, line(family.GetName(), m))
				}
				break
			}
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func line(name string, m *dto.Metric) string {
	var labels []string
	for _, label := range m.GetLabel() {
		labels = append(labels, fmt.Sprintf("%s=%q", label.GetName(), label.GetValue()))
	}
	value := fmt.Sprint(m.GetCounter().GetValue() + m.GetGauge().GetValue())
	if h := m.GetHistogram(); h != nil {
		value = fmt.Sprintf("count %d sum %v", h.GetSampleCount(), h.GetSampleSum())
	}
	return fmt.Sprintf("%s{%s} %s", name, strings.Join(labels, ","), value)
}

func requireShown(t testing.TB, registry prometheus.Gatherer, want string, prefixes ...string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimSpace(want), "\t", "")
	if got := shown(t, registry, prefixes...); got != want {
		t.Fatalf("got\n%s\n\nwant\n%s", got, want)
	}
}

func TestAttachShowsJobs(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{
		Name: "backup", Kind: "cron", Schedule: "every day at 03:00", Location: "UTC", Pool: "disk", ID: [16]byte{1}, Tags: []string{"secret"},
		Next: now.Add(time.Hour), LastStarted: now.Add(-time.Hour), LastSuccess: now.Add(-25 * time.Hour), Paused: true,
	}}}
	registry := attached(t, c)
	requireShown(t, registry, `
	gocron_job_info{job_name="backup",kind="cron",location="UTC",pool="disk",schedule="every day at 03:00"} 1
	gocron_job_last_run_timestamp_seconds{job_name="backup"} 1.7731404e+09
	gocron_job_last_success_timestamp_seconds{job_name="backup"} 1.773054e+09
	gocron_job_next_run_timestamp_seconds{job_name="backup"} 1.7731476e+09
	gocron_job_overdue{job_name="backup"} 0
	gocron_job_paused{job_name="backup"} 1
	gocron_runs_total{job_name="backup",outcome="failed"} 0
	gocron_runs_total{job_name="backup",outcome="interrupted"} 0
	gocron_runs_total{job_name="backup",outcome="missed"} 0
	gocron_runs_total{job_name="backup",outcome="panicked"} 0
	gocron_runs_total{job_name="backup",outcome="succeeded"} 0
	gocron_runs_total{job_name="backup",outcome="timed-out"} 0
	`, "gocron_job", "gocron_runs_total")
	c.ends("backup", "succeeded", 2*time.Second)
	c.ends("backup", "cancelled", 3*time.Second)
	c.ends("backup", "a-new-one", 0)
	c.told("finished", RunFacts{JobName: "backup", Outcome: "missed", ScheduledAt: now, FinishedAt: now})
	requireShown(t, registry, `
	gocron_runs_total{job_name="backup",outcome="a-new-one"} 1
	gocron_runs_total{job_name="backup",outcome="cancelled"} 1
	gocron_runs_total{job_name="backup",outcome="failed"} 0
	gocron_runs_total{job_name="backup",outcome="interrupted"} 0
	gocron_runs_total{job_name="backup",outcome="missed"} 1
	gocron_runs_total{job_name="backup",outcome="panicked"} 0
	gocron_runs_total{job_name="backup",outcome="succeeded"} 1
	gocron_runs_total{job_name="backup",outcome="timed-out"} 0
	`, "gocron_runs_total")
	requireShown(t, registry, `gocron_job_last_success_timestamp_seconds{job_name="backup"} 1.773144003e+09`, "gocron_job_last_s")
	requireShown(t, registry, `
	gocron_run_duration_seconds{pool="pool"} count 3 sum 5
	gocron_run_start_delay_seconds{pool="pool"} count 3 sum 3
	`, "gocron_run_")
}

func TestAttachShowsScheduler(t *testing.T) {
	c := &fakeController{running: true, pools: []map[string]any{
		{"name": "", "limit": 0, "taken": 1, "waiting": 2, "retrying": 3, "oldest_waiting_seconds": 1.5},
		{"name": "disk", "limit": 4, "taken": 4},
	}}
	registry := attached(t, c)
	want := `
	gocron_oldest_waiting_seconds{pool="disk"} 0
	gocron_oldest_waiting_seconds{pool=""} 1.5
	gocron_pool_limit{pool="disk"} 4
	gocron_runs_in_progress{pool="disk"} 4
	gocron_runs_in_progress{pool=""} 1
	gocron_runs_retrying{pool="disk"} 0
	gocron_runs_retrying{pool=""} 3
	gocron_runs_waiting{pool="disk"} 0
	gocron_runs_waiting{pool=""} 2
	gocron_scheduler_running{} 1
	`
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(want), "\t", ""), "\n")
	sort.Strings(lines)
	requireShown(t, registry, strings.Join(lines, "\n"), "gocron_")
	c.running = false
	requireShown(t, registry, `gocron_scheduler_running{} 0`, "gocron_s")
}

// Whether this node leads is known from its latest run, and shown if there is an elector.
func TestAttachShowsLeader(t *testing.T) {
	c := &fakeController{elector: true}
	registry := attached(t, c)
	requireShown(t, registry, ``, "gocron_leader")
	c.told("finished", RunFacts{JobName: "a", Outcome: "not-leader"})
	requireShown(t, registry, `gocron_leader{} 0`, "gocron_leader")
	c.ends("a", "succeeded", 0)
	requireShown(t, registry, `gocron_leader{} 1`, "gocron_leader")
	c.elector = false
	requireShown(t, registry, ``, "gocron_leader")
}

func TestAttachCountsJobsOfOneNameTogether(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{
		{Name: "a", Next: now.Add(2 * time.Hour), LastStarted: now, Schedule: "x"},
		{Name: "a", Next: now.Add(time.Hour), LastStarted: now.Add(-time.Hour), Paused: true, Schedule: "y"},
		{Name: "a", Overdue: true, Schedule: "x"},
	}}
	requireShown(t, attached(t, c), `
	gocron_job_info{job_name="a",kind="",location="",pool="",schedule="x"} 1
	gocron_job_info{job_name="a",kind="",location="",pool="",schedule="y"} 1
	gocron_job_last_run_timestamp_seconds{job_name="a"} 1.773144e+09
	gocron_job_next_run_timestamp_seconds{job_name="a"} 1.7731476e+09
	gocron_job_overdue{job_name="a"} 1
	gocron_job_paused{job_name="a"} 1
	`, "gocron_job_")
}

// One-time jobs may be made for each request: they are one name, and their times are no labels.
func TestAttachFoldsOneTimeJobs(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{
		{Name: "mail 1", Kind: "one-time", Schedule: "once, at 2026-03-10T12:00:00Z", Transient: true},
		{Name: "mail 2", Kind: "one-time", Schedule: "once, at 2026-03-10T13:00:00Z", Transient: true},
		{Name: "move", Kind: "one-time", Schedule: "once, at 2026-03-10T14:00:00Z"},
	}}
	registry := attached(t, c)
	c.told("finished", RunFacts{JobName: "mail 0", Transient: true, Outcome: "succeeded", Attempt: 1})
	requireShown(t, registry, `
	gocron_job_info{job_name="move",kind="one-time",location="",pool="",schedule=""} 1
	gocron_job_info{job_name="one-time jobs",kind="one-time",location="",pool="",schedule=""} 1
	`, "gocron_job_info")
	if text := shown(t, registry, "gocron_runs_total"); !strings.Contains(text, `{job_name="one-time jobs",outcome="succeeded"} 1`) {
		t.Fatal(text)
	}
}

func TestWithJobName(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "tenant 1: sync"}, {Name: "internal"}, {Name: "once", Transient: true}}}
	registry := attached(t, c, WithJobName(func(name string, transient bool) string {
		_, after, found := strings.Cut(name, ": ")
		switch {
		case transient:
			return "once"
		case found:
			return after
		}
		return ""
	}))
	c.ends("internal", "failed", 0)
	c.ends("tenant 2: sync", "failed", 0)
	requireShown(t, registry, `
	gocron_job_paused{job_name="once"} 0
	gocron_job_paused{job_name="sync"} 0
	`, "gocron_job_paused")
	if text := shown(t, registry, "gocron_runs_total"); strings.Contains(text, "internal") || !strings.Contains(text, `"sync",outcome="failed"} 1`) {
		t.Fatal(text)
	}
	requireShown(t, registry, `gocron_run_duration_seconds{pool="pool"} count 1 sum 0`, "gocron_run_d")
}

func TestWithJobHistograms(t *testing.T) {
	c := &fakeController{}
	registry := attached(t, c, WithJobHistograms(), WithBuckets(1, 2))
	c.ends("a", "succeeded", time.Second)
	c.ends("b", "failed", time.Second)
	requireShown(t, registry, `
	gocron_run_duration_seconds{job_name="a"} count 1 sum 1
	gocron_run_duration_seconds{job_name="b"} count 1 sum 1
	`, "gocron_run_d")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "gocron_run_duration_seconds" {
			if n := len(family.GetMetric()[0].GetHistogram().GetBucket()); n != 2 {
				t.Fatalf("%d buckets", n)
			}
		}
	}
}

// Of a run that is tried several times the first start and the last attempt are in the histograms,
// and one that was not performed is in neither.
func TestHistogramsOfAttempts(t *testing.T) {
	c := &fakeController{}
	registry := attached(t, c)
	run := RunFacts{JobName: "a", ScheduledAt: now, StartedAt: now.Add(time.Second), Attempt: 1}
	c.told("started", run)
	run.Attempt, run.StartedAt = 2, now.Add(time.Minute)
	c.told("started", run)
	run.Outcome, run.FinishedAt = "succeeded", run.StartedAt.Add(3*time.Second)
	c.told("finished", run)
	c.told("due", run)
	c.told("finished", RunFacts{JobName: "a", Outcome: "paused", ScheduledAt: now, FinishedAt: now})
	c.told("finished", RunFacts{JobName: "a", Outcome: "interrupted", Attempt: 1, StartedAt: now, FinishedAt: now.Add(time.Hour)})
	requireShown(t, registry, `
	gocron_run_duration_seconds{pool=""} count 1 sum 3
	gocron_run_start_delay_seconds{pool=""} count 1 sum 1
	`, "gocron_run_")
}

// The gauges of a job go with it, its counts some minutes later.
func TestSeriesGoWithTheJob(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "a"}, {Name: "b"}}}
	registry := prometheus.NewRegistry()
	own := &collector{ctx: context.Background(), buckets: durationBuckets, byJob: true}
	own.makeHistograms()
	if err := newTally(own.ctx, c, &own.tally); err != nil {
		t.Fatal(err)
	}
	if err := watch(own.ctx, c, &own.tally); err != nil {
		t.Fatal(err)
	}
	registry.MustRegister(own)
	c.ends("b", "succeeded", 0)
	c.jobs = c.jobs[:1]
	requireShown(t, registry, `gocron_job_paused{job_name="a"} 0`, "gocron_job_p")
	if text := shown(t, registry, "gocron_runs_total"); !strings.Contains(text, `{job_name="b",outcome="succeeded"} 1`) {
		t.Fatal(text)
	}
	counts := own.tally.of("b")
	counts.lastSeen.Add(-int64(keepGone) - int64(time.Hour))
	if text := shown(t, registry, "gocron_run"); strings.Contains(text, `"b"`) {
		t.Fatal(text)
	}
}

func TestNamesThatAreNoText(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "a\xff", Pool: "\xff"}}}
	registry := attached(t, c, WithJobHistograms())
	c.ends("a\xff", "failed", 0)
	requireShown(t, registry, "gocron_job_paused{job_name=\"a\uFFFD\"} 0", "gocron_job_p")
}

func TestAttachEndsWithItsContext(t *testing.T) {
	c := &fakeController{running: true}
	registry := prometheus.NewRegistry()
	ctx, cancel := context.WithCancel(context.Background())
	labelled := func(name string) prometheus.Registerer {
		return prometheus.WrapRegistererWith(prometheus.Labels{"scheduler": name}, registry)
	}
	if err := Attach(ctx, labelled("first"), c); err != nil {
		t.Fatal(err)
	}
	if err := Attach(ctx, labelled("first"), c); !errors.As(err, &prometheus.AlreadyRegisteredError{}) {
		t.Fatal(err)
	}
	if len(c.tell) != 1 {
		t.Fatal("it watches though it could not be registered")
	}
	if err := Attach(ctx, labelled("second"), c); err != nil {
		t.Fatal(err)
	}
	requireShown(t, registry, `
	gocron_scheduler_running{scheduler="first"} 1
	gocron_scheduler_running{scheduler="second"} 1
	`, "gocron_s")
	cancel()
	if text := shown(t, registry, "gocron_"); text != "" {
		t.Fatal(text)
	}
	for Attach(context.Background(), labelled("first"), c) != nil { // another goroutine unregisters it
		runtime.Gosched()
	}
}

func TestAttachRefuses(t *testing.T) {
	registry := prometheus.NewRegistry()
	for _, option := range []Option{WithJobName(nil), WithBuckets(), WithBuckets(2, 1), WithBuckets(1, 1)} {
		if err := Attach(context.Background(), registry, &fakeController{}, option); err == nil || !strings.Contains(err.Error(), "allowed: ") {
			t.Fatal(err)
		}
	}
	unsupported := &fakeController{err: errors.ErrUnsupported}
	if err := Attach(context.Background(), registry, unsupported); !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Attach(ctx, registry, &fakeController{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// An error of the Controller fails the scrape.
func TestScrapeTellsErrors(t *testing.T) {
	c := &fakeController{}
	registry := attached(t, c)
	c.err = errors.New("gone")
	if _, err := registry.Gather(); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Fatal(err)
	}
}

// TestScrapesDoNotChange: metrics that are the same again are not made again, and one that was
// shown stays as it was.
func TestScrapesDoNotChange(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "a", Next: now}}}
	registry := attached(t, c)
	scrape := func() (all []*dto.MetricFamily, values map[string]float64) {
		t.Helper()
		all, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		return all, valuesOf(all)
	}
	first, before := scrape()
	c.ends("a", "succeeded", time.Second)
	c.jobs[0].Paused, c.jobs[0].Next = true, now.Add(time.Minute)
	_, after := scrape()
	for name, want := range map[string][2]float64{
		"gocron_runs_total succeeded":           {0, 1},
		"gocron_runs_total failed":              {0, 0},
		"gocron_job_paused":                     {0, 1},
		"gocron_job_overdue":                    {0, 0},
		"gocron_job_next_run_timestamp_seconds": {unix(now), unix(now) + 60},
	} {
		if got := [2]float64{before[name], after[name]}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if still := valuesOf(first); !maps.Equal(still, before) {
		t.Errorf("the first scrape is now %v, it was %v", still, before)
	}
}

// valuesOf are the values of the metrics, by name and outcome.
func valuesOf(all []*dto.MetricFamily) map[string]float64 {
	values := map[string]float64{}
	for _, family := range all {
		for _, m := range family.Metric {
			name := family.GetName()
			for _, label := range m.Label {
				if label.GetName() == "outcome" {
					name += " " + label.GetValue()
				}
			}
			values[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return values
}

func BenchmarkScrape(b *testing.B) {
	c := &fakeController{}
	for i := 0; i < 10_000; i++ {
		c.jobs = append(c.jobs, JobFacts{Name: fmt.Sprintf("job %d", i), Kind: "cron", Schedule: "every day at 03:00", Location: "UTC",
			Next: now, LastStarted: now, LastSuccess: now})
	}
	registry := prometheus.NewRegistry()
	if err := Attach(context.Background(), registry, c); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := registry.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	c := &fakeController{}
	registry := prometheus.NewRegistry()
	if err := Attach(context.Background(), registry, c); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		c.ends("job", "succeeded", time.Second)
	}
}
