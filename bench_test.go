package gocron

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These are for comparing two commits with benchstat. The module in benchmarks/
// compares with other schedulers.

var everyHour = DurationJob(time.Hour)

// idleJobs adds jobs that are not due for an hour.
func idleJobs(b *testing.B, s Scheduler, n int, options ...JobOption) []Job {
	b.Helper()
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = mustJob(b, s, everyHour, noop, options...)
	}
	return jobs
}

func BenchmarkNewJob(b *testing.B) {
	for _, started := range []bool{false, true} {
		started := started
		b.Run(fmt.Sprintf("started=%t", started), func(b *testing.B) {
			s := newScheduler(b)
			if started {
				s.Start()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_, _ = s.NewJob(DurationJob(time.Hour), NewTask(noop))
			}
		})
	}
}

func BenchmarkNewJobAndRemoveJob(b *testing.B) {
	s := newScheduler(b)
	s.Start()
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			j, _ := s.NewJob(DurationJob(time.Hour), NewTask(noop))
			_ = s.RemoveJob(j.ID())
		}
	})
}

func BenchmarkStart(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		n := n
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newScheduler(b)
			idleJobs(b, s, n)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				s.Start()
				b.StopTimer()
				require.NoError(b, s.StopJobs())
				b.StartTimer()
			}
		})
	}
}

func BenchmarkStopJobs(b *testing.B) {
	s := newScheduler(b)
	idleJobs(b, s, 100_000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		b.StopTimer()
		s.Start()
		b.StartTimer()
		_ = s.StopJobs()
	}
}

// countdown is a task that is waited for until it has run a number of times.
type countdown struct {
	left atomic.Int64
	done chan struct{}
}

func newCountdown(n int) *countdown {
	c := &countdown{done: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

func (c *countdown) run() {
	if c.left.Add(-1) == 0 {
		close(c.done)
	}
}

func BenchmarkRunNow(b *testing.B) {
	for _, kind := range []struct {
		name string
		task func(*countdown) Task
	}{
		{"func", func(c *countdown) Task { return NewTask(c.run) }},
		{"context", func(c *countdown) Task { return NewTask(func(context.Context) { c.run() }) }},
		{"parameters", func(c *countdown) Task { return NewTask(func(string, int) { c.run() }, "a", 1) }},
	} {
		task := kind.task
		b.Run(kind.name, func(b *testing.B) {
			c := newCountdown(b.N)
			s := newScheduler(b)
			j, err := s.NewJob(everyHour, task(c))
			require.NoError(b, err)
			s.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_ = j.RunNow()
			}
			<-c.done
		})
	}
}

// BenchmarkRunAlone is the cost of a run that a worker is started for, and of waiting for it.
func BenchmarkRunAlone(b *testing.B) {
	s := newScheduler(b)
	done := make(chan struct{})
	j := mustJob(b, s, everyHour, func() { done <- struct{}{} })
	s.Start()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		_ = j.RunNow()
		<-done
	}
}

// BenchmarkDue is the cost of a run from its due time on: always more are due
// than can be made.
func BenchmarkDue(b *testing.B) {
	s := newScheduler(b)
	c := newCountdown(b.N)
	for i := 0; i < 1_000; i++ {
		mustJob(b, s, DurationJob(10*time.Microsecond), c.run)
	}
	b.ReportAllocs()
	b.ResetTimer()
	s.Start()
	<-c.done
}

func BenchmarkLimitModeWait(b *testing.B) {
	for _, limit := range []uint{1, 4, 64} {
		limit := limit
		b.Run(fmt.Sprint(limit), func(b *testing.B) {
			s := newScheduler(b, WithLimitConcurrentJobs(limit, LimitModeWait))
			c := newCountdown(b.N)
			j := mustJob(b, s, everyHour, c.run)
			s.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_ = j.RunNow()
			}
			<-c.done
		})
	}
}

// BenchmarkOneTimeJobs is the cost of a job that is added, runs once in one of four slots, and
// leaves.
func BenchmarkOneTimeJobs(b *testing.B) {
	add := func(b *testing.B, s Scheduler, c *countdown) {
		for i := 0; i < b.N; i++ {
			if _, err := s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(c.run)); err != nil {
				b.Fatal(err) // require takes a fifth of what is measured here
			}
		}
	}
	for _, running := range []bool{false, true} {
		b.Run(fmt.Sprintf("running=%v", running), func(b *testing.B) {
			s := newScheduler(b, WithLimitConcurrentJobs(4, LimitModeWait))
			c := newCountdown(b.N)
			if running {
				s.Start()
			} else {
				add(b, s, c)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if running {
				add(b, s, c)
			} else {
				s.Start()
			}
			<-c.done
		})
	}
}

