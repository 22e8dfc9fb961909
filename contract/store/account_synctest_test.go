//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

var (
	programs  = flag.Int("store.programs", 150, "how many random programs to run")
	firstSeed = flag.Int64("store.seed", 1, "the seed of the first of them")
)

// An era is the time in which a job has one schedule.
type era struct {
	from, to   time.Time // to is zero while it lasts
	definition gocron.JobDefinition
	next       func(time.Time) time.Time // the first occurrence after a time, by the plainest means
	words      string
}

// A work is one job of a random program, over all processes.
type work struct {
	name    string
	eras    []*era
	options []gocron.JobOption
	retries bool
	reruns  bool
	begins  map[int64][]string // of tasks, by the time at which the run was due: how each ended
	asked   map[int64]bool     // by RunNow
}

// A world is a random program: processes one after another on one store.
type world struct {
	t      *testing.T
	random *rand.Rand
	began  time.Time
	store  *faultyStore
	p      *process
	mu     sync.Mutex // guards what tasks use: the next three, and begins and asked of works
	alive  *bool
	tasks  *rand.Rand
	calm   bool // tasks take no time any more
	works  []*work
	log    []string
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%v ", time.Since(w.began))+fmt.Sprintf(format, args...))
}

func (w *world) chance(percent int) bool { return w.random.Intn(100) < percent }

func (w *world) seconds(most int) time.Duration {
	return time.Duration(w.random.Intn(most*10)) * 100 * time.Millisecond
}

// draw begins an era of the job with a schedule that it never had.
func (w *world) draw(k *work) {
	now := time.Now()
	e := &era{from: now}
	unique := time.Duration(len(k.eras)+1) * time.Millisecond
	switch w.random.Intn(4) {
	case 0, 1:
		d := time.Duration(1+w.random.Intn(60))*time.Second + unique
		e.words, e.definition = fmt.Sprintf("every %v", d), gocron.DurationJob(d)
		e.next = func(t time.Time) time.Time {
			return e.from.Add(d * (max(t.Sub(e.from), 0)/d + 1))
		}
	case 2:
		n := 2 + w.random.Intn(28)
		line := fmt.Sprintf("*/%d * * * * %s", n, strings.Repeat("0-7,", len(k.eras))+"*")
		e.words, e.definition = line, gocron.CronJob(line, true)
		e.next = func(t time.Time) time.Time {
			for t = t.Truncate(time.Second).Add(time.Second); t.Second()%n != 0; t = t.Add(time.Second) {
			}
			return t
		}
	default:
		var times []time.Time
		for range 1 + w.random.Intn(8) {
			times = append(times, now.Add(time.Second+w.seconds(600)))
		}
		e.words, e.definition = fmt.Sprintf("at %d times", len(times)), gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...))
		slices.SortFunc(times, time.Time.Compare)
		e.next = func(t time.Time) time.Time {
			for _, at := range times {
				if at.After(t) {
					return at
				}
			}
			return time.Time{}
		}
	}
	if len(k.eras) > 0 {
		k.eras[len(k.eras)-1].to = now
	}
	k.eras = append(k.eras, e)
	w.note("%s is due %s", k.name, e.words)
}

func (w *world) drawWork(name string) *work {
	k := &work{name: name, begins: make(map[int64][]string), asked: make(map[int64]bool)}
	k.options = []gocron.JobOption{gocron.WithName(name)}
	within := time.Duration(0)
	if w.chance(30) {
		within = time.Second + w.seconds(120)
	}
	words := ""
	switch w.random.Intn(4) {
	case 0:
		words = "nothing said"
	case 1:
		words = "skip"
		k.options = append(k.options, gocron.WithMissed(gocron.MissedSkip, 0))
	case 2:
		words = "once"
		k.options = append(k.options, gocron.WithMissed(gocron.MissedRunOnce, within))
	default:
		words = "all"
		k.options = append(k.options, gocron.WithMissed(gocron.MissedRunAll, within, uint(1+w.random.Intn(20))))
	}
	if w.chance(30) {
		k.reruns, words = true, words+" rerun"
		k.options = append(k.options, gocron.WithRerunInterrupted(uint(1+w.random.Intn(3))))
	}
	if w.chance(30) {
		k.retries, words = true, words+" retry"
		wait := time.Second + w.seconds(20)
		k.options = append(k.options, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2 + w.random.Intn(2), Backoff: func(int) time.Duration { return wait }}))
	}
	if w.chance(50) {
		mode := []gocron.LimitMode{gocron.LimitModeReschedule, gocron.LimitModeWait, gocron.LimitModeQueueOne, gocron.LimitModeReplace}[w.random.Intn(4)]
		words += fmt.Sprintf(" singleton %d", mode)
		k.options = append(k.options, gocron.WithSingletonMode(mode))
	}
	w.note("%s: %s within %v", name, words, within)
	return k
}

