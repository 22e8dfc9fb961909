package gocron

import (
	"time"

	"github.com/google/uuid"
)

// A pause is what is known of the pause of a job.
type pause struct {
	since     time.Time
	who, note string // by PauseWith
}

// PauseWith is Pause that says who pauses the job and why. Both are for people: Explain shows them
// until Resume, and they may be any text or empty. Of a job that is paused already they replace
// what was said before; since when it is paused stays.
func (c *Controller) PauseWith(id uuid.UUID, who, note string) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.pauseWithLocked(j, who, note)
	return nil
}

// PauseByTagsWith is PauseWith for all jobs that have at least one of the tags now.
func (c *Controller) PauseByTagsWith(who, note string, tags ...string) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			c.s.pauseWithLocked(j, who, note)
		}
	})
}

// pauseWithLocked pauses j, for which it may let go of the lock.
func (s *scheduler) pauseWithLocked(j *internalJob, who, note string) {
	x := j.makeRareState()
	if !x.paused {
		x.paused, x.pause.since = true, s.now()
	}
	x.pause.who, x.pause.note = who, note
	s.storeJobLocked(j)
	s.pauseLocked(j)
}
