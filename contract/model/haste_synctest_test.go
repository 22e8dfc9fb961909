//go:build go1.25

package model_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// A modelCrowd is several users who work off the steps of one program at once,
// with no quiet moment in between, and runs whose stays are sleeps.
type modelCrowd struct {
	*modelWorld

	// The world's mu guards the rest.
	specs                 map[int]*modelSpec // by label
	of                    map[int]int        // at any station, by label
	tasks                 map[int]int        // started, by label
	accepted              int
	wrongs                []string
	inPool                []int                      // at any station, by pool
	limits                []int                      // the highest ever, by pool, 0: none
	pausedAt              map[uuid.UUID]modelInstant // of jobs for which Pause has returned and Resume was not called
	unsettled, unsettling int                        // how often a pause may have been ended, and may be right now
}

const modelCrowdSize = 3

func runInHaste(p *modelProgram) string {
	before := bubbleGoroutines()
	c := &modelCrowd{
		modelWorld: newModelWorld(p, false, nil),
		specs:      map[int]*modelSpec{},
		of:         map[int]int{},
		tasks:      map[int]int{},
		pausedAt:   map[uuid.UUID]modelInstant{},
	}
	for pool := 0; pool <= len(p.setup.pools); pool++ {
		c.inPool, c.limits = append(c.inPool, 0), append(c.limits, p.setup.limit(pool).slots)
	}
	c.host, c.onHook = c.sleepAt, c.atHook
	var users sync.WaitGroup
	for n := 0; n < modelCrowdSize; n++ {
		users.Add(1)
		go func(first int) {
			defer users.Done()
			for i := first; i < len(p.steps); i += modelCrowdSize {
				c.take(&p.steps[i])
			}
		}(n)
	}
	users.Wait()
	c.checkHistories()
	_ = c.s.Shutdown()      // may time out
	time.Sleep(time.Minute) // longer than any run
	if err := c.s.Shutdown(); err != nil {
		c.wrong("the last Shutdown: %v", err)
	}
	if after := bubbleGoroutines(); after != before {
		c.wrong("%d goroutines are left", after-before)
	}
	if n := c.s.JobsWaitingInQueue(); n != 0 {
		c.wrong("%d runs wait for ever", n)
	}
	c.checkEvents()
	c.checkRuns()
	return strings.Join(c.wrongs, "\n")
}

func (c *modelCrowd) wrong(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrongs = append(c.wrongs, fmt.Sprintf(format, args...))
}

// take does a step. What it returns depends on the others.
func (c *modelCrowd) take(st *modelStep) {
	c.mu.Lock()
	h, cancel := c.handles[st.label], c.cancels[st.label]
	c.mu.Unlock()
	id := slotID(1)
	if h != nil {
		id = h.ID()
	}
	switch st.action {
	case actAdvance, actJump:
		time.Sleep(min(st.by, 20*time.Second))
	case actSetBack:
	case actAdd:
		c.put(&st.spec, uuid.Nil, false)
	case actUpdate:
		c.put(&st.spec, id, true)
	case actRemove:
		_ = c.s.RemoveJob(id)
	case actRemoveByTag:
		c.s.RemoveByTags(st.tag)
	case actRunNow:
		if h != nil {
			_ = repeat(st.times, h.RunNow)
		}
	case actCancelContext:
		if cancel != nil {
			cancel()
		}
	case actStart:
		c.s.Start()
	case actStop:
		_ = c.stop(st.by, false)
	case actShutdown:
		_ = c.stop(st.by, true)
	default:
		c.steer(st, id)
	}
	c.checkStats()
}

func (c *modelCrowd) put(spec *modelSpec, id uuid.UUID, update bool) {
	c.mu.Lock()
	c.specs[spec.label] = spec
	c.mu.Unlock()
	if !update && spec.slot > 0 {
		id = slotID(spec.slot)
	}
	if !update && spec.key > 0 {
		id = keyID(spec.key)
	}
	defer c.unsettlePause(id, false)()
	if c.modelWorld.put(spec, id, update) == nil {
		c.mu.Lock()
		c.accepted++
		c.mu.Unlock()
	}
}

