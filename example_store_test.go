package gocron

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
)

// sixDaily makes a scheduler with a job that is due at six each morning, as the program does at every
// start. Each run that has its outcome is sent to finished.
func sixDaily(clock clockwork.Clock, store Store, finished chan<- RunInfo, options ...JobOption) (Scheduler, Job) {
	s, err := NewScheduler(
		WithClock(clock), WithLocation(time.UTC), WithStore(store),
		WithHooks(Hooks{RunFinished: func(run RunInfo) { finished <- run }}),
	)
	if err != nil {
		panic(err)
	}
	j, err := s.NewJob(
		DailyJob(1, NewAtTimes(NewAtTime(6, 0, 0))), NewTask(func() {}),
		append([]JobOption{WithName("report")}, options...)...,
	)
	if err != nil {
		panic(err)
	}
	s.Start()
	return s, j
}

func march(day, hour int) time.Time {
	return time.Date(2026, time.March, day, hour, 0, 0, 0, time.UTC)
}

// The program is down for three days. The next process says how many occurrences it missed.
func ExampleWithStore() {
	var store Store = NewMemoryStore() // a real program has one on disk
	clock := clockwork.NewFakeClockAt(march(1, 12))
	finished := make(chan RunInfo, 10)
	s, _ := sixDaily(clock, store, finished)
	s.Shutdown()

	clock.Advance(72 * time.Hour)
	s, _ = sixDaily(clock, store, finished)
	defer s.Shutdown()
	gap := <-finished
	fmt.Println(gap.JobName, gap.Outcome, gap.MissedCount, "times,", "the last on", gap.MissedLast.Format("Jan 2 15:04"))
	// Output: report missed 3 times, the last on Mar 4 06:00
}

// What the program missed while it was down runs once, late.
func ExampleWithMissed() {
	store := NewMemoryStore()
	clock := clockwork.NewFakeClockAt(march(1, 12))
	finished := make(chan RunInfo, 10)
	once := WithMissed(MissedRunOnce, 24*time.Hour)
	s, _ := sixDaily(clock, store, finished, once)
	s.Shutdown()

	clock.Advance(20 * time.Hour)
	s, _ = sixDaily(clock, store, finished, once)
	defer s.Shutdown()
	run := <-finished
	fmt.Println(run.Outcome, run.Trigger == TriggerCatchUp, run.ScheduledAt.Format("15:04"), "at", run.StartedAt.Format("15:04"))
	// Output: succeeded true 06:00 at 08:00
}

// Three times were missed.
func ExampleMissedPolicy() {
	for _, policy := range []MissedPolicy{MissedSkip, MissedRunOnce, MissedRunAll} {
		store := NewMemoryStore()
		clock := clockwork.NewFakeClockAt(march(1, 12))
		finished := make(chan RunInfo, 10)
		s, _ := sixDaily(clock, store, finished, WithMissed(policy, 0))
		s.Shutdown()
		clock.Advance(72 * time.Hour)
		s, _ = sixDaily(clock, store, finished, WithMissed(policy, 0))
		var happened []string
		for left := 3; left > 0; {
			run := <-finished
			if run.Outcome == OutcomeMissed {
				happened = append(happened, fmt.Sprint("missed ", run.MissedCount))
				left -= run.MissedCount
				continue
			}
			happened = append(happened, "ran for "+run.ScheduledAt.Format("Jan 2"))
			left--
		}
		sort.Strings(happened) // the record of a gap and the runs finish in no order
		fmt.Println(strings.Join(happened, ", "))
		s.Shutdown()
	}
	// Output:
	// missed 3
	// missed 2, ran for Mar 4
	// ran for Mar 2, ran for Mar 3, ran for Mar 4
}

// interrupted runs the job, and kills the process while the task is in progress. It returns what the
// next process finds.
func interrupted(options ...JobOption) *MemoryStore {
	store := NewMemoryStore()
	clock := clockwork.NewFakeClockAt(march(1, 5))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC), WithStore(store))
	started := make(chan struct{})
	s.NewJob(
		DailyJob(1, NewAtTimes(NewAtTime(6, 0, 0))),
		NewTask(func(ctx context.Context) { close(started); <-ctx.Done() }),
		append([]JobOption{WithName("report")}, options...)...,
	)
	s.Start()
	clock.BlockUntilContext(context.Background(), 1)
	clock.Advance(time.Hour)
	<-started
	next := store.Crash()
	killed, kill := context.WithCancel(context.Background())
	kill()
	s.ShutdownWithContext(killed)
	return next
}

