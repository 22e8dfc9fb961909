package gocron

import (
	"bytes"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

// goroutineState is what runtime.Stack says of a goroutine, and of what it is doing.
var goroutineState = regexp.MustCompile(`(?m)^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[([^\],]*)`)

// waitingStates are those of a goroutine that goes on only when another makes it. One that is to start
// a garbage collection waits for runtime.Stack itself ("semacquire"), so that is none of them.
var waitingStates = map[string]bool{
	"chan receive": true, "chan receive (nil chan)": true, "chan send": true, "chan send (nil chan)": true,
	"select": true, "select (no cases)": true, "sync.Cond.Wait": true, "sync.WaitGroup.Wait": true,
	"sync.Mutex.Lock": true, "sync.RWMutex.Lock": true, "sync.RWMutex.RLock": true, "IO wait": true, "finalizer wait": true,
}

// othersWait reports whether all goroutines but the caller's wait for another.
func othersWait() bool {
	stacks := make([]byte, 64<<10)
	n := runtime.Stack(stacks, true)
	for n == len(stacks) {
		stacks = make([]byte, 2*len(stacks))
		n = runtime.Stack(stacks, true)
	}
	for i, stack := range bytes.Split(stacks[:n], []byte("\n\n")) {
		state := goroutineState.FindSubmatch(stack)
		if i == 0 || state == nil { // the caller's is the first
			continue
		}
		if !waitingStates[string(state[1])] && !bytes.Contains(stack, []byte("os/signal.")) {
			return false
		}
	}
	return true
}

// rigNow is where the clock of a rig stands at first: a Tuesday.
var rigNow = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// A rig is a scheduler on a fake clock. The test drives the clock, and knows
// after each step that everything which follows from it has happened.
type rig struct {
	t     testing.TB
	s     Scheduler
	clock *clockwork.FakeClock
	gate  chan struct{}
}

func newRig(t testing.TB, options ...SchedulerOption) *rig {
	t.Helper()
	return newRigAt(t, rigNow, options...)
}

// newRigAt makes a rig whose scheduler lives in now's location, unless the
// options say otherwise.
func newRigAt(t testing.TB, now time.Time, options ...SchedulerOption) *rig {
	t.Helper()
	clock := clockwork.NewFakeClockAt(now)
	all := []SchedulerOption{WithClock(clock), WithLocation(now.Location())}
	r := &rig{t: t, clock: clock, gate: make(chan struct{})}
	r.s = newScheduler(t, append(all, options...)...)
	t.Cleanup(func() { close(r.gate) })
	return r
}

// job adds a job that must not be refused.
func (r *rig) job(definition JobDefinition, task any, options ...JobOption) Job {
	r.t.Helper()
	j := mustJob(r.t, r.s, definition, task, options...)
	r.settle()
	return j
}

// logged adds a job whose task notes the time on the clock.
func (r *rig) logged(definition JobDefinition, options ...JobOption) (Job, *rigLog) {
	r.t.Helper()
	var log rigLog
	return r.job(definition, func() { log.add(r.clock.Now()) }, options...), &log
}

func (r *rig) start() {
	r.t.Helper()
	r.s.Start()
	r.settle()
}

// hold blocks a task, or any other user code of a run, until letGo.
func (r *rig) hold() { <-r.gate }

// letGo frees n calls of hold.
func (r *rig) letGo(n int) {
	r.t.Helper()
	for i := 0; i < n; i++ {
		select {
		case r.gate <- struct{}{}:
		case <-time.After(rigPatience):
			r.t.Fatal("nothing is held")
		}
	}
	r.settle()
}

// settle returns when nothing happens any more of itself: all goroutines but this one wait, as
// synctest.Wait has it in a bubble. They wait for the clock, for the test, or for one another.
func (r *rig) settle() {
	r.t.Helper()
	for began := time.Now(); !othersWait(); runtime.Gosched() {
		if time.Since(began) > rigPatience {
			r.t.Fatal("the scheduler does not come to rest")
		}
	}
}

// rigAt is rigNow plus each of ds.
func rigAt(ds ...time.Duration) []time.Time {
	var times []time.Time
	for _, d := range ds {
		times = append(times, rigNow.Add(d))
	}
	return times
}

// A rigLog is what happened when.
type rigLog struct {
	mu    sync.Mutex
	times []time.Time
}

func (l *rigLog) add(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, t)
}

// rigPatience only keeps a broken program from hanging the tests.
const rigPatience = 10 * time.Second
