//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A trace is all that can be seen of a scheduler and one job.
type trace struct {
	ids        []uuid.UUID
	next       time.Time
	nexts      []time.Time
	started    time.Time
	completed  time.Time
	running    bool
	waiting    int
	events     []string
	goroutines int
	name       string
	tags       []string
	schedule   JobSchedule
}

func traceOf(t *testing.T, s Scheduler, j Job, m *contractMonitor) trace {
	synctest.Wait()
	tr := trace{ids: ids(s), waiting: s.JobsWaitingInQueue(), events: m.events(), goroutines: bubbleGoroutines(),
		name: j.Name(), tags: j.Tags(), schedule: j.Schedule()}
	var errs [5]error
	tr.next, errs[0] = j.NextRun()
	tr.nexts, errs[1] = j.NextRuns(3)
	tr.started, errs[2] = j.LastRunStartedAt()
	tr.completed, errs[3] = j.LastRunCompletedAt()
	tr.running, errs[4] = j.IsRunning()
	require.Equal(t, [5]error{}, errs)
	return tr
}

// refuseAll tries everything that is refused, by every entrance.
func refuseAll(t *testing.T, s Scheduler, id uuid.UUID) {
	user, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, r := range refusals() {
		for _, e := range entrances() {
			options := append([]JobOption{WithContext(foreignContext{user}), WithTags("refused"), WithName("refused"),
				WithSingletonMode(LimitModeReschedule), WithLimitedRuns(1)}, r.options...)
			j, err := e.add(s, id, r.definition, r.task, options...)
			require.Error(t, err, "%s %s", e.name, r.name)
			require.Nil(t, j)
		}
	}
}

func TestSynctestContractARefusalLeavesNoTrace(t *testing.T) {
	for _, state := range []string{"new", "running", "stopped", "idle"} {
		t.Run(state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &contractMonitor{}
				s := newScheduler(t, WithLocation(time.UTC), WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m), WithLimitConcurrentJobs(2, LimitModeWait))
				h := newHoldup(t)
				contexts := make(chan context.Context, 10)
				j := mustJob(t, s, DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx; h.task() },
					WithName("old"), WithTags("old"), WithSingletonMode(LimitModeWait), WithLimitedRuns(5))
				if state != "new" {
					s.Start()
					for i := 0; i < 3; i++ {
						require.NoError(t, j.RunNow())
					}
					time.Sleep(10 * time.Minute)
				}
				if state == "idle" {
					h.open()
					synctest.Wait()
				}
				if state == "stopped" {
					require.Error(t, s.StopJobs())
				}
				before := traceOf(t, s, j, m)
				refuseAll(t, s, j.ID())
				require.Equal(t, before, traceOf(t, s, j, m))
				refuseAll(t, s, uuid.New())
				require.Equal(t, before, traceOf(t, s, j, m))
				if state == "running" {
					require.NoError(t, (<-contexts).Err(), "the old job's context lives")
				}
				h.open()
				s.Start()
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				want := map[string]int64{"new": 3, "running": 5, "stopped": 4, "idle": 5}[state]
				require.Equal(t, want, h.ended.Load(), "the old job goes on, and what waited has run")
			})
		})
	}
}

func TestSynctestContractARefusedNewJobIsNotThere(t *testing.T) {
	for _, startIt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &contractMonitor{}
			s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m), WithLocation(time.UTC))
			if startIt {
				s.Start()
			}
			m.forget()
			before := bubbleGoroutines()
			user, cancel := context.WithCancel(context.Background())
			defer cancel()
			for _, r := range refusals() {
				_, err := s.NewJob(r.definition, r.task, append([]JobOption{WithContext(foreignContext{user})}, r.options...)...)
				require.Error(t, err, r.name)
			}
			synctest.Wait()
			require.Empty(t, s.Jobs())
			require.Empty(t, m.events())
			require.Equal(t, before, bubbleGoroutines())
		})
	}
}

func TestSynctestContractUpdateOfAnUnknownIDAddsTheJobUnderIt(t *testing.T) {
	for _, state := range []string{"new", "running", "stopped"} {
		synctest.Test(t, func(t *testing.T) {
			m := &contractMonitor{}
			s := newScheduler(t, WithSchedulerMonitor(m))
			if state != "new" {
				s.Start()
			}
			if state == "stopped" {
				require.NoError(t, s.StopJobs())
			}
			m.forget()
			var ran atomic.Int64
			unknown, ignored := uuid.New(), uuid.New()
			j, err := s.Update(unknown, DurationJob(time.Hour), NewTask(func() { ran.Add(1) }), WithIdentifier(ignored), WithName("new"))
			require.NoError(t, err)
			require.Equal(t, unknown, j.ID())
			require.Equal(t, []uuid.UUID{unknown}, ids(s))
			require.Equal(t, []string{"registered new"}, m.events())
			s.Start()
			time.Sleep(time.Hour)
			synctest.Wait()
			require.EqualValues(t, 1, ran.Load())
		})
	}
}

func TestSynctestContractUpdateKeepsTheIDWhateverTheOptionsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		a, b := mustJob(t, s, DurationJob(time.Hour), noop), mustJob(t, s, DurationJob(time.Hour), noop)
		both := ids(s)
		for i := 0; i < 2; i++ {
			j, err := s.Update(a.ID(), DurationJob(time.Minute), NewTask(noop), WithIdentifier(b.ID()))
			require.NoError(t, err)
			require.Equal(t, a.ID(), j.ID())
			require.Equal(t, both, ids(s))
			s.Start()
		}
		nextA, nextB := nextOf(t, a), nextOf(t, b)
		require.Equal(t, time.Now().Add(time.Minute).Unix(), nextA.Unix())
		require.Equal(t, time.Now().Add(time.Hour).Unix(), nextB.Unix())

		j, err := s.Update(uuid.Nil, DurationJob(time.Minute), NewTask(noop), WithIdentifier(b.ID()))
		require.NoError(t, err)
		require.NotEqual(t, uuid.Nil, j.ID())
		require.NotEqual(t, b.ID(), j.ID(), "no id makes it a new job, and not that of the option")
		require.Len(t, s.Jobs(), 3)
	})
}
