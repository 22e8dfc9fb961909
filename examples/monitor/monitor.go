package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

var (
	errUnknownTarget = errors.New("no such target")
	errNeverRan      = errors.New("accepted, but never ran")
)

// checkTag marks the periodic jobs.
const checkTag = "check"

// monitor checks targets: from time to time, and at once when asked to. Both
// kinds of check share one limit and one queue.
type monitor struct {
	cfg       config
	client    *http.Client
	scheduler gocron.Scheduler
	board     *board
}

func newMonitor(cfg config, options ...gocron.SchedulerOption) (*monitor, error) {
	options = append([]gocron.SchedulerOption{
		gocron.WithLimitConcurrentJobs(cfg.Limit, gocron.LimitModeWait),
		gocron.WithStopTimeout(time.Duration(cfg.Timeout) + time.Second),
	}, options...)
	scheduler, err := gocron.NewScheduler(options...)
	if err != nil {
		return nil, err
	}
	m := &monitor{
		cfg:       cfg,
		client:    &http.Client{Timeout: time.Duration(cfg.Timeout)},
		scheduler: scheduler,
		board:     newBoard(cfg.Targets),
	}
	for _, t := range cfg.Targets {
		if err := m.checkPeriodically(t); err != nil {
			return nil, fmt.Errorf("target %q: %w", t.Name, err)
		}
	}
	return m, nil
}

func (m *monitor) checkPeriodically(t target) error {
	_, err := m.scheduler.NewJob(
		gocron.DurationJob(time.Duration(t.Every)),
		gocron.NewTask(func(ctx context.Context) error {
			return m.check(ctx, t)
		}),
		gocron.WithName("check "+t.Name),
		gocron.WithTags(checkTag),
		gocron.WithStartAt(gocron.WithStartImmediately()),
		// A target that is checked more often than it answers would fill the
		// queue: leave out a check while the one before waits or goes on.
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
	)
	return err
}

func (m *monitor) start() { m.scheduler.Start() }

// requestTest accepts a test of the named target, which runs as soon as there
// is a slot, and returns its id.
func (m *monitor) requestTest(name string) (uuid.UUID, error) {
	t, ok := m.target(name)
	if !ok {
		return uuid.Nil, errUnknownTarget
	}
	// The test is on the board before the job exists, since the job may run
	// before NewJob returns.
	id := uuid.New()
	m.board.accept(id, name)
	_, err := m.scheduler.NewJob(
		gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()),
		gocron.NewTask(func(ctx context.Context) error {
			m.board.begin(id)
			err := m.check(ctx, t)
			m.board.end(id, err)
			return err
		}),
		gocron.WithIdentifier(id),
		gocron.WithName("test "+name),
		// Takes the job off the scheduler's list when it has run.
		gocron.WithLimitedRuns(1),
	)
	if err != nil {
		m.board.refuse(id)
		return uuid.Nil, err
	}
	return id, nil
}

func (m *monitor) target(name string) (target, bool) {
	for _, t := range m.cfg.Targets {
		if t.Name == name {
			return t, true
		}
	}
	return target{}, false
}

// check asks the target once and writes the answer down. ctx ends when the
// scheduler stops or the job is removed.
func (m *monitor) check(ctx context.Context, t target) error {
	start := time.Now()
	status, err := m.get(ctx, t.URL)
	if ctx.Err() != nil {
		return ctx.Err() // we ended it: the target is not to blame
	}
	m.board.record(t.Name, status, time.Since(start), err != nil)
	return err
}

func (m *monitor) get(ctx context.Context, url string) (status string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "bad request", err
	}
	response, err := m.client.Do(request)
	if err != nil {
		return "no answer", err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		err = errors.New(response.Status)
	}
	return response.Status, err
}

// shutdown ends the periodic checks, lets the accepted tests run until ctx
// ends, and stops the scheduler. No test may be requested any more. It returns
// an error if a test never ran.
func (m *monitor) shutdown(ctx context.Context) error {
	m.scheduler.RemoveByTags(checkTag)
	m.board.waitForTests(ctx)
	err := m.scheduler.Shutdown()
	m.client.CloseIdleConnections()
	if n := m.board.waiting(); n > 0 {
		err = errors.Join(err, fmt.Errorf("%d tests: %w", n, errNeverRan))
	}
	return err
}