func BenchmarkNextRun(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		n := n
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("many jobs")
			}
			s := newScheduler(b)
			jobs := idleJobs(b, s, n)
			s.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_, _ = jobs[i*7919%n].NextRun()
			}
		})
	}
}

func BenchmarkJobs(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		n := n
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newScheduler(b)
			idleJobs(b, s, n)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				s.Jobs()
			}
		})
	}
}

func BenchmarkRemoveByTags(b *testing.B) {
	const n = 10_000
	s := newScheduler(b)
	idleJobs(b, s, 9*n, WithTags("stay"))
	s.Start()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		b.StopTimer()
		idleJobs(b, s, n, WithTags("go"))
		b.StartTimer()
		s.RemoveByTags("go")
	}
}

func BenchmarkNextRuns(b *testing.B) {
	at := NewAtTimes(NewAtTime(6, 30, 0), NewAtTime(18, 30, 0))
	twice := ScheduleFunc(func(t time.Time) time.Time { return t.Truncate(12 * time.Hour).Add(12 * time.Hour) })
	for _, kind := range []struct {
		name       string
		definition JobDefinition
		options    []JobOption
	}{
		{"duration", everyHour, nil},
		{"daily", DailyJob(1, at), nil},
		{"weekly", WeeklyJob(1, NewWeekdays(time.Monday, time.Friday), at), nil},
		{"monthly", MonthlyJob(1, NewDaysOfTheMonth(1, -1), at), nil},
		{"monthly weekday", MonthlyWeekdayJob(1, NewNthWeekdays(2, time.Tuesday, time.Friday), at), nil},
		{"cron", CronJob("30 6,18 * * 1-5", false), nil},
		{"cron wraps", CronJob("30 18-6/12 * * 5-3", false), nil},
		{"cron L", CronJob("30 6,18 L-3,L * *", false), nil},
		{"cron W", CronJob("30 6,18 1W,LW * *", false), nil},
		{"cron #", CronJob("30 6,18 * * 5#2,5L", false), nil},
		{"cron years", CronJob("0 30 6,18 * * 1-5 2020-9999/2", true), nil},
		{"cron H", CronJob("H H(0-11)/6 * * 1-5", false), nil},
		{"daily jitter", DailyJob(1, at), []JobOption{WithJitter(10 * time.Minute)}},
		{"daily calendar", DailyJob(1, at), []JobOption{WithCalendar(OnWeekdays())}},
		{"daily overlap", DailyJob(1, at), []JobOption{WithDaylightSavingsTimeOverlap(DaylightSavingsTimeOverlapBoth)}},
		{"daily location", DailyJob(1, at), []JobOption{WithJobLocation(time.UTC)}},
		{"weekly from Monday", WeeklyJob(2, NewWeekdays(time.Monday, time.Friday), at), []JobOption{WithWeeksFromMonday()}},
		{"any of one", AnyOf(DailyJob(1, at)), nil},
		{"any of two", AnyOf(CronJob("30 6 * * *", false), CronJob("30 18 * * *", false)), nil},
		{"own", ScheduleJob(twice), nil},
	} {
		definition, options := kind.definition, append(kind.options, WithName("job"))
		b.Run(kind.name, func(b *testing.B) {
			s := newScheduler(b)
			j := mustJob(b, s, definition, noop, options...)
			s.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_, _ = j.NextRuns(100)
			}
		})
	}
}

// BenchmarkUnderLoad makes calls from several goroutines at once.
func BenchmarkUnderLoad(b *testing.B) {
	s := newScheduler(b)
	jobs := idleJobs(b, s, 10_000)
	c := newCountdown(-1)
	for i := 0; i < 100; i++ {
		mustJob(b, s, DurationJob(10*time.Millisecond), c.run)
	}
	s.Start()
	var seed atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := int(seed.Add(1)) * 1_000; pb.Next(); i++ {
			_, _ = jobs[i%len(jobs)].NextRun()
		}
	})
}

