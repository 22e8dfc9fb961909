package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// demo is a scheduler with a store and a clock that can be moved.
type demo struct {
	clock     *clockwork.FakeClock
	store     *sqlite.Store
	scheduler gocron.Scheduler
	control   *gocron.Controller
	late      string // the name of a job that was due while nothing ran, and is run by start
	stop      context.CancelFunc
	following chan struct{} // closed when the clock follows the real one no more

	mu     sync.Mutex
	asleep map[*time.Time]bool // when the tasks that sleep wake up
}

// past is what is played before the pages are shown: the program runs from start to down, nothing
// runs until up, and then the program runs again until now. The backup is due between down and up.
type past struct {
	start, down, up, now time.Time
}

// pastOf returns the last hours before now. If the last night was before them, the time in which
// nothing runs is longer.
func pastOf(now time.Time, hours int) past {
	backup := lastBackup(now.Add(-30 * time.Minute))
	now = now.UTC()
	p := past{down: backup.Add(-15 * time.Minute), up: backup.Add(15 * time.Minute), now: now}
	p.start = p.down.Add(-time.Hour)
	if played := now.Add(-time.Duration(hours) * time.Hour).Truncate(time.Minute); played.Before(p.start) {
		p.start = played
	} else if played.After(p.up) {
		p.up = played
	}
	return p
}

// lastBackup is the last time up to now at which the backup was due.
func lastBackup(now time.Time) time.Time {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) // the jobs could not be made either
	}
	now = now.In(berlin)
	at := time.Date(now.Year(), now.Month(), now.Day(), 3, 0, 0, 0, berlin)
	if at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()-1, 3, 0, 0, 0, berlin)
	}
	return at.UTC()
}

// openDemo makes the scheduler on a file, with its clock at a time of the past, and its jobs.
func openDemo(ctx context.Context, file string, at time.Time, p past) (*demo, error) {
	store, err := sqlite.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	d := &demo{clock: clockwork.NewFakeClockAt(at), store: store, asleep: map[*time.Time]bool{}}
	d.scheduler, err = gocron.NewScheduler(
		gocron.WithStore(store),
		gocron.WithClock(d.clock),
		gocron.WithLocation(time.UTC),
		gocron.WithHistory(300),
		gocron.WithJobStats(),
		gocron.WithLimitConcurrentJobs(8, gocron.LimitModeWait),
		gocron.WithPool("warehouse", 1, gocron.LimitModeWait),
	)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	d.control = gocron.NewController(d.scheduler)
	if err := d.addJobs(p); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openWithPast is openDemo for the time p.now. If there is no file yet, all of the past is played
// but its last part, which is for the caller to play: the scheduler's clock stands at p.up then.
func openWithPast(ctx context.Context, file string, p past) (*demo, error) {
	if _, err := os.Stat(file); err == nil {
		return openDemo(ctx, file, p.now, p)
	}
	first, err := openDemo(ctx, file, p.start, p)
	if err != nil {
		return nil, err
	}
	err = first.pause("newsletter", "alice", "the template is being redone, ask #mail")
	if err == nil {
		first.scheduler.Start()
		err = first.playUntil(ctx, p.down)
	}
	if err = errors.Join(err, first.close()); err != nil {
		return nil, err
	}
	second, err := openDemo(ctx, file, p.up, p)
	if err == nil {
		second.late = "backup"
	}
	return second, err
}

// start starts the scheduler. It returns when the job that is late is being run, so that the clock
// does not move on before.
func (d *demo) start(ctx context.Context) error {
	d.scheduler.Start()
	for d.late != "" {
		job, err := d.job(d.late)
		if err != nil {
			return err
		}
		if e, err := d.control.Explain(job.ID()); err != nil || e.Running > 0 {
			return err
		}
		if err := d.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wait leaves the processor to the scheduler for a moment of real time.
func (d *demo) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Microsecond):
		return nil
	}
}

// playUntil lets the time pass quickly, from one thing that happens to the next.
func (d *demo) playUntil(ctx context.Context, end time.Time) error {
	for {
		next, err := d.settle(ctx)
		now := d.clock.Now()
		if err != nil || !now.Before(end) {
			return err
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		d.clock.Advance(next.Sub(now))
	}
}

// settle lets everything happen that is due, and returns when something is due next.
func (d *demo) settle(ctx context.Context) (next time.Time, err error) {
	for {
		next, quiet := d.look()
		if quiet {
			return next, nil
		}
		if err := d.wait(ctx); err != nil {
			return next, err
		}
	}
}

// look returns when something happens next, and whether all is quiet until then: everything that is
// due has been made a run, and every task that is being called sleeps.
func (d *demo) look() (next time.Time, quiet bool) {
	before, err := d.control.Stats()
	if err != nil {
		return next, true
	}
	now := d.clock.Now()
	passed := false
	note := func(t time.Time) {
		passed = passed || !t.IsZero() && !t.After(now)
		if next.IsZero() || !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	for _, job := range d.scheduler.Jobs() {
		if e, err := d.control.Explain(job.ID()); err == nil {
			note(e.NextRun)
			note(e.NextAttempt)
		}
	}
	d.mu.Lock()
	asleep := len(d.asleep)
	for until := range d.asleep {
		note(*until)
	}
	d.mu.Unlock()
	after, err := d.control.Stats()
	same := err == nil && after.Made == before.Made && after.Running == before.Running && maps.Equal(after.Outcomes, before.Outcomes)
	return next, same && !passed && after.Running == asleep
}

// follow keeps the clock at the real time until close.
func (d *demo) follow() {
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	d.following = make(chan struct{})
	go func() {
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
	}()
}

// close ends the scheduler and gives the file back.
func (d *demo) close() error {
	if d.stop != nil {
		d.stop()
		<-d.following
	}
	return errors.Join(d.scheduler.Shutdown(), d.store.Close())
}

// pause pauses the job of a name.
func (d *demo) pause(name, who, note string) error {
	job, err := d.job(name)
	if err != nil {
		return err
	}
	return d.control.PauseWith(job.ID(), who, note)
}

func (d *demo) job(name string) (gocron.Job, error) {
	for _, job := range d.scheduler.Jobs() {
		if job.Name() == name {
			return job, nil
		}
	}
	return nil, fmt.Errorf("there is no job %q", name)
}

// sleep lets time pass on the scheduler's clock.
func (d *demo) sleep(ctx context.Context, t time.Duration) error {
	if t == 0 {
		return nil
	}
	until := d.clock.Now().Add(t)
	after := d.clock.After(t)
	d.mu.Lock()
	d.asleep[&until] = true
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.asleep, &until)
		d.mu.Unlock()
	}()
	select {
	case <-after:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
