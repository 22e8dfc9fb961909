package rig

import (
	"bytes"
	"regexp"
	"runtime"
	"time"
)

// goroutineState is what runtime.Stack says of a goroutine, and of what it is doing.
var goroutineState = regexp.MustCompile(`(?m)^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[([^\],]*)`)

// waitingStates are the states of a goroutine that goes on only when another makes it. One that is to
// start a garbage collection waits for runtime.Stack itself ("semacquire"), so that is none of
// them.
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

// Settle returns when nothing happens any more of itself: all goroutines but this one wait, as
// synctest.Wait has it in a bubble. They wait for the clock, for the test, or for one another.
func (r *Rig) Settle() {
	r.T.Helper()
	for began := time.Now(); !othersWait(); runtime.Gosched() {
		if time.Since(began) > Patience {
			r.T.Fatal("the scheduler does not come to rest")
		}
	}
	// The test sees what others have written: they took the scheduler's lock since, or are held.
	r.Scheduler.JobsWaitingInQueue()
	r.held.Load()
}

// Patience only keeps a broken program from hanging the tests.
const Patience = 10 * time.Second
