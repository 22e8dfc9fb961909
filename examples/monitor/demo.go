package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"time"
)

// demoConfig is that of the demo. startDemoTargets fills in the addresses.
func demoConfig() config {
	often := duration(200 * time.Millisecond)
	return config{
		Limit:     2,
		TestLimit: 2,
		TestQueue: 10,
		Timeout:   duration(400 * time.Millisecond),
		Attempts:  3,
		Backoff:   duration(50 * time.Millisecond),
		Targets: []target{
			{Name: "ok", Every: often},
			{Name: "slow", Every: often},
			{Name: "flaky", Every: often, Tags: []string{"shaky"}},
			{Name: "down", Every: often},
			{Name: "gone", Every: often},
			{Name: "stuck", Every: duration(2 * time.Second)},
		},
	}
}

// startDemoTargets starts a server for each target and puts its address there.
func startDemoTargets(targets []target) (closeAll func()) {
	servers := make([]*httptest.Server, len(targets))
	for i := range targets {
		servers[i] = httptest.NewServer(demoTarget(targets[i].Name))
		targets[i].URL = servers[i].URL
	}
	return func() {
		for _, server := range servers {
			server.Close()
		}
	}
}

// demoTarget is a server that behaves as its name says.
func demoTarget(name string) http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		switch {
		case name == "slow":
			linger(r.Context(), 250*time.Millisecond)
		case name == "stuck":
			linger(r.Context(), time.Hour)
		case name == "flaky" && n%3 != 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case name == "gone":
			w.WriteHeader(http.StatusNotFound)
		case name == "down":
			panic(http.ErrAbortHandler) // hangs up without an answer
		}
	})
}

func linger(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// demonstrate uses the HTTP interface of the monitor until ctx ends.
func demonstrate(ctx context.Context, base string) {
	const step = 250 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	for i := 0; ; i++ {
		for _, path := range demoRequests(i) {
			post(ctx, base+path)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// demoRequests are the requests of one step: a test of one target after the other,
// once more tests than the queue takes, and a pause of two seconds.
func demoRequests(step int) (paths []string) {
	targets := demoConfig().Targets
	paths = append(paths, "/test?target="+url.QueryEscape(targets[step%len(targets)].Name))
	switch step {
	case 12:
		for i := 0; i < 20; i++ {
			paths = append(paths, "/test?target=slow")
		}
	case 16:
		paths = append(paths, "/pause?tag=shaky")
	case 24:
		paths = append(paths, "/resume?tag=shaky")
	}
	return paths
}

// post lets errors pass: what was not accepted is no run.
func post(ctx context.Context, address string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return
	}
	_ = response.Body.Close()
}