// BenchmarkPolicies is what a run costs with each of the options for runs, beside
// one with none of them.
func BenchmarkPolicies(b *testing.B) {
	nothing := func(RunInfo) {}
	through := func(next RunFunc) RunFunc { return next }
	for _, with := range []struct {
		name      string
		scheduler []SchedulerOption
		job       []JobOption
		watched   bool
	}{
		{name: "none"},
		{name: "hooks", scheduler: []SchedulerOption{WithHooks(Hooks{nothing, nothing, nothing, nothing})}},
		{name: "log", scheduler: []SchedulerOption{WithHooks(LogRuns(slog.New(slog.NewJSONHandler(io.Discard, nil))))}},
		{name: "watch", watched: true},
		{name: "history", scheduler: []SchedulerOption{WithHistory(10)}},
		{name: "drain", scheduler: []SchedulerOption{WithDrain()}},
		{name: "pool", scheduler: []SchedulerOption{WithPool("pool", 1000, LimitModeWait)}, job: []JobOption{InPool("pool")}},
		{name: "queue limit", scheduler: []SchedulerOption{WithQueueLimit(1000)}},
		{name: "middleware", job: []JobOption{WithMiddleware(through)}},
		{name: "recover", job: []JobOption{WithRecover()}},
		{name: "retry", job: []JobOption{WithRetry(RetryPolicy{Attempts: 2})}},
		{name: "timeout", job: []JobOption{WithTimeout(time.Hour)}},
	} {
		with := with
		b.Run(with.name, func(b *testing.B) {
			c := newCountdown(b.N)
			s := newScheduler(b, with.scheduler...)
			j, err := s.NewJob(everyHour, NewTask(c.run), with.job...)
			require.NoError(b, err)
			if with.watched {
				require.NoError(b, NewController(s).Watch(context.Background(), func(string, RunInfo) {}))
			}
			s.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_ = j.RunNow()
			}
			<-c.done
		})
	}
}

func BenchmarkCrontab(b *testing.B) {
	for _, line := range []string{
		"* * * * *", "*/5 9-17 * * mon-fri", "0,15,30,45 0-3,22 1-7 jan-mar,oct 1-5", "@daily", "H H(0-7) * * H", "0 9 L-3,15W,LW * 5#2,5L,1",
		"0 0 9 1 1 * 2026", "0 0 9 29 2 * 2026-2040/2", "0 0 9 29 2 * 2000/4",
	} {
		b.Run(line, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if _, err := parseCrontab(line, true, "job"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCrontabRare is the search for a time that comes once in 28 or 40 years.
func BenchmarkCrontabRare(b *testing.B) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, line := range []string{"0 0 0 * 2 5#5", "0 0 0 29 2 * 2024-9999/28", "0 0 0 * 2 5#5 2000-9999"} {
		b.Run(line, func(b *testing.B) {
			s, err := CronJob(line, true).schedule(scheduleConfig{location: time.UTC, now: from})
			require.NoError(b, err)
			b.ReportAllocs()
			b.ResetTimer()
			at := from
			for i := 0; i < b.N; i++ {
				if at = s.next(from, at); at.IsZero() {
					at = from
				}
			}
		})
	}
}

func BenchmarkRunInfoFacts(b *testing.B) {
	s := newScheduler(b, WithJobStats())
	j, err := s.NewJob(everyHour, NewTask(func() {}))
	require.NoError(b, err)
	s.Start()
	run, err := NewController(s).RunAndWait(context.Background(), j.ID())
	require.NoError(b, err)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		facts := run.Facts()
		if facts.RunID == 0 {
			b.Fatal("no run")
		}
	}
}

// BenchmarkFacts is what it costs to look at many jobs.
func BenchmarkFacts(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		s := newScheduler(b, WithHistory(10), WithJobStats())
		for i := 0; i < n; i++ {
			_, err := s.NewJob(CronJob("30 3 * * *", false), NewTask(func() {}), WithName(fmt.Sprintf("job %d", i%7919)), WithTags("tag"))
			require.NoError(b, err)
		}
		s.Start()
		c := NewController(s)
		b.Run(fmt.Sprint("EachJob/", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				jobs := 0
				require.NoError(b, c.EachJob(context.Background(), func(JobFacts) bool { jobs++; return true }))
				require.Equal(b, n, jobs)
			}
		})
		for _, filter := range []string{"parts=scheduler", "parts=jobs", "sort=next&history=10&next=5", "state=paused"} {
			b.Run(fmt.Sprint("Snapshot/", n, "/", filter), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; i < b.N; i++ {
					c.s.indexes.kept = nil
					_, _, err := c.Snapshot(context.Background(), filter, "", 100)
					require.NoError(b, err)
				}
			})
		}
	}
}
