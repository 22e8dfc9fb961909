//go:build unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	gocronmetrics "github.com/gocron-fixed/gocron/metrics/prometheus"
	"github.com/gocron-fixed/gocron/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header            { return d.header }
func (d discard) Write(text []byte) (int, error) { return len(text), nil }
func (d discard) WriteHeader(int)                {}

// cpu is the processor time of this process so far, in milliseconds.
func cpu(b *testing.B) float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e6
}

// BenchmarkScrape is a scrape of 10,000 jobs: all of it, as Prometheus asks for it, up to the text.
// On a busy machine the processor time counts.
func BenchmarkScrape(b *testing.B) {
	s, err := gocron.NewScheduler(gocron.WithJobStats())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Shutdown() }()
	for i := range 10_000 {
		_, err := s.NewJob(gocron.CronJob("30 3 * * *", false), gocron.NewTask(func() {}), gocron.WithName(fmt.Sprintf("job %d", i)))
		if err != nil {
			b.Fatal(err)
		}
	}
	s.Start()
	control := gocron.NewController(s)
	registry := prometheus.NewRegistry()
	if err := gocronmetrics.Attach(context.Background(), registry, control); err != nil {
		b.Fatal(err)
	}
	scrape := promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	measure := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			for range b.N {
				do()
			}
			b.ReportMetric((cpu(b)-before)/float64(b.N), "cpu-ms/op")
		})
	}
	measure("all", func() {
		scrape.ServeHTTP(discard{http.Header{}}, httptest.NewRequest("GET", "/metrics", nil))
	})
	measure("EachJob", func() {
		_ = control.EachJob(context.Background(), func(gocron.JobFacts) bool { return true })
	})
	measure("gathered", func() { _, _ = registry.Gather() })
}

// BenchmarkRun is what metrics add to a run: rounds with and without them take turns.
func BenchmarkRun(b *testing.B) {
	const runs = 10_000
	s, err := gocron.NewScheduler()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Shutdown() }()
	job, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), gocron.WithName("job"))
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	control := gocron.NewController(s)
	round := func() float64 {
		before := cpu(b)
		for range runs {
			if err := job.RunNow(); err != nil {
				b.Fatal(err)
			}
		}
		if err := control.Wait(context.Background(), job.ID()); err != nil {
			b.Fatal(err)
		}
		return cpu(b) - before
	}
	var with, without float64
	for range b.N {
		without += round()
		ctx, cancel := context.WithCancel(context.Background())
		if err := gocronmetrics.Attach(ctx, prometheus.NewRegistry(), control); err != nil {
			b.Fatal(err)
		}
		with += round()
		cancel()
	}
	perRun := 1e6 / runs / float64(b.N)
	b.ReportMetric(without*perRun, "cpu-ns/run-without")
	b.ReportMetric((with-without)*perRun, "cpu-ns/run-added")
}
