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

// Pause keeps runs of the job from starting, until Resume. A run that is due meanwhile, or waits
// now, gets the outcome OutcomePaused. Runs in progress go on, also with further attempts, and
// RunNow works. The schedule goes on as well: NextRun moves on, and on Resume there is nothing to
// catch up on.
//
// A one-time job is different: its times that come while it is paused are kept, and run on Resume,
// unless a Claimer gives its occurrences out.
//
// A job stays paused when Update replaces it, and when the scheduler stops and starts again.
func (c *Controller) Pause(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.pauseLocked(j)
	return nil
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

// PauseByTags pauses all jobs that have at least one of the tags now.
func (c *Controller) PauseByTags(tags ...string) error {
	return c.eachTagged(tags, func(j *internalJob) { c.s.pauseLocked(j) })
}

// PauseByTagsWith is PauseWith for all jobs that have at least one of the tags now.
func (c *Controller) PauseByTagsWith(who, note string, tags ...string) error {
	return c.eachTagged(tags, func(j *internalJob) { c.s.pauseWithLocked(j, who, note) })
}

// PauseAll pauses all jobs that the scheduler has now, and returns how many of them were not paused
// before. Jobs that you add later are not paused.
func (c *Controller) PauseAll() (int, error) {
	paused := 0
	err := c.eachJob(func(j *internalJob) {
		if !j.rareState().paused {
			paused++
		}
		c.s.pauseLocked(j)
	})
	return paused, err
}

// Resume ends Pause: the job runs from its next time on. A job that is not paused is
// left alone.
func (c *Controller) Resume(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.resumeLocked(j)
	return nil
}

// ResumeByTags resumes all jobs that have at least one of the tags now.
func (c *Controller) ResumeByTags(tags ...string) error {
	return c.eachTagged(tags, func(j *internalJob) { c.s.resumeLocked(j) })
}

// ResumeAll resumes all jobs that the scheduler has now, and returns how many of them were paused.
func (c *Controller) ResumeAll() (int, error) {
	resumed := 0
	err := c.eachJob(func(j *internalJob) {
		if j.rareState().paused {
			resumed++
		}
		c.s.resumeLocked(j)
	})
	return resumed, err
}

// Paused reports whether the job is paused.
func (c *Controller) Paused(id uuid.UUID) (bool, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return false, err
	}
	defer c.s.unlock()
	return j.rareState().paused, nil
}

// pauseLocked pauses j, and ends the runs of it that wait, for which it may let go of the lock.
func (s *scheduler) pauseLocked(j *internalJob) {
	if x := j.makeRareState(); !x.paused {
		x.paused, x.pause = true, pause{since: s.now()}
		s.storeJobLocked(j)
	}
	s.endWaitingLocked(j, OutcomePaused, func(r *run) bool { return r.pausable() && j.rareState().paused })
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

// resumeLocked ends pause, and dispatches what was kept meanwhile.
func (s *scheduler) resumeLocked(j *internalJob) {
	if !j.rareState().paused {
		return
	}
	j.rare.paused, j.rare.pause = false, pause{}
	s.storeJobLocked(j)
	if l := j.ledger(); l != nil && l.waits {
		l.waits = false
		s.decideLocked(j)
	}
	if s.session != nil && j.entered {
		s.fireUndeliveredLocked(s.lookAtClockLocked(), j)
	}
}
