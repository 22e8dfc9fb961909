package main

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// The floors are the least that can run tasks on time: no table of jobs, no
// ids, no options, no limits. They tell what the runtime itself costs.

// timerFloor is one runtime timer a job: time.AfterFunc, and Reset.
type timerFloor struct {
	lacking
	made    time.Time
	started bool
	stopped atomic.Bool
	pending []*timerJob // until Start
}

type timerJob struct {
	floor *timerFloor
	when  grid
	due   time.Time
	task  func()
	timer *time.Timer
}

func newTimerFloor(config) engine { return &timerFloor{made: time.Now()} }

func (e *timerFloor) Add(s spec) (job, error) {
	j := &timerJob{floor: e, when: gridOf(s, e.made), task: s.task}
	if e.started {
		j.start()
	} else {
		e.pending = append(e.pending, j)
	}
	return job{handle: j}, nil
}

func (e *timerFloor) Start() {
	e.started = true
	for _, j := range e.pending {
		j.start()
	}
}

// Stop stops the timers that were set by Start.
func (e *timerFloor) Stop() {
	e.stopped.Store(true)
	for _, j := range e.pending {
		j.timer.Stop()
	}
}

func (e *timerFloor) Remove(j job) error {
	j.handle.(*timerJob).timer.Stop()
	return nil
}

func (e *timerFloor) RunNow(j job) error {
	go j.handle.(*timerJob).task()
	return nil
}

// start sets the timer, first for the far future, so that fire sees the timer
// it resets.
func (j *timerJob) start() {
	now := time.Now()
	j.due = j.when.Next(now)
	j.timer = time.AfterFunc(time.Hour, j.fire)
	j.timer.Reset(j.due.Sub(now))
}

func (j *timerJob) fire() {
	now := time.Now()
	if j.due = j.when.Next(now); !j.due.IsZero() && !j.floor.stopped.Load() {
		j.timer.Reset(j.due.Sub(now))
	}
	j.task()
}

// heapFloor is one heap of due times and one timer.
type heapFloor struct {
	lacking
	made  time.Time
	nudge chan struct{}
	ended chan struct{}

	mu   sync.Mutex
	jobs heapJobs
}

type heapJob struct {
	when  grid
	due   time.Time
	task  func()
	place int // in the heap, -1 if not there
}

func newHeapFloor(config) engine {
	return &heapFloor{made: time.Now(), nudge: make(chan struct{}, 1), ended: make(chan struct{})}
}

func (e *heapFloor) Add(s spec) (job, error) {
	j := &heapJob{when: gridOf(s, e.made), task: s.task}
	j.due = j.when.Next(time.Now())
	e.mu.Lock()
	heap.Push(&e.jobs, j)
	first := j.place == 0
	e.mu.Unlock()
	if first {
		select {
		case e.nudge <- struct{}{}:
		default:
		}
	}
	return job{handle: j}, nil
}

func (e *heapFloor) Start() { go e.dispatch() }
func (e *heapFloor) Stop()  { close(e.ended) }

func (e *heapFloor) Remove(j job) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if place := j.handle.(*heapJob).place; place >= 0 {
		heap.Remove(&e.jobs, place)
	}
	return nil
}

func (e *heapFloor) RunNow(j job) error {
	go j.handle.(*heapJob).task()
	return nil
}

func (e *heapFloor) Next(j job) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return j.handle.(*heapJob).due
}

func (e *heapFloor) dispatch() {
	timer := time.NewTimer(time.Hour)
	for {
		timer.Reset(e.runDue())
		select {
		case <-timer.C:
		case <-e.nudge:
		case <-e.ended:
			return
		}
	}
}

// runDue starts what is due, and returns how long there is until more is.
func (e *heapFloor) runDue() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for len(e.jobs) > 0 {
		j := e.jobs[0]
		if left := j.due.Sub(now); left > 0 {
			return left
		}
		if next := j.when.Next(now); next.IsZero() {
			heap.Pop(&e.jobs)
		} else {
			j.due = next
			heap.Fix(&e.jobs, 0)
		}
		go j.task()
	}
	return time.Hour
}

type heapJobs []*heapJob

func (h heapJobs) Len() int           { return len(h) }
func (h heapJobs) Less(a, b int) bool { return h[a].due.Before(h[b].due) }

func (h heapJobs) Swap(a, b int) {
	h[a], h[b] = h[b], h[a]
	h[a].place, h[b].place = a, b
}

func (h *heapJobs) Push(x any) {
	j := x.(*heapJob)
	j.place = len(*h)
	*h = append(*h, j)
}

func (h *heapJobs) Pop() any {
	last := len(*h) - 1
	j := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	j.place = -1
	return j
}
