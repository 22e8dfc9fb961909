//go:build go1.25

package limits_test

import (
	"math/rand"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A storm is many callers who do everything at once to a few ids.
type storm struct {
	s   gocron.Scheduler
	ids []uuid.UUID // the first half is never removed, but replaced
	ran atomic.Int64
	all atomic.Int64   // tasks that run
	own []atomic.Int64 // those of each id
}

func (st *storm) definition(r *rand.Rand) gocron.JobDefinition {
	d := time.Duration(1+r.Intn(20)) * time.Second
	if r.Intn(3) == 0 {
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(time.Now().Add(d), time.Now().Add(2*d)))
	}
	return gocron.DurationJob(d)
}

// job puts a job under one of the ids. The count of a limited one is its own.
func (st *storm) job(r *rand.Rand) {
	i := r.Intn(len(st.ids))
	var left atomic.Int64
	runs := uint(1 + r.Intn(5))
	left.Store(int64(runs))
	options := []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitMode(1 + r.Intn(2)))}
	if i >= len(st.ids)/2 {
		options = append(options, gocron.WithTags("mayfly"))
	}
	limited := r.Intn(2) == 0
	if limited {
		options = append(options, gocron.WithLimitedRuns(runs))
	}
	if r.Intn(4) == 0 {
		options = append(options, gocron.WithIntervalFromCompletion())
	}
	if r.Intn(4) == 0 {
		options = append(options, gocron.WithStartAt(gocron.WithStartImmediately()))
	}
	pause := time.Duration(r.Intn(8000)) * time.Millisecond
	task := func() {
		if limited && left.Add(-1) < 0 {
			panic("more runs than its limit")
		}
		st.ran.Add(1)
		if n := st.all.Add(1); n > 3 {
			panic("more runs than slots")
		}
		if n := st.own[i].Add(1); n > 1 && i < len(st.ids)/2 {
			panic("runs of a singleton overlap")
		}
		time.Sleep(pause)
		st.own[i].Add(-1)
		st.all.Add(-1)
	}
	_, _ = rig.Entrances()[r.Intn(2)].Add(st.s, st.ids[i], st.definition(r), gocron.NewTask(task), options...)
}

func (st *storm) act(r *rand.Rand) {
	switch n := r.Intn(100); {
	case n < 30:
		st.job(r)
	case n < 70:
		for _, j := range st.s.Jobs() {
			_ = j.RunNow()
			_, _ = j.NextRuns(2)
			_, _ = j.IsRunning()
		}
	case n < 76:
		st.s.RemoveByTags("mayfly")
	case n < 84:
		_ = st.s.RemoveJob(st.ids[len(st.ids)-1-r.Intn(len(st.ids)/2)])
	case n < 92:
		_ = st.s.StopJobs()
	default:
		st.s.Start()
	}
	time.Sleep(time.Duration(r.Intn(3000)) * time.Millisecond)
}

func TestSynctestContractLimitsHoldInAStorm(t *testing.T) {
	for seed := int64(1); seed <= 8; seed++ {
		for _, mode := range rig.LimitModes {
			synctest.Test(t, func(t *testing.T) {
				s, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(3, mode), gocron.WithStopTimeout(time.Second))
				require.NoError(t, err)
				st := &storm{s: s, own: make([]atomic.Int64, 6)}
				for range st.own {
					st.ids = append(st.ids, uuid.New())
				}
				s.Start()
				var callers sync.WaitGroup
				for c := int64(0); c < 10; c++ {
					callers.Add(1)
					r := rand.New(rand.NewSource(seed*100 + c))
					go func() {
						defer callers.Done()
						for i := 0; i < 60; i++ {
							st.act(r)
						}
					}()
				}
				callers.Wait()
				_ = s.Shutdown()
				time.Sleep(time.Minute)
				require.NoError(t, s.Shutdown())
				require.Zero(t, s.JobsWaitingInQueue())
				require.Zero(t, st.all.Load(), "nothing runs any more")
				require.Positive(t, st.ran.Load())
			})
		}
	}
}
