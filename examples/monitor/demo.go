package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"time"
)

// demoConfig is used without -config. startDemoTargets fills in the addresses.
func demoConfig() config {
	every := duration(100 * time.Millisecond)
	return config{
		Limit:   2,
		Timeout: duration(2 * time.Second),
		Targets: []target{
			{Name: "fast", Every: every},
			{Name: "slow", Every: every},
			{Name: "broken", Every: every},
			{Name: "flapping", Every: every},
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
			time.Sleep(120 * time.Millisecond)
		case name == "broken", name == "flapping" && n%2 == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

// askForTests asks for a test of one target after the other until ctx ends.
// Now and then it asks for ten at once, so that a queue builds up.
func askForTests(ctx context.Context, base string, targets []target) {
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		n := 1
		if i%10 == 5 {
			n = 10
		}
		for ; n > 0; n-- {
			askForTest(ctx, base, targets[(i+n)%len(targets)].Name)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// askForTest lets errors pass: what was not accepted is not counted.
func askForTest(ctx context.Context, base, name string) {
	address := base + "/test?target=" + url.QueryEscape(name)
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
