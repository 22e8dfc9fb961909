//go:build go1.25

package jobs_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
	schedule   gocron.JobSchedule
}

func traceOf(t *testing.T, s gocron.Scheduler, j gocron.Job, m *rig.Monitor) trace {
	synctest.Wait()
	tr := trace{ids: rig.IDs(s), waiting: s.JobsWaitingInQueue(), events: m.Events(), goroutines: rig.Goroutines(),
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
func refuseAll(t *testing.T, s gocron.Scheduler, id uuid.UUID) {
	user, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, r := range rig.Refusals() {
		for _, e := range rig.Entrances() {
			options := append([]gocron.JobOption{gocron.WithContext(rig.ForeignContext{Context: user}), gocron.WithTags("refused"), gocron.WithName("refused"),
				gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithLimitedRuns(1)}, r.Options...)
			j, err := e.Add(s, id, r.Definition, r.Task, options...)
			require.Error(t, err, "%s %s", e.Name, r.Name)
			require.Nil(t, j)
		}
	}
}

func TestSynctestContractARefusalLeavesNoTrace(t *testing.T) {
	for _, state := range []string{"new", "running", "stopped", "idle"} {
		t.Run(state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, gocron.WithLocation(time.UTC), gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
				h := rig.NewHoldup(t)
				contexts := make(chan context.Context, 10)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx; h.Task() },
					gocron.WithName("old"), gocron.WithTags("old"), gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithLimitedRuns(5))
				if state != "new" {
					s.Start()
					for i := 0; i < 3; i++ {
						require.NoError(t, j.RunNow())
					}
					time.Sleep(10 * time.Minute)
				}
				if state == "idle" {
					h.Open()
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
				h.Open()
				s.Start()
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				want := map[string]int64{"new": 3, "running": 5, "stopped": 4, "idle": 5}[state]
				require.Equal(t, want, h.Ended.Load(), "the old job goes on, and what waited has run")
			})
		})
	}
}

func TestSynctestContractARefusedNewJobIsNotThere(t *testing.T) {
	for _, startIt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &rig.Monitor{}
			s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m), gocron.WithLocation(time.UTC))
			if startIt {
				s.Start()
			}
			m.Forget()
			before := rig.Goroutines()
			user, cancel := context.WithCancel(context.Background())
			defer cancel()
			for _, r := range rig.Refusals() {
				_, err := s.NewJob(r.Definition, r.Task, append([]gocron.JobOption{gocron.WithContext(rig.ForeignContext{Context: user})}, r.Options...)...)
				require.Error(t, err, r.Name)
			}
			synctest.Wait()
			require.Empty(t, s.Jobs())
			require.Empty(t, m.Events())
			require.Equal(t, before, rig.Goroutines())
		})
	}
}

func TestSynctestContractUpdateOfAnUnknownIDAddsTheJobUnderIt(t *testing.T) {
	for _, state := range []string{"new", "running", "stopped"} {
		synctest.Test(t, func(t *testing.T) {
			m := &rig.Monitor{}
			s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
			if state != "new" {
				s.Start()
			}
			if state == "stopped" {
				require.NoError(t, s.StopJobs())
			}
			m.Forget()
			var ran atomic.Int64
			unknown, ignored := uuid.New(), uuid.New()
			j, err := s.Update(unknown, gocron.DurationJob(time.Hour), gocron.NewTask(func() { ran.Add(1) }), gocron.WithIdentifier(ignored), gocron.WithName("new"))
			require.NoError(t, err)
			require.Equal(t, unknown, j.ID())
			require.Equal(t, []uuid.UUID{unknown}, rig.IDs(s))
			require.Equal(t, []string{"registered new"}, m.Events())
			s.Start()
			time.Sleep(time.Hour)
			synctest.Wait()
			require.EqualValues(t, 1, ran.Load())
		})
	}
}

func TestSynctestContractUpdateKeepsTheIDWhateverTheOptionsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		a, b := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop), rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		both := rig.IDs(s)
		for i := 0; i < 2; i++ {
			j, err := s.Update(a.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(rig.Noop), gocron.WithIdentifier(b.ID()))
			require.NoError(t, err)
			require.Equal(t, a.ID(), j.ID())
			require.Equal(t, both, rig.IDs(s))
			s.Start()
		}
		nextA, nextB := rig.NextOf(t, a), rig.NextOf(t, b)
		require.Equal(t, time.Now().Add(time.Minute).Unix(), nextA.Unix())
		require.Equal(t, time.Now().Add(time.Hour).Unix(), nextB.Unix())

		j, err := s.Update(uuid.Nil, gocron.DurationJob(time.Minute), gocron.NewTask(rig.Noop), gocron.WithIdentifier(b.ID()))
		require.NoError(t, err)
		require.NotEqual(t, uuid.Nil, j.ID())
		require.NotEqual(t, b.ID(), j.ID(), "no id makes it a new job, and not that of the option")
		require.Len(t, s.Jobs(), 3)
	})
}
