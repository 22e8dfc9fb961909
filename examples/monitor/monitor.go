package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

const (
	testPool    = "tests"
	testTag     = "test"
	historySize = 20
	maxBackoff  = time.Minute
	cutOff      = 5 * time.Second // for tasks whose contexts were ended by a stop
	maxBody     = 64 << 10        // bytes of an answer that are read
)

var (
	errUnknownTarget = errors.New("no such target")
	errNotAccounted  = errors.New("some runs are not accounted for")
)

// monitor checks targets: from time to time, and at once when asked to.
type monitor struct {
	cfg        config
	grace      time.Duration
	client     http.Client
	scheduler  gocron.Scheduler
	controller *gocron.Controller
	ledger     *ledger
}

// newMonitor makes a monitor that at its end gives the runs that wait, or are in
// progress, the time of grace.
func newMonitor(cfg config, grace time.Duration) (*monitor, error) {
	m := &monitor{cfg: cfg, grace: grace, ledger: newLedger()}
	var err error
	m.scheduler, err = gocron.NewScheduler(
		gocron.WithLimitConcurrentJobs(cfg.Limit, gocron.LimitModeWait),
		gocron.WithPool(testPool, cfg.TestLimit, gocron.LimitModeWait),
		gocron.WithQueueLimit(cfg.TestQueue, testPool),
		gocron.WithHistory(historySize),
		gocron.WithHooks(m.ledger.hooks()),
		gocron.WithDrain(),
		gocron.WithStopTimeout(grace+cutOff),
		gocron.WithGlobalJobOptions(
			gocron.WithTimeout(time.Duration(cfg.Timeout)),
			gocron.WithRetry(gocron.RetryPolicy{
				Attempts: cfg.Attempts,
				Backoff:  gocron.ExponentialBackoff(time.Duration(cfg.Backoff), maxBackoff),
			}),
		),
	)
	if err != nil {
		return nil, err
	}
	m.controller = gocron.NewController(m.scheduler)
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
		gocron.NewTask(m.check, t.URL),
		gocron.WithName("check "+t.Name),
		gocron.WithTags(t.Tags...),
		gocron.WithStartAt(gocron.WithStartImmediately()),
		// A target that is checked more often than it answers would fill the
		// queue: leave out a check while the one before waits or goes on.
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
	)
	return err
}

// test has the named target tested once, as soon as the pool has a slot.
func (m *monitor) test(name string) (gocron.Job, error) {
	i := slices.IndexFunc(m.cfg.Targets, func(t target) bool { return t.Name == name })
	if i < 0 {
		return nil, errUnknownTarget
	}
	return m.scheduler.NewJob(
		gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()),
		gocron.NewTask(m.check, m.cfg.Targets[i].URL),
		gocron.WithName("test "+name),
		gocron.WithTags(testTag),
		gocron.InPool(testPool),
		gocron.WithRemoveWhenFinished(),
	)
}

// check asks a target once. It is the task of all jobs; ctx ends with the timeout,
// and when a stop has run out of patience.
func (m *monitor) check(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return gocron.Permanent(err)
	}
	response, err := m.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// A connection is used again only if its last answer was read.
	_, _ = io.CopyN(io.Discard, response.Body, maxBody)
	switch code := response.StatusCode; {
	case code >= http.StatusInternalServerError:
		return errors.New(response.Status)
	case code >= http.StatusBadRequest:
		return gocron.Permanent(errors.New(response.Status))
	default:
		return nil
	}
}

// shutdown lets runs finish that wait or are in progress, and cuts off what takes too
// long.
func (m *monitor) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), m.grace)
	defer cancel()
	err := m.scheduler.ShutdownWithContext(ctx)
	if err != nil {
		// The contexts of what was cut off have ended only now. Another stop waits
		// for the tasks to see it, so that their outcomes are in the table.
		_ = m.scheduler.Shutdown()
	}
	m.client.CloseIdleConnections()
	return err
}

// report prints how every run ended. It returns an error if that is not known of
// each.
func (m *monitor) report(w io.Writer) error {
	stats, err := m.controller.Stats()
	if err != nil {
		return err
	}
	runs := m.ledger.print(w)
	sum, equation := balance(stats)
	fmt.Fprintln(w, equation)
	if runs != stats.Made || sum != stats.Made {
		return errNotAccounted
	}
	return nil
}