// task is that of k in the present process.
func (w *world) task(k *work) gocron.Task {
	w.mu.Lock()
	alive := w.alive
	w.mu.Unlock()
	return gocron.NewTask(func(ctx context.Context) error {
		run, _ := gocron.RunFromContext(ctx)
		w.mu.Lock()
		due := run.ScheduledAt.UnixNano()
		k.begins[due] = append(k.begins[due], "in progress")
		at := len(k.begins[due]) - 1
		k.asked[due] = k.asked[due] || run.Trigger == gocron.TriggerRunNow
		takes, fails := time.Duration(w.tasks.Intn(25)-10)*time.Second+100*time.Millisecond, w.tasks.Intn(100) < 30
		if w.calm {
			takes, fails = 0, false
		}
		w.mu.Unlock()
		time.Sleep(takes)
		w.mu.Lock()
		defer w.mu.Unlock()
		if !*alive {
			k.begins[due][at] = "killed"
			return nil
		}
		if w.store.down.Load() { // its end may not be written before the process is killed
			k.begins[due][at] = "killed"
			return nil
		}
		if fails {
			k.begins[due][at] = "failed"
			return errors.New("it fails")
		}
		k.begins[due][at] = "succeeded"
		return nil
	})
}

// start begins a process.
func (w *world) start() {
	alive := true
	w.mu.Lock()
	w.alive = &alive
	w.mu.Unlock()
	w.p = newProcess(w.t, w.began, gocron.WithStore(w.store), gocron.WithLimitConcurrentJobs(uint(1+w.random.Intn(4)), gocron.LimitModeWait),
		gocron.WithStoreDown(gocron.StoreDownSkip, 10*time.Second))
	for _, k := range w.works {
		_, err := w.p.s.NewJob(k.eras[len(k.eras)-1].definition, w.task(k), k.options...)
		require.NoError(w.t, err)
	}
	w.p.s.Start()
	synctest.Wait() // what the jobs count from is written
	w.note("started")
}

func (w *world) act() {
	k := w.works[w.random.Intn(len(w.works))]
	jobs, err := w.p.c.JobsByName(k.name)
	require.NoError(w.t, err)
	switch n := w.random.Intn(20); {
	case n < 3:
		w.note("killed")
		if w.store.down.Swap(false) {
			time.Sleep(10 * time.Second) // until it is tried again
		}
		synctest.Wait() // what has ended is written
		w.mu.Lock()
		*w.alive = false
		w.mu.Unlock()
		w.store = &faultyStore{MemoryStore: w.p.kill(w.store.MemoryStore)}
		time.Sleep(w.seconds(90))
		w.start()
	case n < 5:
		w.note("shut down")
		w.store.down.Store(false)
		time.Sleep(20 * time.Second)
		_ = w.p.s.Shutdown()
		time.Sleep(20 * time.Second) // tasks that ignore the stop end, then the store is given back
		time.Sleep(w.seconds(90))
		w.start()
	case n < 7:
		w.note("stopped")
		_ = w.p.s.StopJobs()
		time.Sleep(w.seconds(90))
		w.note("started again")
		w.p.s.Start()
	case n < 8 && len(jobs) == 1:
		w.note("%s paused", k.name)
		require.NoError(w.t, w.p.c.Pause(jobs[0].ID()))
	case n < 10:
		w.note("all resumed")
		_, _ = w.p.c.ResumeAll()
	case n < 11 && len(jobs) == 1:
		w.note("%s is asked for", k.name)
		_ = jobs[0].RunNow()
	case n < 12 && len(jobs) == 1:
		if w.chance(70) {
			w.store.down.Store(false) // else nobody knows what was settled of the old schedule
			time.Sleep(10 * time.Second)
			w.draw(k)
		} else {
			w.note("%s updated", k.name)
		}
		_, err := w.p.s.Update(jobs[0].ID(), k.eras[len(k.eras)-1].definition, w.task(k), k.options...)
		require.NoError(w.t, err)
	case n < 13:
		w.note("the store is down")
		w.store.down.Store(true)
	case n < 14:
		w.note("the store is back")
		w.store.down.Store(false)
	}
	time.Sleep(w.seconds(60))
}

