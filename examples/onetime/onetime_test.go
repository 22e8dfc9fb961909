package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestEveryJobRunsOnce(t *testing.T) {
	for _, limit := range []uint{1, 3} {
		cfg := config{
			jobs: 60, callers: 3, limit: limit, periodic: 2,
			every: time.Millisecond, timeout: time.Minute,
		}
		res, err := run(context.Background(), cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.check(); err != nil || res.ran != cfg.jobs {
			t.Errorf("limit %d: got %+v, %v", limit, res, err)
		}
	}
}

func TestGivingUpFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	cfg := config{
		jobs: 1000, callers: 4, limit: 1, every: time.Hour,
		work: time.Millisecond, timeout: time.Minute,
	}
	res, err := run(ctx, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.check() == nil {
		t.Errorf("got %+v: jobs that did not run must fail the check", res)
	}
}

func TestCheckFails(t *testing.T) {
	good := result{asked: 3, created: 3, ran: 3}
	if err := good.check(); err != nil {
		t.Errorf("a good result failed: %v", err)
	}
	for name, bad := range map[string]result{
		"fewer":  {asked: 3, created: 2, ran: 2},
		"lost":   {asked: 3, created: 3, ran: 2, lost: 1},
		"twice":  {asked: 3, created: 3, ran: 3, twice: 1},
		"queued": {asked: 3, created: 3, ran: 2, queued: 1},
	} {
		if bad.check() == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}

func TestFlags(t *testing.T) {
	cfg, err := parseFlags([]string{"-jobs", "7", "-limit", "2"}, io.Discard)
	if err != nil || cfg.jobs != 7 || cfg.limit != 2 {
		t.Errorf("got %+v, %v", cfg, err)
	}
	for _, args := range []string{
		"-jobs 0", "-callers 0", "-pace -1s", "-limit 0", "-limit -1", "-periodic -1",
		"-every 0s", "-work -1s", "-timeout 0s", "-unknown", "extra",
	} {
		var out bytes.Buffer
		if _, err := parseFlags(strings.Fields(args), &out); err == nil {
			t.Errorf("%s: want an error", args)
		}
		if out.Len() == 0 {
			t.Errorf("%s: want a message", args)
		}
	}
}
