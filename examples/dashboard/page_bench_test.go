//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/dashboard"
	"github.com/gocron-fixed/gocron/v2"
)

// lateness collects how late runs start.
type lateness struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *lateness) add(late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, late)
}

// take returns how many runs there were, and the lateness of the median and of the last of 100.
func (l *lateness) take() (n int, median, last float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.all)
	if n = len(l.all); n > 0 {
		median, last = l.all[n/2].Seconds()*1000, l.all[n*99/100].Seconds()*1000
	}
	l.all = nil
	return n, median, last
}

// BenchmarkPage is pages of a scheduler with 100,000 jobs, of which 100 run ten times a second. One
// page is loaded every 100 ms. On a busy machine the processor time counts.
func BenchmarkPage(b *testing.B) {
	s, err := gocron.NewScheduler(gocron.WithHistory(20), gocron.WithJobStats())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Shutdown() }()
	page := dashboard.New(gocron.NewController(s), access)
	var late lateness
	begin := time.Now().Add(time.Second)
	for i := range 100_000 {
		definition, task := gocron.CronJob("30 3 * * *", false), gocron.NewTask(func() {})
		options := []gocron.JobOption{gocron.WithName(fmt.Sprintf("job %d", i))}
		if i < 100 {
			at := begin.Add(time.Duration(i) * time.Millisecond)
			definition = gocron.DurationJob(100 * time.Millisecond)
			task = gocron.NewTask(func() { late.add(time.Since(at) % (100 * time.Millisecond)) })
			options = append(options, gocron.WithStartAt(gocron.WithStartDateTime(at)))
		}
		if _, err := s.NewJob(definition, task, options...); err != nil {
			b.Fatal(err)
		}
	}
	s.Start()
	time.Sleep(time.Until(begin.Add(time.Second)))
	for _, path := range []string{"no page", "/", "/?failing=1", "/?sort=next", "/grid", "/runs", "/scheduler"} {
		b.Run(path, func(b *testing.B) {
			late.take()
			before, took := cpu(b), time.Duration(0)
			started := time.Now()
			for range b.N {
				tick := time.Now()
				if path != "no page" {
					load(b, page, path)
				}
				took += time.Since(tick)
				time.Sleep(time.Until(tick.Add(100 * time.Millisecond)))
			}
			n, median, last := late.take()
			b.ReportMetric(took.Seconds()*1000/float64(b.N), "ms/page")
			b.ReportMetric((cpu(b)-before)/time.Since(started).Seconds(), "cpu-ms/s")
			b.ReportMetric(float64(n)/time.Since(started).Seconds(), "runs/s")
			b.ReportMetric(median, "late-ms")
			b.ReportMetric(last, "late-p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func load(b *testing.B, page http.Handler, path string) {
	r := httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
	r.RemoteAddr = "127.0.0.1:1234"
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	if w.Code != 200 {
		b.Fatal(w.Code)
	}
}
