package gocron

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func newLimiter(mode LimitMode, slots uint) *limiter { return &limiter{mode: mode, slots: slots} }

func gatedJob(mode LimitMode) *internalJob { return &internalJob{gate: gate{mode: uint8(mode)}} }

// replaceGated is what Update does to a gate.
func replaceGated(old *internalJob, mode LimitMode) *internalJob {
	replacement := gatedJob(mode)
	replacement.custom = old.custom
	replacement.gate.passed = old.gate.passed
	old.succeededBy(replacement)
	return replacement
}

// admitter gives runs their hand-over order.
type admitter struct {
	l   *limiter
	seq uint64
}

func (a *admitter) admit(j *internalJob) (*run, verdict) {
	a.seq++
	r := &run{job: j, id: a.seq, turn: a.seq}
	return r, a.l.admit(r)
}

func TestLimiterAdmission(t *testing.T) {
	const none, resched, wait, one, replace = 0, LimitModeReschedule, LimitModeWait, LimitModeQueueOne, LimitModeReplace
	cases := []struct {
		limit, gate   LimitMode
		otherRuns     bool // the only slot is taken by another job
		ownRuns       bool // a run of the job has started before
		want          verdict
		waitingInList int // what JobsWaitingInQueue reports
	}{
		{none, none, false, false, verdictStart, 0},
		{none, none, true, true, verdictStart, 0},
		{none, resched, true, false, verdictStart, 0},
		{none, resched, false, true, verdictSkipSingleton, 0},
		{none, wait, true, false, verdictStart, 0},
		{none, wait, false, true, verdictWaitAtGate, 0},
		{resched, none, false, false, verdictStart, 0},
		{resched, none, true, false, verdictSkipLimit, 0},
		{resched, none, false, true, verdictSkipLimit, 0},
		{resched, resched, false, true, verdictSkipSingleton, 0},
		{resched, resched, true, false, verdictSkipLimit, 0},
		{resched, wait, true, false, verdictSkipLimit, 0},
		{resched, wait, false, true, verdictWaitAtGate, 0},
		{wait, none, false, false, verdictStart, 0},
		{wait, none, true, false, verdictWaitForSlot, 1},
		{wait, none, false, true, verdictWaitForSlot, 1},
		{wait, resched, true, false, verdictWaitForSlot, 1},
		{wait, resched, false, true, verdictSkipSingleton, 0},
		{wait, wait, true, false, verdictWaitForSlot, 1},
		{wait, wait, false, true, verdictWaitAtGate, 1},
		{none, one, false, true, verdictWaitAtGate, 0},
		{none, replace, false, true, verdictWaitAtGate, 0},
		{wait, one, true, false, verdictWaitForSlot, 1},
		{wait, replace, true, false, verdictWaitForSlot, 1},
		{resched, one, false, true, verdictWaitAtGate, 0},
		{resched, replace, true, false, verdictSkipLimit, 0},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("limit %d gate %d other %t own %t", tc.limit, tc.gate, tc.otherRuns, tc.ownRuns), func(t *testing.T) {
			a := admitter{l: newLimiter(tc.limit, 1)}
			j := gatedJob(tc.gate)
			if tc.otherRuns {
				_, v := a.admit(gatedJob(0))
				require.Equal(t, verdictStart, v)
			}
			if tc.ownRuns {
				_, v := a.admit(j)
				require.Equal(t, verdictStart, v)
			}
			taken, passed := a.l.taken, j.gate.passed
			r, v := a.admit(j)
			require.Equal(t, tc.want, v)
			require.Equal(t, tc.waitingInList, a.l.waitingInQueue())
			switch v {
			case verdictStart:
				require.Equal(t, stageGranted, r.stage)
				require.Equal(t, []any{taken + 1, passed + 1}, []any{a.l.taken, j.gate.passed})
			case verdictWaitForSlot:
				require.Equal(t, stageForSlot, r.stage)
				require.Equal(t, []any{taken, passed + 1}, []any{a.l.taken, j.gate.passed}, "it holds the gate, not a slot")
			case verdictWaitAtGate:
				require.Equal(t, stageAtGate, r.stage)
				require.Equal(t, []any{taken, passed}, []any{a.l.taken, j.gate.passed})
			default:
				require.Equal(t, stageNew, r.stage)
				require.Equal(t, []any{taken, passed}, []any{a.l.taken, j.gate.passed})
			}
		})
	}
}