// Without WithRerunInterrupted the run is not made again.
func ExampleMemoryStore_Crash() {
	store := interrupted()
	finished := make(chan RunInfo, 10)
	s, _ := sixDaily(clockwork.NewFakeClockAt(march(1, 7)), store, finished)
	defer s.Shutdown()
	run := <-finished
	fmt.Println(run.Outcome == OutcomeInterrupted, errors.Is(run.Err, ErrRunInterrupted), run.Err)
	// Output: true true gocron: the process ended while the run was in progress
}

func ExampleWithRerunInterrupted() {
	again := WithRerunInterrupted(2)
	store := interrupted(again)
	finished := make(chan RunInfo, 10)
	s, _ := sixDaily(clockwork.NewFakeClockAt(march(1, 7)), store, finished, again)
	defer s.Shutdown()
	run := <-finished
	fmt.Println(run.ScheduledAt.Format("15:04"), run.Outcome, "in attempt", run.Attempt)
	// Output: 06:00 succeeded in attempt 2
}

// A job that has no place in the store needs no name.
func ExampleWithoutStore() {
	s, _ := NewScheduler(WithStore(NewMemoryStore()))
	defer s.Shutdown()
	_, err := s.NewJob(DurationJob(time.Second), NewTask(func() {}), WithoutStore())
	fmt.Println(err)
	// Output: <nil>
}

// unreachable is a store whose database is down.
type unreachable struct{ *MemoryStore }

func (unreachable) Begin(context.Context, StoredRun) (bool, error) {
	return false, errors.New("connection refused")
}

func ExampleWithStoreDown() {
	for _, policy := range []StoreDownPolicy{StoreDownSkip, StoreDownRun} {
		s, _ := NewScheduler(WithStore(unreachable{NewMemoryStore()}), WithStoreDown(policy, 0))
		j, _ := s.NewJob(ManualJob(), NewTask(func() {}), WithName("report"))
		s.Start()
		run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
		fmt.Println(run.Outcome, run.Outcome == OutcomeStoreDown, errors.Is(run.Err, ErrStoreDown))
		s.Shutdown()
	}
	// Output:
	// store-down true true
	// succeeded false false
}

// Errors may hold what must not be kept.
func ExampleWithStoredErrors() {
	store := NewMemoryStore()
	s, _ := NewScheduler(WithStore(store), WithStoredErrors(func(err error) string {
		return strings.ReplaceAll(err.Error(), "s3cret", "***")
	}))
	j, _ := s.NewJob(ManualJob(), NewTask(func() error { return errors.New("login with s3cret failed") }), WithName("sync"))
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	s.Shutdown() // returns when all is written
	rows, _ := store.History(context.Background(), "sync", time.Time{}, time.Time{}, 1)
	fmt.Println(rows[0].Error)
	// Output: login with *** failed
}

// The job has a new name, and goes on under it.
func ExampleWithFormerName() {
	store := NewMemoryStore()
	for _, name := range []string{"report", "daily report"} {
		s, _ := NewScheduler(WithStore(store))
		var options []JobOption
		if name == "daily report" {
			options = append(options, WithFormerName("report"))
		}
		s.NewJob(DurationJob(time.Hour), NewTask(func() {}), append(options, WithName(name))...)
		s.Start()
		orphans, _ := NewController(s).OrphanedJobs()
		fmt.Println(s.Jobs()[0].Name(), orphans)
		s.Shutdown()
	}
	// Output:
	// report []
	// daily report []
}

// A program that keeps the time of the last run itself needs no store.
func ExampleWithLastRun() {
	clock := clockwork.NewFakeClockAt(march(1, 8))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	j, _ := s.NewJob(DurationJob(3*time.Hour), NewTask(func() {}), WithLastRun(march(1, 6)))
	next, _ := j.NextRun()
	fmt.Println(next.Format("15:04"))
	// Output: 09:00
}

// leftOver is a store that still has rows of a job that the program makes no longer.
func leftOver() *MemoryStore {
	store := NewMemoryStore()
	s, _ := NewScheduler(WithStore(store))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("old"))
	s.Start()
	s.Shutdown()
	return store
}

func ExampleController_OrphanedJobs() {
	s, _ := NewScheduler(WithStore(leftOver()))
	defer s.Shutdown()
	names, err := NewController(s).OrphanedJobs()
	fmt.Println(names, err)
	// Output: [old] <nil>
}

func ExampleController_Forget() {
	s, _ := NewScheduler(WithStore(leftOver()))
	defer s.Shutdown()
	control := NewController(s)
	fmt.Println(control.Forget(context.Background(), "old"))
	names, _ := control.OrphanedJobs()
	fmt.Println(names)
	// Output:
	// <nil>
	// []
}

