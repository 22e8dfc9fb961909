package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// job is one line of the demo.
type job struct {
	name       string
	definition gocron.JobDefinition
	task       any
	options    []gocron.JobOption
}

// unit is what the times of all tasks are multiples of.
const unit = 5 * time.Second

// addJobs adds jobs that each have something to show. One goes wrong from a time on.
func (d *demo) addJobs(p past) error {
	every := gocron.DurationJob
	cron := func(crontab string) gocron.JobDefinition { return gocron.CronJob(crontab, false) }
	tags := gocron.WithTags
	late := gocron.WithMissed(gocron.MissedRunOnce, 0) // better than never
	expires := p.up.Add(p.now.Sub(p.up) * 3 / 4)
	soon := p.now.Add(40 * time.Minute).Truncate(time.Minute)
	jobs := []job{
		{"heartbeat", every(time.Minute), d.work(0), nil},
		{"thumbnails", every(5 * time.Minute), d.slower(40 * time.Second), []gocron.JobOption{tags("media")}},
		{"billing-export", cron("*/15 * * * *"), d.until(expires, "upload: 403 Forbidden: the key of account “billing” has expired"), []gocron.JobOption{tags("billing", "exports")}},
		{"invoice-mail", cron("10 * * * *"), d.work(15 * time.Second), []gocron.JobOption{
			late, tags("billing", "mail")}},
		{"newsletter", cron("0 */4 * * *"), d.work(time.Minute), []gocron.JobOption{tags("mail")}},
		{"price-feed", every(10 * time.Minute), d.flaky(), []gocron.JobOption{
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 4, Backoff: gocron.ConstantBackoff(30 * time.Second)}), tags("feeds")}},
		{"import-orders", every(10 * time.Minute), d.work(4 * time.Minute), []gocron.JobOption{gocron.InPool("warehouse"), tags("warehouse")}},
		{"import-stock", every(10 * time.Minute), d.work(4 * time.Minute), []gocron.JobOption{gocron.InPool("warehouse"), tags("warehouse")}},
		{"import-returns", every(20 * time.Minute), d.work(3 * time.Minute), []gocron.JobOption{gocron.InPool("warehouse"), tags("warehouse")}},
		{"crawl", every(15 * time.Minute), d.work(20 * time.Minute), []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule), tags("feeds")}},
		{"session-cleanup", every(3 * time.Hour), d.panics(), []gocron.JobOption{gocron.WithRecover()}},
		{"backup", cron("TZ=Europe/Berlin 0 3 * * *"), d.work(12 * time.Minute), []gocron.JobOption{late, tags("nightly")}},
		{"report-tokyo", cron("TZ=Asia/Tokyo 0 9 * * *"), d.work(2 * time.Minute), []gocron.JobOption{tags("reports")}},
		{"report-new-york", cron("TZ=America/New_York 30 17 * * 1-5"), d.work(2 * time.Minute), []gocron.JobOption{tags("reports")}},
		{"migrate-accounts", gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(soon)), d.work(time.Minute), nil},
		{"rebuild-index", gocron.ManualJob(), d.work(3 * time.Second), nil},
	}
	for _, j := range jobs {
		options := append([]gocron.JobOption{gocron.WithName(j.name)}, j.options...)
		if _, err := d.scheduler.NewJob(j.definition, gocron.NewTask(j.task), options...); err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
	}
	return nil
}

// work is a task that takes a time, and succeeds.
func (d *demo) work(t time.Duration) func(context.Context) error {
	return func(ctx context.Context) error { return d.sleep(ctx, t) }
}

// slower takes longer from run to run, and begins anew.
func (d *demo) slower(t time.Duration) func(context.Context) error {
	n := 0
	return func(ctx context.Context) error {
		n = (n + 7) % 24
		return d.sleep(ctx, t+time.Duration(n)*unit)
	}
}

// until succeeds until a time, and then fails.
func (d *demo) until(at time.Time, text string) func(context.Context) error {
	n := 0
	return func(ctx context.Context) error {
		n = (n + 2) % 5
		if err := d.sleep(ctx, time.Duration(1+n)*unit); err != nil || d.clock.Now().Before(at) {
			return err
		}
		return errors.New(text)
	}
}

// flaky fails at times.
func (d *demo) flaky() func(context.Context) error {
	n := 0
	return func(ctx context.Context) error {
		if err := d.sleep(ctx, unit); err != nil {
			return err
		}
		if n++; n%5 == 0 || n%5 == 2 || n%41 < 4 {
			return fmt.Errorf("GET prices.example/v1: 502 Bad Gateway")
		}
		return nil
	}
}

// panics does so at every third run.
func (d *demo) panics() func(context.Context) error {
	n := 0
	return func(ctx context.Context) error {
		if n++; n%3 == 0 {
			panic("sessions: the index is out of date")
		}
		return d.sleep(ctx, 20*time.Second)
	}
}