// sleepAt is the host: it watches the limits while a run sleeps.
func (c *modelCrowd) sleepAt(label int, station string) modelEnding {
	if station == stationRegister || station == stationStart {
		time.Sleep(c.program.fate(&modelSpec{label: label}, station, c.now()).stay)
		return endsWell
	}
	c.mu.Lock()
	spec := c.specs[label]
	c.of[label]++
	if station == stationTask {
		c.tasks[label]++
	}
	c.inPool[spec.pool]++
	inside, slots, of, tasks := c.inPool[spec.pool], c.limits[spec.pool], c.of[label], c.tasks[label]
	c.mu.Unlock()

	if slots > 0 && inside > slots {
		c.wrong("%d: %d runs with %d slots", label, inside, slots)
	}
	if spec.singleton > 0 && of > 1 {
		c.wrong("%d: %d runs of a singleton", label, of)
	}
	if spec.limitedRuns > 0 && spec.attempts == 0 && tasks > spec.limitedRuns {
		c.wrong("%d: %d runs of %d", label, tasks, spec.limitedRuns)
	}
	fate := c.program.fate(spec, station, c.now())
	time.Sleep(fate.stay)
	runtime.Gosched()

	c.mu.Lock()
	c.of[label]--
	c.inPool[spec.pool]--
	if station == stationClaim && fate.ending == endsWell && !c.program.setup.elector {
		c.events = append(c.events, modelEvent{label: label, what: "lock"})
	}
	c.mu.Unlock()
	return fate.ending
}

// checkEvents compares how often things happened, when all is over.
func (c *modelCrowd) checkEvents() {
	count := map[modelEvent]int{} // by label and what
	total := map[string]int{}
	due := map[modelEvent]int{}
	for _, e := range c.events {
		count[modelEvent{label: e.label, what: e.what}]++
		total[e.what]++
		if e.what == "JobSchedulingDelay" {
			due[modelEvent{label: e.label, a: e.a}]++
		}
	}
	of := func(label int, what string) int { return count[modelEvent{label: label, what: what}] }
	for label, spec := range c.specs {
		if of(label, "lock") != of(label, "unlock") {
			c.wrong("%d: %d locks, %d released", label, of(label, "lock"), of(label, "unlock"))
		}
		ended := of(label, "count "+string(gocron.Success)) + of(label, "count "+string(gocron.Fail))
		if c.program.setup.plain && ended != c.tasks[label] {
			c.wrong("%d: %d tasks, %d counted", label, c.tasks[label], ended)
		}
		if n := of(label, "unregistered"); n > of(label, "registered") {
			c.wrong("%d: unregistered %d times", label, n)
		}
		if n := of(label, "JobRunning"); c.program.setup.monitor && n != c.tasks[label] {
			c.wrong("%d: %d tasks, JobRunning %d times", label, c.tasks[label], n)
		}
		for e, n := range due {
			// What a stop keeps a one-time job from, it is owed, also when its delay was told.
			if e.label == label && n > 1 && !spec.immediately && spec.attempts == 0 && spec.kind != kindOnce {
				c.wrong("%d: %d runs were due at %v", label, n, e.a)
			}
		}
	}
	if c.program.setup.monitor {
		c.checkSchedulerEvents(total)
	}
}

func (c *modelCrowd) checkSchedulerEvents(total map[string]int) {
	if total["registered"] > c.accepted { // one that has left before is not announced
		c.wrong("%d jobs, %d registered", c.accepted, total["registered"])
	}
	if total["SchedulerStarted"] != total["SchedulerStopped"] {
		c.wrong("started %d times, stopped %d times", total["SchedulerStarted"], total["SchedulerStopped"])
	}
	if n := total["SchedulerShutdown"]; n > 1 || n == 0 && total["SchedulerStarted"] > 0 {
		c.wrong("shut down %d times", n)
	}
}
