//go:build go1.25

package jobs_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// every10 is a Cron that counts ten minutes from whatever it is asked about.
type every10 struct{}

func (every10) IsValid(string, *time.Location, time.Time) error { return nil }
func (every10) Next(last time.Time) time.Time                   { return last.Add(10 * time.Minute) }

// A time that a user's Cron names has passed if the scheduler comes to it only when it hands over
// the one before, as with every other kind of job. At Start it is due.
func TestSynctestUserCronThatIsDueAtThatVeryMoment(t *testing.T) {
	const m = time.Minute
	for name, tt := range map[string]struct {
		options []gocron.JobOption
		life    func(s gocron.Scheduler, j gocron.Job, clock *clockwork.FakeClock)
		ran     []time.Duration // due times, from the first Start
		paused  []time.Duration
		next    time.Duration
	}{
		"a jump to the second time": {
			life: func(_ gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) { clock.Advance(20 * m) },
			ran:  []time.Duration{10 * m}, next: 30 * m,
		},
		"a jump to the first time": {
			life: func(_ gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) { clock.Advance(10 * m) },
			ran:  []time.Duration{10 * m}, next: 20 * m,
		},
		"a jump that ends before the second time": {
			life: func(_ gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) { clock.Advance(20*m - 1) },
			ran:  []time.Duration{10 * m}, next: 20 * m,
		},
		"a jump beyond the second time": {
			life: func(_ gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) { clock.Advance(21 * m) },
			ran:  []time.Duration{10 * m}, next: 31 * m,
		},
		"after a start time": {
			options: []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(time.Date(2026, 3, 2, 9, 7, 0, 0, time.UTC)))},
			life:    func(_ gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) { clock.Advance(17 * m) },
			ran:     []time.Duration{7 * m}, next: 27 * m,
		},
		"paused, and resumed at that moment": {
			life: func(s gocron.Scheduler, j gocron.Job, clock *clockwork.FakeClock) {
				c := gocron.NewController(s)
				require.NoError(t, c.Pause(j.ID()))
				clock.Advance(20 * m)
				synctest.Wait()
				require.NoError(t, c.Resume(j.ID()))
			},
			paused: []time.Duration{10 * m}, next: 30 * m,
		},
		"the only run is given back at that moment": {
			options: []gocron.JobOption{gocron.WithLimitedRuns(1)},
			life: func(s gocron.Scheduler, j gocron.Job, clock *clockwork.FakeClock) {
				require.NoError(t, gocron.NewController(s).Pause(j.ID()))
				clock.Advance(20 * m)
			},
			paused: []time.Duration{10 * m}, next: 30 * m,
		},
		"a clock set back": {
			life: func(s gocron.Scheduler, j gocron.Job, clock *clockwork.FakeClock) {
				clock.Advance(10 * m)
				synctest.Wait()
				clock.Advance(-5 * time.Hour)
				require.NoError(t, j.RunNow()) // which looks at the clock
				synctest.Wait()
				clock.Advance(20 * m)
			},
			ran: []time.Duration{10 * m, 10*m - 5*time.Hour, 20*m - 5*time.Hour}, next: 40*m - 5*time.Hour,
		},
		"a Start at that moment": {
			life: func(s gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) {
				clock.Advance(10 * m)
				synctest.Wait()
				require.NoError(t, s.StopJobs())
				clock.Advance(10 * m)
				s.Start()
			},
			ran: []time.Duration{10 * m, 20 * m}, next: 30 * m,
		},
		"a Start at the moment of the time after": {
			life: func(s gocron.Scheduler, _ gocron.Job, clock *clockwork.FakeClock) {
				require.NoError(t, s.StopJobs())
				clock.Advance(20 * m)
				s.Start()
			},
			next: 30 * m,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
				clock := clockwork.NewFakeClockAt(began)
				due := map[gocron.Outcome][]time.Duration{}
				s := rig.NewScheduler(t, gocron.WithClock(clock), gocron.WithLocation(time.UTC), gocron.WithHooks(gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
					due[info.Outcome] = append(due[info.Outcome], info.ScheduledAt.Sub(began))
				}}))
				j := rig.MustJob(t, s, gocron.CronJob("x", false), rig.Noop, append(tt.options, gocron.WithCronImplementation(every10{}))...)
				s.Start()
				tt.life(s, j, clock)
				synctest.Wait()
				require.Equal(t, tt.ran, due[gocron.OutcomeSucceeded])
				require.Equal(t, tt.paused, due[gocron.OutcomePaused])
				next, err := j.NextRun()
				require.NoError(t, err)
				require.Equal(t, tt.next, next.Sub(began))
			})
		})
	}
}
