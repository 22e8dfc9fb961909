package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	prom "github.com/gocron-fixed/gocron/metrics/prometheus"
	"github.com/gocron-fixed/gocron/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	s, err := gocron.NewScheduler()
	if err != nil {
		log.Fatal(err)
	}
	c := gocron.NewController(s)
	registry := prometheus.NewRegistry()
	if err := prom.Attach(context.Background(), registry, c); err != nil {
		log.Fatal(err)
	}
	runs := 0
	job, err := s.NewJob(gocron.CronJob("0 3 * * *", false), gocron.NewTask(func() error {
		runs++
		if runs == 2 {
			return errors.New("disk full")
		}
		return nil
	}), gocron.WithName("backup"))
	if err != nil {
		log.Fatal(err)
	}
	s.Start()
	for range 3 {
		if _, err := c.RunAndWait(context.Background(), job.ID()); err != nil {
			log.Fatal(err)
		}
	}

	if err := s.Shutdown(); err != nil { // here before the scrape, so that all runs are counted
		log.Fatal(err)
	}
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	// Instead of http.Handle("/metrics", metrics), one scrape:
	scrape := httptest.NewRecorder()
	metrics.ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range strings.Split(scrape.Body.String(), "\n") {
		if strings.HasPrefix(line, "gocron_runs_total") && !strings.HasSuffix(line, " 0") {
			fmt.Println(line)
		}
	}
}