// A run may not slip past those that wait for the slot which has just become
// free, and be it of another job.
func TestLimiterNobodyJumpsTheQueue(t *testing.T) {
	a := admitter{l: newLimiter(LimitModeWait, 1)}
	first, _ := a.admit(gatedJob(0))
	second, _ := a.admit(gatedJob(0))
	a.l.release(first)
	third, v := a.admit(gatedJob(0))
	require.Equal(t, verdictWaitForSlot, v)
	require.Same(t, second, a.l.next())
	require.Nil(t, a.l.next())
	a.l.release(second)
	require.Same(t, third, a.l.next())
}

// A run that has waited at its gate takes its place in the queue by when it was
// handed over, before others that were so later.
func TestLimiterGateKeepsPlaceInQueue(t *testing.T) {
	a := admitter{l: newLimiter(LimitModeWait, 1)}
	single := gatedJob(LimitModeWait)
	first, _ := a.admit(single)
	second, v := a.admit(single)
	require.Equal(t, verdictWaitAtGate, v)
	later, _ := a.admit(gatedJob(0))
	a.l.release(first)
	require.Same(t, second, a.l.nextAtGate(&single.gate))
	started := a.l.admitWaiting(second) == verdictStart || a.l.next() == second
	require.True(t, started, "it was handed over before the other")
	require.Equal(t, stageForSlot, later.stage)
	require.Nil(t, a.l.nextAtGate(&single.gate), "the gate is closed")
	require.Nil(t, a.l.next(), "no slot is free")
	a.l.release(second)
	require.Same(t, later, a.l.next())
}

func TestLimiterReplacedJobKeepsGate(t *testing.T) {
	a := admitter{l: newLimiter(0, 0)}
	old := gatedJob(LimitModeWait)
	r, _ := a.admit(old)
	replacement := replaceGated(old, LimitModeWait)
	waiting, v := a.admit(replacement)
	require.Equal(t, verdictWaitAtGate, v, "behind the run of the old definition")
	require.Nil(t, a.l.nextAtGate(&replacement.gate))
	a.l.release(r)
	require.Same(t, waiting, a.l.nextAtGate(&replacement.gate))
}

// A run that is tried again comes before those that were handed over later, at
// the gate as well as for a slot, and no mode or queue limit refuses it.
func TestLimiterReadmitsInOrderUnderAnyMode(t *testing.T) {
	for _, mode := range []LimitMode{LimitModeReschedule, LimitModeWait} {
		for _, gate := range []LimitMode{0, LimitModeReschedule, LimitModeWait, LimitModeQueueOne, LimitModeReplace} {
			a := admitter{l: newLimiter(mode, 1)}
			a.l.queueLimit = 1
			j := gatedJob(gate)
			again, _ := a.admit(j)
			again.attempts = 1
			a.l.release(again)
			running, _ := a.admit(j)
			later, v := a.admit(j)
			want := verdictWaitAtGate
			if gate == 0 {
				want = verdictWaitForSlot
			}
			require.Equal(t, want, a.l.readmit(again))
			a.l.release(running)
			if r := a.l.nextAtGate(&j.gate); r != nil {
				require.Same(t, again, r, "of gate %d, before a later one with verdict %d", gate, v)
				require.Equal(t, verdictStart, a.l.admitWaiting(r))
			} else {
				require.Same(t, again, a.l.next())
			}
			require.NotEqual(t, stageGranted, later.stage)
		}
	}
}
