//go:build go1.25

package model_test

import (
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// modelSetupExtras is the part of a scheduler's options that half of all programs
// do without.
type modelSetupExtras struct {
	extended   bool // the program may use any of this
	hooks      bool
	history    int
	drain      bool
	queueLimit int // 0: none; of the jobs in no pool
	pools      []modelPool
	stats      bool          // WithJobStats
	byHand     bool          // there are keys
	slow       bool          // its monitor may take its time with jobs and starts
	odd        time.Duration // what keeps the ends of stops apart from everything else
}

// A modelPool has the name poolName gives for its place, from 1.
type modelPool struct {
	slots      int
	mode       gocron.LimitMode
	queueLimit int
}

func poolName(pool int) string { return fmt.Sprintf("pool %d", pool) }

// modelSpecExtras is the part of a definition that half of all programs do
// without.
type modelSpecExtras struct {
	pool     int // 0: none
	attempts int // 0: no retry
	backoff  time.Duration
	timeout  time.Duration
	recovers bool
	leaves   bool // when it has finished, if it is one-time
	yields   bool // a task that fails returns the error of its context if that has ended
}

// recorded reports whether what is known of a run is kept for every run.
func (s *modelSetup) recorded() bool { return s.hooks || s.history > 0 || s.drain || s.stats }

// limit is what bounds the jobs of a pool, 0 for those in none.
func (s *modelSetup) limit(pool int) modelPool {
	if pool > 0 {
		return s.pools[pool-1]
	}
	return modelPool{s.slots, s.slotMode, s.queueLimit}
}

func (s modelSetupExtras) String() string {
	text := flagText(s.hooks, "hooks") + flagText(s.drain, "drain") + flagText(s.slow, "slow") + flagText(s.stats, "job stats")
	if s.history > 0 {
		text += fmt.Sprintf(", history of %d", s.history)
	}
	if s.queueLimit > 0 {
		text += fmt.Sprintf(", queue limit %d", s.queueLimit)
	}
	for i, pool := range s.pools {
		text += fmt.Sprintf(", %s: %d %s, queue limit %d", poolName(i+1), pool.slots, modeText(pool.mode), pool.queueLimit)
	}
	return text
}

func (s modelSpecExtras) String() string {
	text := ""
	if s.pool > 0 {
		text += ", in " + poolName(s.pool)
	}
	if s.attempts > 0 {
		text += fmt.Sprintf(", %d attempts, backoff %v", s.attempts, s.backoff)
	}
	if s.timeout > 0 {
		text += fmt.Sprintf(", timeout %v", s.timeout)
	}
	return text + flagText(s.recovers, "recovers") + flagText(s.leaves, "leaves") + flagText(s.yields, "yields")
}

// steering says what a step does by a Controller.
func (s *modelStep) steering() string {
	which := fmt.Sprintf("job of %d", s.label)
	if s.tag != "" {
		which = "tag " + s.tag
	}
	switch s.action {
	case actPause:
		return "pause " + which
	case actResume:
		return "resume " + which
	case actCancelRuns:
		return "cancel the runs of the " + which
	case actSetLimit:
		return fmt.Sprintf("set the limit of pool %d to %d", s.pool, s.limit)
	case actPauseAll, actResumeAll, actRemoveByKey:
		return s.byHand()
	case actRunAndWait:
		return "run and wait for the " + which
	default:
		return "wait until there is nothing of the " + which
	}
}

// rare is odds for extended programs.
func (g *modelGenerator) rare(percent int) bool { return g.extras.Intn(100) < percent }

func (g *modelGenerator) oneOf(of ...time.Duration) time.Duration { return of[g.extras.Intn(len(of))] }

func (g *modelGenerator) extendSetup() {
	s := &g.setup
	s.extended, s.hooks, s.drain = true, g.rare(70), g.rare(25)
	s.odd = 7 * time.Microsecond
	s.stopTimeout += 5 * time.Microsecond
	if g.rare(50) {
		s.history = 1 + g.extras.Intn(6)
	}
	s.queueLimit = g.queueLimit()
	if s.slots > 0 && g.rare(60) {
		s.slots = 1
	}
	if g.rare(60) {
		for len(s.pools) < 2 {
			mode := gocron.LimitMode(1 + g.extras.Intn(2))
			s.pools = append(s.pools, modelPool{1 + g.extras.Intn(2), mode, g.queueLimit()})
		}
	}
}

func (g *modelGenerator) queueLimit() int {
	if g.rare(70) {
		return 0
	}
	return 1 + g.extras.Intn(3)
}

func (g *modelGenerator) extendSpec(s *modelSpec) {
	if len(g.setup.pools) > 0 && g.rare(60) {
		s.pool = 1 + g.extras.Intn(2)
	}
	switch n := g.extras.Intn(100); {
	case n < 35:
		s.singleton = gocron.LimitMode(3 + g.extras.Intn(2))
	case n < 55:
		s.singleton = gocron.LimitModeWait
	}
	if g.rare(35) {
		s.attempts = 2 + g.extras.Intn(3)
		s.backoff = g.oneOf(1, time.Second, 3*time.Second, 7*time.Second)
		if s.listeners { // which may stay beyond a shorter one
			s.backoff = g.oneOf(5*time.Second, 9*time.Second)
		}
	}
	if g.rare(25) {
		s.timeout = g.oneOf(500*time.Millisecond, 3500*time.Millisecond, 7500*time.Millisecond)
	}
	s.recovers, s.leaves, s.yields = g.rare(25), g.rare(40), g.rare(50)
}

// steer is a step by a Controller. It is often about the job of the step before.
func (g *modelGenerator) steer(before *modelStep) modelStep {
	st := modelStep{label: 1 + g.extras.Intn(g.labels), inside: g.rare(20)}
	if g.rare(50) {
		st.label = before.label
	}
	switch n := g.extras.Intn(100); {
	case n < 20:
		st.action = actPause
	case n < 45:
		st.action = actResume
	case n < 60:
		st.action = actCancelRuns
	case n < 75:
		st.action, st.limit = actSetLimit, g.extras.Intn(5)
		st.pool = g.extras.Intn(1 + len(g.setup.pools))
	case n < 92:
		st.action, st.inside = actRunAndWait, false
	default:
		st.action, st.inside = actAwaitIdle, false
	}
	if (st.action == actPause || st.action == actResume) && g.rare(25) {
		st.tag = []string{"red", "green", "blue"}[g.extras.Intn(3)]
	}
	return st
}
