package main

import (
	"context"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// step is how far the clock moves at once while the past is played. All times of the jobs are
// multiples of it, so that no run is late.
const step = 5 * time.Second

// demo is a scheduler whose clock can be moved.
type demo struct {
	clock     *clockwork.FakeClock
	scheduler gocron.Scheduler
	following chan struct{} // closed when the clock follows the real one no more
	stop      context.CancelFunc
}

// newDemo makes the scheduler and its jobs, as of a time in the past.
func newDemo(start time.Time) (*demo, error) {
	start = start.Truncate(time.Minute)
	d := &demo{clock: clockwork.NewFakeClockAt(start), following: make(chan struct{})}
	s, err := gocron.NewScheduler(
		gocron.WithClock(d.clock),
		gocron.WithLocation(time.UTC),
		gocron.WithHistory(300),
		gocron.WithJobStats(),
		gocron.WithLimitConcurrentJobs(8, gocron.LimitModeWait),
		gocron.WithPool("warehouse", 1, gocron.LimitModeWait),
	)
	if err != nil {
		return nil, err
	}
	d.scheduler = s
	if err := d.addJobs(start); err != nil {
		_ = s.Shutdown()
		return nil, err
	}
	return d, nil
}

// play lets the time pass until now, and then lets the clock follow the real one. In the night
// before now the scheduler is stopped for half an hour.
func (d *demo) play(ctx context.Context) error {
	down := night(time.Now())
	up := down.Add(30 * time.Minute)
	d.scheduler.Start()
	for stopped := false; d.clock.Now().Before(time.Now().Add(-step)); {
		switch now := d.clock.Now(); {
		case !stopped && !now.Before(down) && now.Before(up):
			stopped = true
			_ = d.scheduler.StopJobs() // its tasks end with their contexts
		case stopped && !now.Before(up):
			stopped = false
			d.scheduler.Start()
		}
		d.clock.Advance(step)
		time.Sleep(300 * time.Microsecond) // for the runs that are due
		if ctx.Err() != nil {
			close(d.following)
			return ctx.Err()
		}
	}
	ctx, d.stop = context.WithCancel(context.Background())
	go d.follow(ctx)
	return nil
}

// night is the last time before now at which the scheduler was stopped, a little before the backup.
func night(now time.Time) time.Time {
	now = now.UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), 1, 45, 0, 0, time.UTC)
	if at.After(now.Add(-time.Hour)) {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// follow keeps the clock at the real time.
func (d *demo) follow(ctx context.Context) {
	defer close(d.following)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if behind := now.Sub(d.clock.Now()); behind > 0 {
				d.clock.Advance(behind)
			}
		}
	}
}

func (d *demo) close() {
	if d.stop != nil {
		d.stop()
		<-d.following
	}
	_ = d.scheduler.Shutdown() // an error is that of a task that takes its time
}