// account compares what was due with what the store and the tasks say.
func (w *world) account() {
	for _, k := range w.works {
		rows, err := w.store.History(context.Background(), k.name, time.Time{}, time.Time{}, 0)
		require.NoError(w.t, err)
		for _, e := range k.eras {
			end := e.to
			if end.IsZero() {
				end = time.Now().Add(-3 * time.Minute) // what is due later may be on its way
			}
			for due := e.next(e.from); !due.IsZero() && due.Before(end); due = e.next(due) {
				if fault := fate(k, rows, due); fault != "" {
					w.fail(k, rows, due, fault)
				}
			}
		}
		for due, ends := range k.begins {
			last := len(ends) - 1
			for i, end := range ends {
				switch {
				case k.asked[due]:
				case i < last && end == "succeeded":
					w.fail(k, rows, time.Unix(0, due), "it has run again after it succeeded")
				case i < last && end == "killed" && !k.reruns:
					w.fail(k, rows, time.Unix(0, due), "it has run again after it was killed")
				case i < last && end == "failed" && !k.retries:
					w.fail(k, rows, time.Unix(0, due), "it has run again after it failed")
				}
			}
		}
	}
}

// fate says what is wrong with the occurrence of k that was due, "" for nothing.
func fate(k *work, rows []gocron.StoredRun, due time.Time) string {
	runs, ranges := make(map[string]gocron.StoredRun), 0
	for _, row := range rows {
		switch {
		case !row.Occurrence:
		case row.Count > 1:
			if !due.Before(row.ScheduledAt) && !due.After(row.Until) {
				ranges++
			}
		case row.ScheduledAt.Equal(due):
			if latest, is := runs[row.Run]; !is || latest.Attempt < row.Attempt {
				runs[row.Run] = row
			}
		}
	}
	if len(runs) > 1 {
		return fmt.Sprintf("%d runs have it", len(runs))
	}
	for _, row := range runs {
		switch {
		case row.Outcome == "":
			return "it has no outcome"
		case !row.RetryAt.IsZero():
			return "it waits for an attempt"
		}
		return ""
	}
	switch {
	case ranges == 0:
		return "nothing is known of it"
	case ranges > 1:
		return fmt.Sprintf("it is in %d records", ranges)
	}
	return ""
}

func (w *world) fail(k *work, rows []gocron.StoredRun, due time.Time, fault string) {
	w.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s due at %v: %s; tasks: %v\n", k.name, due.Sub(w.began), fault, k.begins[due.UnixNano()])
	for _, line := range w.log {
		fmt.Fprintln(&b, line)
	}
	for _, row := range rows {
		if d := row.ScheduledAt.Sub(due).Abs(); d < 2*time.Minute || row.Count > 1 {
			fmt.Fprintf(&b, "row %v..%v x%d %s/%d %s %q begun %v ended %v retry %v occurrence %v %s\n", row.ScheduledAt.Sub(w.began), row.Until.Sub(w.began), row.Count,
				row.Run, row.Attempt, row.Trigger, row.Outcome, row.BegunAt.Sub(w.began), row.EndedAt.Sub(w.began), row.RetryAt, row.Occurrence, row.Error)
		}
	}
	w.t.Fatal(b.String())
}

func TestSynctestEveryOccurrenceIsAccountedFor(t *testing.T) {
	for seed := *firstSeed; seed < *firstSeed+int64(*programs); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{t: t, random: rand.New(rand.NewSource(seed)), tasks: rand.New(rand.NewSource(-seed)), store: &faultyStore{MemoryStore: gocron.NewMemoryStore()}}
				time.Sleep(w.seconds(60) + time.Millisecond)
				w.began = time.Now()
				for i := range 1 + w.random.Intn(4) {
					k := w.drawWork(string(rune('a' + i)))
					w.draw(k)
					w.works = append(w.works, k)
				}
				w.start()
				for range 5 + w.random.Intn(25) {
					w.act()
				}
				w.store.down.Store(false)
				_ = w.p.s.Shutdown()
				time.Sleep(time.Minute)
				w.mu.Lock()
				w.calm = true
				w.mu.Unlock()
				w.start()
				_, _ = w.p.c.ResumeAll()
				time.Sleep(20 * time.Minute) // whatever is to be caught up with is
				_ = w.p.s.Shutdown()
				time.Sleep(time.Minute)
				w.account()
			})
		})
	}
}
