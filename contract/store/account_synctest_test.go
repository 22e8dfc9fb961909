//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
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

// A world is a random program: processes one after another on one store.
type world struct {
	t      *testing.T
	random *rand.Rand
	began  time.Time
	store  *faultyStore
	back   time.Time // when the store could be reached again
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

// task is that of k in the present process.
func (w *world) task(k *work) gocron.Task {
	w.mu.Lock()
	alive, begins, asked := w.alive, k.begins, k.asked
	w.mu.Unlock()
	return gocron.NewTask(func(ctx context.Context) error {
		run, _ := gocron.RunFromContext(ctx)
		w.mu.Lock()
		due := run.ScheduledAt.UnixNano()
		begins[due] = append(begins[due], "in progress")
		at := len(begins[due]) - 1
		asked[due] = asked[due] || run.Trigger == gocron.TriggerRunNow || run.Trigger == gocron.TriggerStartImmediately
		takes, fails := time.Duration(w.tasks.Intn(25)-10)*time.Second+100*time.Millisecond, w.tasks.Intn(100) < 30
		yields := w.tasks.Intn(2) == 0
		if w.calm {
			takes, fails = 0, false
		}
		w.mu.Unlock()
		timer, cut := time.NewTimer(takes), ctx.Done()
		if !yields {
			cut = nil
		}
		select {
		case <-timer.C:
		case <-cut:
			timer.Stop()
			fails = true
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if !*alive {
			begins[due][at] = "killed"
			return nil
		}
		if w.store.down.Load() { // its end may not be written before the process is killed
			begins[due][at] = "killed"
			return nil
		}
		if fails {
			begins[due][at] = "failed"
			return errors.New("it fails")
		}
		begins[due][at] = "succeeded"
		return nil
	})
}

// start begins a process.
func (w *world) start() {
	alive := true
	w.mu.Lock()
	w.alive = &alive
	w.mu.Unlock()
	w.p = newProcess(w.t, w.began, append(w.limits(), gocron.WithStore(w.store), gocron.WithStoreDown(gocron.StoreDownSkip, 10*time.Second))...)
	for _, k := range w.works {
		if w.p.t != nil && w.chance(5) {
			w.rename(k)
		}
		w.add(k)
	}
	w.beginAnew()
	w.p.s.Start()
	synctest.Wait() // what the jobs count from is written
	w.note("started")
}

// limits are the limits of a new process.
func (w *world) limits() []gocron.SchedulerOption {
	modes := []gocron.LimitMode{gocron.LimitModeWait, gocron.LimitModeReschedule}
	options := []gocron.SchedulerOption{
		gocron.WithLimitConcurrentJobs(uint(1+w.random.Intn(4)), modes[w.random.Intn(2)]),
		gocron.WithPool("pool", uint(1+w.random.Intn(3)), modes[w.random.Intn(2)]),
	}
	if w.chance(25) {
		options = append(options, gocron.WithDrain())
	}
	return options
}

// add makes the job of k in the present process.
func (w *world) add(k *work) {
	_, err := w.p.s.NewJob(k.era().definition, w.task(k), k.allOptions()...)
	require.NoError(w.t, err)
}

// beginAnew is for jobs that run at once when the scheduler starts, end for when it ends.
func (w *world) beginAnew() {
	for _, k := range w.works {
		k.beginAnew()
	}
}

func (w *world) end() {
	for _, k := range w.works {
		if k.immediate {
			k.end()
		}
	}
}

func (w *world) act() {
	k := w.works[w.random.Intn(len(w.works))]
	jobs, err := w.p.c.JobsByName(k.name)
	require.NoError(w.t, err)
	switch n := w.random.Intn(22); {
	case n < 3:
		w.note("killed")
		if w.store.down.Swap(false) || time.Since(w.back) < 10*time.Second {
			time.Sleep(10 * time.Second) // until it is tried again
			for _, k := range w.works {
				k.uncertain++
			}
		}
		synctest.Wait() // what has ended is written
		w.mu.Lock()
		*w.alive = false
		w.mu.Unlock()
		w.end()
		w.store = &faultyStore{MemoryStore: w.p.kill(w.store.MemoryStore)}
		time.Sleep(w.seconds(90))
		w.start()
	case n < 5:
		w.note("shut down")
		w.store.down.Store(false)
		time.Sleep(20 * time.Second)
		w.end()
		_ = w.p.s.Shutdown()
		time.Sleep(20 * time.Second) // tasks that ignore the stop end, then the store is given back
		time.Sleep(w.seconds(90))
		w.start()
	case n < 7:
		w.note("stopped")
		w.end()
		_ = w.p.s.StopJobs()
		time.Sleep(w.seconds(90))
		w.note("started again")
		w.beginAnew()
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
			k.beginAnew()
		}
		_, err := w.p.s.Update(jobs[0].ID(), k.era().definition, w.task(k), k.allOptions()...)
		require.NoError(w.t, err)
	case n < 13:
		w.note("the store is down")
		w.store.down.Store(true)
	case n < 14:
		w.note("the store is back")
		if w.store.down.Swap(false) {
			w.back = time.Now()
		}
	case n < 15 && len(jobs) == 1:
		w.note("%s is removed", k.name)
		require.NoError(w.t, w.p.s.RemoveJob(jobs[0].ID()))
		if k.immediate {
			k.end()
		}
		if w.chance(60) {
			time.Sleep(w.seconds(60))
		}
		if w.chance(20) {
			if w.store.down.Swap(false) {
				time.Sleep(10 * time.Second)
			}
			require.NoError(w.t, w.p.c.Forget(context.Background(), k.name))
			w.note("%s is forgotten", k.name)
			k.forget()
		}
		w.note("%s is made again", k.name)
		k.beginAnew()
		w.add(k)
	case n < 16 && len(jobs) == 1:
		w.note("runs of %s are cancelled", k.name)
		if err := w.p.c.Cancel(jobs[0].ID()); !errors.Is(err, gocron.ErrJobNotFound) { // it may leave right now
			require.NoError(w.t, err)
		}
	}
	time.Sleep(w.seconds(60))
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
					w.drawLastRun(k)
					w.works = append(w.works, k)
				}
				w.start()
				for range 5 + w.random.Intn(25) {
					w.act()
				}
				w.store.down.Store(false)
				w.end()
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
