//go:build go1.25

package jobs_test

import (
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

func TestSynctestContractADefinitionUsedTwiceGivesIndependentSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		times := []time.Time{time.Now().Add(time.Hour), time.Now().Add(5 * time.Hour)}
		definitions := rig.DueEachDay()
		definitions["cron"] = gocron.CronJob("@every 1h", false)
		definitions["one-time"] = gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...))
		zone := time.FixedZone("there", -4*3600)
		start := gocron.WithStartAt(gocron.WithStartDateTime(time.Now().Add(30 * time.Minute).In(zone)))
		for name, d := range definitions {
			alone, shared := rig.NewScheduler(t, gocron.WithLocation(time.UTC)), rig.NewScheduler(t, gocron.WithLocation(time.UTC))
			other := rig.NewScheduler(t, gocron.WithLocation(zone))
			jobs := []gocron.Job{
				rig.MustJob(t, alone, d, rig.Noop), rig.MustJob(t, shared, d, rig.Noop), rig.MustJob(t, shared, d, rig.Noop, start), rig.MustJob(t, other, d, rig.Noop),
			}
			alone.Start()
			shared.Start()
			other.Start()
			if name != "random" {
				require.Equal(t, rig.NextOf(t, jobs[0]), rig.NextOf(t, jobs[1]), name)
			}
			require.True(t, rig.NextOf(t, jobs[2]).Equal(time.Now().Add(30*time.Minute)), name)
			for _, j := range jobs {
				runs, err := j.NextRuns(2)
				require.NoError(t, err)
				require.True(t, runs[0].After(time.Now()), name)
			}
			require.NoError(t, shared.RemoveJob(jobs[2].ID()))
			require.NoError(t, other.Shutdown())
			if name != "random" {
				require.Equal(t, rig.NextOf(t, jobs[0]), rig.NextOf(t, jobs[1]), name)
			}
		}
	})
}

func TestSynctestContractADefaultCronUsedTwiceGivesIndependentSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := time.FixedZone("there", -4*3600)
		s, other := rig.NewScheduler(t, gocron.WithLocation(time.UTC)), rig.NewScheduler(t, gocron.WithLocation(zone))
		shared := gocron.WithCronImplementation(gocron.NewDefaultCron(false))
		a := rig.MustJob(t, s, gocron.CronJob("0 6 * * *", false), rig.Noop, shared)
		b := rig.MustJob(t, s, gocron.CronJob("30 7 * * *", false), rig.Noop, shared)
		c := rig.MustJob(t, other, gocron.CronJob("0 6 * * *", false), rig.Noop, shared)
		s.Start()
		other.Start()
		for day := 1; day <= 3; day++ {
			require.Equal(t, time.Date(2000, 1, day, 6, 0, 0, 0, time.UTC), rig.NextOf(t, a))
			require.Equal(t, time.Date(2000, 1, day, 7, 30, 0, 0, time.UTC), rig.NextOf(t, b))
			require.True(t, rig.NextOf(t, c).Equal(time.Date(2000, 1, day, 10, 0, 0, 0, time.UTC)))
			time.Sleep(24 * time.Hour)
			synctest.Wait()
		}
	})
}

func TestSynctestContractAUsersCronIsCalledAsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := time.FixedZone("there", 3*3600)
		s := rig.NewScheduler(t, gocron.WithLocation(zone))
		var validated []string
		var asked []time.Time
		cron := &rig.Cron{
			Valid: func(crontab string) error { validated = append(validated, crontab); return nil },
			After: func(at time.Time) time.Time { asked = append(asked, at); return at.Add(90 * time.Second) },
		}
		var ran []time.Duration
		began := time.Now()
		j := rig.MustJob(t, s, gocron.CronJob(" what it\twill ", true), func() { ran = append(ran, time.Since(began)) }, gocron.WithCronImplementation(cron))
		require.Equal(t, []string{" what it\twill "}, validated)
		require.Equal(t, gocron.CronJobSchedule{Crontab: " what it\twill "}, j.Schedule())
		s.Start()
		time.Sleep(271 * time.Second)
		synctest.Wait()
		require.Equal(t, []time.Duration{90 * time.Second, 180 * time.Second, 270 * time.Second}, ran)
		require.Equal(t, time.Duration(0), asked[0].Sub(began))
		for _, at := range asked {
			require.Equal(t, zone, at.Location())
		}
		require.Len(t, validated, 1)
	})
}

func TestSynctestContractASchedulersCallsOfOneCronNeverOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, most atomic.Int64
		slow := func() {
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Millisecond)
			inside.Add(-1)
		}
		cron := &rig.Cron{
			Valid: func(string) error { slow(); return nil },
			After: func(at time.Time) time.Time { slow(); return at.Truncate(time.Second).Add(time.Second) },
		}
		s := rig.NewScheduler(t)
		var all sync.WaitGroup
		for range 20 {
			all.Add(1)
			go func() {
				defer all.Done()
				rig.MustJob(t, s, gocron.CronJob("x", false), rig.Noop, gocron.WithCronImplementation(cron))
				s.Start()
				for _, j := range s.Jobs() {
					_, _ = j.NextRuns(3)
				}
			}()
		}
		all.Wait()
		time.Sleep(5 * time.Second)
		require.NoError(t, s.Shutdown())
		require.EqualValues(t, 1, most.Load())
	})
}

func TestSynctestContractACronsAnswerThatIsNotLaterMeansNoNextRun(t *testing.T) {
	for name, answer := range map[string]func(time.Time) time.Time{
		"same":       func(at time.Time) time.Time { return at },
		"earlier":    func(at time.Time) time.Time { return at.Add(-time.Hour) },
		"zero":       func(time.Time) time.Time { return time.Time{} },
		"year 10000": func(time.Time) time.Time { return time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"far":        func(time.Time) time.Time { return time.Unix(1<<62, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				calls, first := 0, time.Now().Add(time.Minute)
				var ran atomic.Int64
				cron := &rig.Cron{After: func(at time.Time) time.Time {
					if calls++; at.Before(first) && name != "year 10000" {
						return first // one run, then none
					}
					return answer(at)
				}}
				j := rig.MustJob(t, s, gocron.CronJob("x", false), func() { ran.Add(1) }, gocron.WithCronImplementation(cron))
				s.Start()
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Less(t, calls, 5, "it is not asked again and again")
				if name == "year 10000" {
					require.Empty(t, s.Jobs(), "Start found it exhausted")
					return
				}
				rig.NoNextRun(t, j)
				require.EqualValues(t, 1, ran.Load())
				require.NoError(t, j.RunNow())
				require.Len(t, s.Jobs(), 1)
			})
		})
	}
}

// sliceCron is a Cron whose values cannot be compared.
type sliceCron []int

func (sliceCron) IsValid(string, *time.Location, time.Time) error { return nil }
func (sliceCron) Next(t time.Time) time.Time                      { return t.Add(time.Minute) }

func TestSynctestContractAnyValueMayBeACron(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		var ran atomic.Int64
		for i := 0; i < 3; i++ {
			rig.MustJob(t, s, gocron.CronJob("x", false), func() { ran.Add(1) }, gocron.WithCronImplementation(sliceCron{1}), gocron.WithIdentifier(uuid.New()))
		}
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 3, ran.Load())
	})
}
