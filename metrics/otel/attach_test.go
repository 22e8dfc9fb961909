package otel

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// attached is a reader of a meter to which a controller is attached.
func attached(t testing.TB, c *fakeController, options ...Option) *metric.ManualReader {
	t.Helper()
	reader := metric.NewManualReader()
	meter := metric.NewMeterProvider(metric.WithReader(reader)).Meter("jobs")
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := Attach(ctx, meter, c, options...); err != nil {
		t.Fatal(err)
	}
	return reader
}

// shown is what a reader has of the metrics whose names begin so, a line each.
func shown(t testing.TB, reader *metric.ManualReader, prefix string) string {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &data); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			if strings.HasPrefix(m.Name, prefix) {
				lines = append(lines, points(m)...)
			}
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func points(m metricdata.Metrics) (lines []string) {
	add := func(set attribute.Set, value any) {
		lines = append(lines, fmt.Sprintf("%s{%s} %v", m.Name, set.Encoded(attribute.DefaultEncoder()), value))
	}
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, p.Value)
		}
	case metricdata.Gauge[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, p.Value)
		}
	case metricdata.Gauge[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, p.Value)
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprintf("count %d sum %v", p.Count, p.Sum))
		}
	}
	return lines
}

func requireShown(t testing.TB, reader *metric.ManualReader, want, prefix string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimSpace(want), "\t", "")
	if got := shown(t, reader, prefix); got != want {
		t.Fatalf("got\n%s\n\nwant\n%s", got, want)
	}
}

func TestAttachShowsJobs(t *testing.T) {
	c := &fakeController{running: true, elector: true, pools: []map[string]any{{"name": "disk", "limit": 4, "taken": 1, "waiting": 2,
		"retrying": 3, "oldest_waiting_seconds": 1.5}}, jobs: []JobFacts{{
		Name: "backup", Kind: "cron", Schedule: "daily", Location: "UTC", Pool: "disk", Next: now, LastStarted: now, LastSuccess: now, Paused: true,
	}}}
	reader := attached(t, c)
	c.ends("backup", "succeeded", 2*time.Second)
	c.ends("backup", "cancelled", 3*time.Second)
	requireShown(t, reader, `
	gocron.job.info{job_name=backup,kind=cron,location=UTC,pool=disk,schedule=daily} 1
	gocron.job.last_run.timestamp{job_name=backup} 1.773144e+09
	gocron.job.last_success.timestamp{job_name=backup} 1.773144003e+09
	gocron.job.next_run.timestamp{job_name=backup} 1.773144e+09
	gocron.job.overdue{job_name=backup} 0
	gocron.job.paused{job_name=backup} 1
	gocron.leader{} 1
	gocron.oldest_waiting{pool=disk} 1.5
	gocron.pool.limit{pool=disk} 4
	gocron.run.duration{pool=pool} count 2 sum 5
	gocron.run.start_delay{pool=pool} count 2 sum 2
	gocron.runs.in_progress{pool=disk} 1
	gocron.runs.retrying{pool=disk} 3
	gocron.runs.waiting{pool=disk} 2
	gocron.runs{job_name=backup,outcome=cancelled} 1
	gocron.runs{job_name=backup,outcome=failed} 0
	gocron.runs{job_name=backup,outcome=interrupted} 0
	gocron.runs{job_name=backup,outcome=missed} 0
	gocron.runs{job_name=backup,outcome=panicked} 0
	gocron.runs{job_name=backup,outcome=succeeded} 1
	gocron.runs{job_name=backup,outcome=timed-out} 0
	gocron.scheduler.running{} 1
	`, "gocron.")
	c.jobs, c.elector = nil, false
	requireShown(t, reader, "", "gocron.job")
	requireShown(t, reader, "", "gocron.leader")
}

func TestAttachFoldsAndRenames(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "mail 1", Transient: true}, {Name: "other\xff"}}}
	requireShown(t, attached(t, c), "gocron.job.paused{job_name=one-time jobs} 0\ngocron.job.paused{job_name=other\uFFFD} 0", "gocron.job.p")
	reader := attached(t, c, WithJobName(func(string, bool) string { return "job" }), WithJobHistograms())
	c.ends("a", "failed", time.Second)
	requireShown(t, reader, "gocron.job.paused{job_name=job} 0", "gocron.job.p")
	requireShown(t, reader, "gocron.run.duration{job_name=job} count 1 sum 1", "gocron.run.d")
}

func TestAttachEndsWithItsContext(t *testing.T) {
	reader := metric.NewManualReader()
	meter := metric.NewMeterProvider(metric.WithReader(reader)).Meter("jobs")
	ctx, cancel := context.WithCancel(context.Background())
	c := &fakeController{}
	if err := Attach(ctx, meter, c); err != nil {
		t.Fatal(err)
	}
	requireShown(t, reader, "gocron.scheduler.running{} 0", "gocron.")
	cancel()
	requireShown(t, reader, "", "gocron.")
	c.ends("a", "failed", time.Second)
	requireShown(t, reader, "", "gocron.")
}

func TestAttachRefuses(t *testing.T) {
	meter := metric.NewMeterProvider().Meter("jobs")
	if err := Attach(context.Background(), meter, &fakeController{}, WithJobName(nil)); err == nil || !strings.Contains(err.Error(), "allowed: ") {
		t.Fatal(err)
	}
	if err := Attach(context.Background(), meter, &fakeController{err: errors.ErrUnsupported}); !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Attach(ctx, meter, &fakeController{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func BenchmarkRun(b *testing.B) {
	c := &fakeController{}
	attached(b, c)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		c.ends("job", "succeeded", time.Second)
	}
}

func BenchmarkCollect(b *testing.B) {
	c := &fakeController{}
	for i := 0; i < 10_000; i++ {
		c.jobs = append(c.jobs, JobFacts{Name: fmt.Sprintf("job %d", i), Kind: "cron", Schedule: "every day at 03:00", Location: "UTC",
			Next: now, LastStarted: now, LastSuccess: now})
	}
	reader := attached(b, c)
	var data metricdata.ResourceMetrics
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if err := reader.Collect(context.Background(), &data); err != nil {
			b.Fatal(err)
		}
	}
}
