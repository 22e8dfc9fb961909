package prom

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// A fakeRun is the RunInfo of a scheduler's package.
type fakeRun struct{ facts RunFacts }

func (r fakeRun) Facts() RunFacts { return r.facts }

// A fakeController is the *Controller of a scheduler's package.
type fakeController struct {
	mu      sync.Mutex
	tell    []func(stage string, run fakeRun)
	jobs    []JobFacts
	elector bool
	running bool
	pools   []map[string]any
	err     error
}

func (c *fakeController) Watch(ctx context.Context, f func(stage string, run fakeRun)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell = append(c.tell, func(stage string, run fakeRun) {
		if ctx.Err() == nil {
			f(stage, run)
		}
	})
	return nil
}

func (c *fakeController) EachJob(ctx context.Context, f func(JobFacts) bool) error {
	for _, job := range c.jobs {
		if !f(job) {
			return nil
		}
	}
	return ctx.Err()
}

func (c *fakeController) Snapshot(ctx context.Context, filter, cursor string, limit int) ([]byte, string, error) {
	if c.err != nil {
		return nil, "", c.err
	}
	if filter != "parts=scheduler" || cursor != "" || limit != 0 {
		return nil, "", errors.New("another snapshot")
	}
	document, err := json.Marshal(map[string]any{"version": 1, "scheduler": map[string]any{
		"running": c.running, "elector": c.elector, "pools": c.pools,
	}})
	return document, "", err
}

// ends has a run of a job start and end.
func (c *fakeController) ends(name, outcome string, took time.Duration) {
	run := RunFacts{JobName: name, Pool: "pool", Outcome: "pending", ScheduledAt: now, StartedAt: now.Add(time.Second), Attempt: 1}
	c.told("started", run)
	run.Outcome, run.FinishedAt = outcome, run.StartedAt.Add(took)
	c.told("finished", run)
}

func (c *fakeController) told(stage string, run RunFacts) {
	for _, tell := range c.tell {
		tell(stage, fakeRun{run})
	}
}
