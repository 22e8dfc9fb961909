//go:build go1.25

package model_test

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// steer does what a step wants of the Controller. What comes of it depends on the
// others, but for what holds of a pause.
func (c *modelCrowd) steer(st *modelStep, id uuid.UUID) {
	switch st.action {
	case actRunAndWait:
		c.runAndWait(id)
		return
	case actAwaitIdle:
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = c.control.Wait(ctx, id)
		return
	case actResume:
		defer c.unsettlePause(id, st.tag != "")()
	case actResumeAll:
		defer c.unsettlePause(id, true)()
	case actRemoveByKey:
		defer c.unsettlePause(keyID(st.key), false)()
	case actSetLimit:
		c.mu.Lock()
		c.limits[st.pool] = max(c.limits[st.pool], st.limit)
		if c.program.setup.limit(st.pool).slots == 0 {
			c.limits[st.pool] = 0
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	before := c.unsettled
	c.mu.Unlock()
	err := c.modelWorld.steer(st, id)
	c.mu.Lock()
	defer c.mu.Unlock()
	if st.action == actPause && st.tag == "" && err == nil && c.unsettling == 0 && c.unsettled == before {
		c.pausedAt[id] = c.now()
	}
}

// unsettlePause is called before what may end the pause of one job, or of any. Until
// it is over, which it returns a function for, nobody knows who is paused.
func (c *modelCrowd) unsettlePause(id uuid.UUID, ofAny bool) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pausedAt, id)
	if ofAny {
		clear(c.pausedAt)
	}
	c.unsettled++
	c.unsettling++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unsettling--
	}
}

func (c *modelCrowd) runAndWait(id uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	info, err := c.control.RunAndWait(ctx, id)
	switch {
	case err == nil && (info.ID == 0 || info.Outcome == gocron.OutcomePending || info.FinishedAt.IsZero()):
		c.wrong("RunAndWait returns %+v", info)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		c.wrong("RunAndWait gives up early")
	}
}

func (c *modelCrowd) checkStats() {
	stats, err := c.control.Stats()
	if err != nil || !addsUp(stats) {
		c.wrong("Stats do not add up: %+v, %v", stats, err)
	}
}

// checkHistories: what jobs have finished last are runs that have finished, each
// once.
func (c *modelCrowd) checkHistories() {
	for _, j := range c.s.Jobs() {
		list, _ := c.control.History(j.ID())
		if len(list) > c.program.setup.history {
			c.wrong("%s: a history of %d", j.Name(), len(list))
		}
		seen := map[uint64]bool{}
		for _, info := range list {
			if seen[info.ID] || info.Outcome == gocron.OutcomePending || info.JobID != j.ID() {
				c.wrong("%s: the history has %+v", j.Name(), info)
			}
			seen[info.ID] = true
		}
	}
}

// checkRuns compares the books with what the hooks have told, when all is over.
func (c *modelCrowd) checkRuns() {
	c.checkStats()
	stats, _ := c.control.Stats()
	if stats.Running+stats.Waiting+stats.Retrying > 0 {
		c.wrong("runs are left: %+v", stats)
	}
	if !c.program.setup.hooks {
		return
	}
	outcomes, begun := map[gocron.Outcome]uint64{}, map[string]int{}
	for _, t := range c.tracks {
		outcomes[t.info.Outcome]++
		if t.attempts > 0 {
			begun[t.info.JobName]++
		}
		c.checkTrack(t)
	}
	if uint64(len(c.tracks)) != stats.Made || !maps.Equal(outcomes, stats.Outcomes) {
		c.wrong("the hooks have told of %d runs, %v, Stats of %+v", len(c.tracks), outcomes, stats)
	}
	for label, spec := range c.specs {
		if n := begun[strconv.Itoa(label)]; spec.limitedRuns > 0 && n > spec.limitedRuns {
			c.wrong("%d: %d runs of %d", label, n, spec.limitedRuns)
		}
	}
}

// performed are the outcomes of runs whose tasks were called.
var performed = map[gocron.Outcome]bool{gocron.OutcomeSucceeded: true, gocron.OutcomeFailed: true, gocron.OutcomePanicked: true, gocron.OutcomeTimedOut: true}

// checkTrack checks what the hooks have told of one run.
func (c *modelCrowd) checkTrack(t *modelTrack) {
	for _, wrong := range t.wrongs {
		c.wrong("%s of %+v", wrong, t.info)
	}
	switch {
	case t.last != "finished" && t.last != "missed":
		c.wrong("the last of %+v is that it is %s", t.info, t.last)
	case t.attempts == 0 && performed[t.info.Outcome], t.attempts > 0 && !performed[t.info.Outcome] && t.info.Outcome != gocron.OutcomeCancelled:
		c.wrong("%d attempts were started of %+v", t.attempts, t.info)
	}
}

// atHook takes its time with some runs. One that fell due while its job was paused
// must not start.
func (c *modelCrowd) atHook(info gocron.RunInfo, what string) {
	c.mu.Lock()
	since, paused := c.pausedAt[info.JobID]
	c.mu.Unlock()
	first := what == "started" && info.Trigger != gocron.TriggerRunNow && info.Attempt == 1
	if first && paused && c.instant(info.ScheduledAt) > since {
		c.wrong("%+v starts, paused since %v", info, since)
	}
	if info.ID%5 == 0 {
		time.Sleep(time.Second)
	}
}
