// A program that has its scheduler watched by the metrics modules and the web page, and checks that
// a run is counted and shown.
package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/gocron-fixed/gocron/dashboard"
	"github.com/gocron-fixed/gocron/metrics/otel"
	prom "github.com/gocron-fixed/gocron/metrics/prometheus"
	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "observed:", err)
		os.Exit(1)
	}
	fmt.Println("observed: all good")
}

func run() error {
	traced := otel.Middleware(gocron.WithMiddleware, gocron.RunFromContext, tracenoop.NewTracerProvider().Tracer("jobs"))
	s, err := gocron.NewScheduler(gocron.WithGlobalJobOptions(traced))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	registry := prometheus.NewPedanticRegistry()
	if err := prom.Attach(ctx, registry, gocron.NewController(s)); err != nil {
		return err
	}
	meter := metricnoop.NewMeterProvider().Meter("jobs")
	if err := otel.Attach(ctx, meter, gocron.NewController(s)); err != nil {
		return err
	}
	job, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), gocron.WithName("job"))
	if err != nil {
		return err
	}
	s.Start()
	if err := job.RunNow(); err != nil {
		return err
	}
	if err := gocron.NewController(s).Wait(ctx, job.ID()); err != nil {
		return err
	}
	if err := s.StopJobs(); err != nil { // which waits until all was told
		return err
	}
	if n, err := succeeded(registry); err != nil || n != 1 {
		return fmt.Errorf("%v runs have succeeded, want 1; error %v", n, err)
	}
	if page := show(s); !strings.Contains(page, "1 job") {
		return fmt.Errorf("the page does not show the job: %s", page)
	}
	return s.Shutdown()
}

// show is the page of the jobs.
func show(s gocron.Scheduler) string {
	r := httptest.NewRequest("GET", "http://localhost/", nil)
	r.RemoteAddr = "127.0.0.1:1234"
	w := httptest.NewRecorder()
	dashboard.New(gocron.NewController(s), nil).ServeHTTP(w, r)
	return w.Body.String()
}

// succeeded is how many runs have, by the registry.
func succeeded(registry *prometheus.Registry) (n float64, err error) {
	families, err := registry.Gather()
	for _, family := range families {
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if family.GetName() == "gocron_runs_total" && label.GetValue() == "succeeded" {
					n += m.GetCounter().GetValue()
				}
			}
		}
	}
	return n, err
}