// Somebody asks on March 4 why there was no report on March 3.
func ExampleController_Why() {
	store := NewMemoryStore()
	clock := clockwork.NewFakeClockAt(march(1, 12))
	finished := make(chan RunInfo, 10)
	s, _ := sixDaily(clock, store, finished)
	s.Shutdown()
	clock.Advance(72 * time.Hour)
	s, j := sixDaily(clock, store, finished)
	defer s.Shutdown()
	<-finished
	var report OccurrenceInfo // its String says it in words
	report, err := NewController(s).Why(context.Background(), j.ID(), march(3, 6))
	fmt.Println(report.IsOccurrence, report.Outcome, err)
	// Output: true missed <nil>
}

func ExampleOccurrenceInfo_String() {
	clock := clockwork.NewFakeClockAt(march(1, 12))
	s, j := sixDaily(clock, NewMemoryStore(), make(chan RunInfo, 10))
	defer s.Shutdown()
	info, _ := NewController(s).Why(context.Background(), j.ID(), march(5, 6))
	fmt.Println(info)
	// Output: still to come
}

// A MemoryStore serves in tests of programs that have a store.
func ExampleNewMemoryStore() {
	s, err := NewScheduler(WithStore(NewMemoryStore()))
	fmt.Println(err, s.Shutdown())
	// Output: <nil> <nil>
}

func ExampleMemoryStore_Open() {
	ctx := context.Background()
	store := NewMemoryStore()
	first, _ := store.Open(ctx, "node-1")
	_, err := store.Open(ctx, "node-2")
	fmt.Println(err != nil)
	store.Release(ctx)
	second, _ := store.Open(ctx, "node-2")
	fmt.Println(second > first)
	// Output:
	// true
	// true
}

func ExampleMemoryStore_Release() {
	ctx := context.Background()
	store := NewMemoryStore()
	store.Open(ctx, "node-1")
	fmt.Println(store.Release(ctx))
	// Output: <nil>
}

// One of two runs gets an occurrence.
func ExampleMemoryStore_Begin() {
	ctx := context.Background()
	store := NewMemoryStore()
	store.Open(ctx, "node-1")
	for _, id := range []string{"a", "b"} {
		got, err := store.Begin(ctx, StoredRun{
			Run: id, Attempt: 1, Job: "report", ScheduledAt: march(1, 6), Occurrence: true, Count: 1, BegunAt: march(1, 6),
		})
		fmt.Println(id, got, err)
	}
	// Output:
	// a true <nil>
	// b false <nil>
}

func ExampleMemoryStore_Write() {
	ctx := context.Background()
	store := NewMemoryStore()
	store.Open(ctx, "node-1")
	row := StoredJob{Job: "report", Fingerprint: "daily", Mark: march(1, 6), Version: 1}
	refused, err := store.Write(ctx, nil, []StoredJob{row})
	fmt.Println(refused, err)
	refused, err = store.Write(ctx, nil, []StoredJob{row}) // somebody has written version 1 already
	fmt.Println(refused, err)
	// Output:
	// [] <nil>
	// [report] <nil>
}

func ExampleMemoryStore_Load() {
	ctx := context.Background()
	store := leftOver()
	store.Open(ctx, "node-1")
	store.Load(ctx,
		func(job StoredJob) error { fmt.Println("job", job.Job, job.Schedule); return nil },
		func(run StoredRun) error { fmt.Println("run", run.Job); return nil },
	)
	// Output: job old every hour
}

func ExampleMemoryStore_History() {
	ctx := context.Background()
	store := NewMemoryStore()
	store.Open(ctx, "node-1")
	for _, day := range []int{1, 2, 3} {
		store.Begin(ctx, StoredRun{Run: fmt.Sprint(day), Attempt: 1, Job: "report", ScheduledAt: march(day, 6), Count: 1})
	}
	rows, _ := store.History(ctx, "report", march(2, 0), time.Time{}, 0)
	for _, row := range rows {
		fmt.Println(row.ScheduledAt.Format("Jan 2"))
	}
	// Output:
	// Mar 3
	// Mar 2
}

func ExampleMemoryStore_Rename() {
	ctx := context.Background()
	store := leftOver()
	fmt.Println(store.Rename(ctx, "old", "new"))
	s, _ := NewScheduler(WithStore(store))
	defer s.Shutdown()
	names, _ := NewController(s).OrphanedJobs()
	fmt.Println(names)
	// Output:
	// <nil>
	// [new]
}

func ExampleMemoryStore_Forget() {
	ctx := context.Background()
	store := leftOver()
	fmt.Println(store.Forget(ctx, "old"))
	s, _ := NewScheduler(WithStore(store))
	defer s.Shutdown()
	names, _ := NewController(s).OrphanedJobs()
	fmt.Println(names)
	// Output:
	// <nil>
	// []
}
