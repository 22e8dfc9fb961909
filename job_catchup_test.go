package gocron

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// An occurrence that has come, and is not dispatched when its job is removed, was missed.
func TestAnOccurrenceThatIsDueWhenItsJobIsRemoved(t *testing.T) {
	clock, finished := clockwork.NewFakeClock(), make(chan RunInfo, 2)
	s := newScheduler(t, WithClock(clock), WithHooks(Hooks{RunFinished: func(info RunInfo) { finished <- info }}))
	j := mustJob(t, s, DurationJob(time.Minute), noop, WithMissed(MissedRunAll, 0))
	s.Start()
	due, err := j.NextRun()
	require.NoError(t, err)
	inner := s.(*scheduler)
	inner.lock()
	clock.Advance(time.Minute)
	calls := inner.removeLocked(inner.jobs[j.ID()])
	inner.unlock()
	calls.run()
	info := receive(t, finished)
	require.Equal(t, OutcomeMissed, info.Outcome)
	require.True(t, due.Equal(info.ScheduledAt))
	require.Equal(t, 1, info.MissedCount)
}

// A decision is about what was due when it began. Who finds a time of it later goes on after that, and
// not after now.
func TestWhatIsDueAfterADecisionBeganIsBooked(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := newScheduler(t, WithClock(clock))
	j := mustJob(t, s, DurationJob(time.Minute), noop, WithMissed(MissedRunAll, 0))
	s.Start()
	due, err := j.NextRun()
	require.NoError(t, err)
	inner := s.(*scheduler)
	inner.lock()
	defer inner.unlock()
	clock.Advance(3 * time.Minute)
	of := inner.jobs[j.ID()]
	of.ledger().seen = due.Add(time.Second)
	require.True(t, inner.leaveToCatchUpLocked(of, of.next, clock.Now()))
	require.True(t, due.Add(time.Minute).Equal(of.next), "%v", of.next.Sub(due))
}

func TestALedgerKnowsUpToWhenItsGapWasDue(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	l := &ledger{}
	require.Equal(t, at(45), l.latestDue(at(45)))
	l.miss(at(40), at(40))
	l.owe(at(53))
	require.Equal(t, at(53), l.latestDue(at(45)), "the clock was set back")
	require.Equal(t, at(60), l.latestDue(at(60)))
	l.miss(at(30), at(30))
	require.Equal(t, at(40), l.gap, "it comes again")
	l.deciding, l.seen = true, at(53)
	l.decided(at(53), time.Time{})
	require.Equal(t, at(45), l.latestDue(at(45)), "nothing is left of it")
}

// The clock is set back by seconds, which changes nothing, between the look of a dispatch and the
// decision about what it has left to that.
func TestADecisionIsAboutWhatTheDispatchSaw(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := newScheduler(t, WithClock(clock))
	j := mustJob(t, s, DurationJob(time.Second), noop, WithMissed(MissedRunOnce, 0))
	s.Start()
	inner := s.(*scheduler)
	inner.lock()
	defer inner.unlock()
	of, now := inner.jobs[j.ID()], clock.Now()
	require.True(t, inner.leaveToCatchUpLocked(of, of.next, now.Add(10*time.Second)))
	require.True(t, now.Add(11*time.Second).Equal(of.next))
	require.True(t, now.Add(10*time.Second).Equal(of.ledger().seen))
}
