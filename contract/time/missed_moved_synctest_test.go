//go:build walltime && go1.25

package time_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A missedOnTheMove is a Wall with one job that is due every minute on the minute, by a crontab or an
// interval, and whose task takes a second.
type missedOnTheMove struct {
	*rig.Wall
	job      gocron.Job
	isStored bool
}

// lines say how the job's occurrences ended, with their minutes since the Wall's start.
func (m missedOnTheMove) lines() (lines []string) {
	minute := func(t time.Time) int { return int(t.Sub(rig.WallStart) / time.Minute) }
	for _, info := range m.Finished(m.job) {
		line := fmt.Sprintf("%s %s %d", info.Outcome, info.Trigger, minute(info.ScheduledAt))
		if info.MissedCount > 0 {
			line = fmt.Sprintf("%s %d..%d: %d", info.Outcome, minute(info.ScheduledAt), minute(info.MissedLast), info.MissedCount)
		}
		lines = append(lines, line)
	}
	return lines
}

// onTheMove runs a test with a crontab and with an interval, without a store and with one.
func onTheMove(t *testing.T, option gocron.JobOption, test func(m missedOnTheMove, isInterval bool)) {
	for _, isInterval := range []bool{false, true} {
		for _, isStored := range []bool{false, true} {
			t.Run(fmt.Sprintf("interval %t, store %t", isInterval, isStored), func(t *testing.T) {
				var options []gocron.SchedulerOption
				if isStored {
					options = append(options, gocron.WithStore(gocron.NewMemoryStore()))
				}
				rig.OnMovableClock(t, func(r *rig.Wall) {
					definition := gocron.CronJob("* * * * *", false)
					if isInterval {
						definition = gocron.DurationJob(time.Minute)
					}
					j := rig.MustJob(t, r.Scheduler, definition, func() { time.Sleep(time.Second) }, gocron.WithName("tick"), option)
					r.Start()
					test(missedOnTheMove{r, j, isStored}, isInterval)
					require.NoError(t, r.Scheduler.StopJobs())
					synctest.Wait()
				}, options...)
			})
		}
	}
}

var missedPolicies = map[string]gocron.JobOption{
	"skip":        gocron.WithMissed(gocron.MissedSkip, 0),
	"once":        gocron.WithMissed(gocron.MissedRunOnce, 0),
	"once, bound": gocron.WithMissed(gocron.MissedRunOnce, 5*time.Second),
	"all":         gocron.WithMissed(gocron.MissedRunAll, 0),
	"all, bound":  gocron.WithMissed(gocron.MissedRunAll, 100*time.Second),
	"newest two":  gocron.WithMissed(gocron.MissedRunAll, 0, 2),
}

// The clock gains two minutes and ten seconds, 40 s before the scheduler looks at it.
func TestClockOverlaySynctestMissedInTwoMinutes(t *testing.T) {
	for name, want := range map[string][]string{
		"skip":        {"missed 2..4: 3"},
		"once":        {"missed 2..3: 2", "succeeded catch-up 4"},
		"once, bound": {"missed 2..4: 3"},
		"all":         {"succeeded catch-up 2", "succeeded catch-up 3", "succeeded catch-up 4"},
		"all, bound":  {"missed 2..2: 1", "succeeded catch-up 3", "succeeded catch-up 4"},
		"newest two":  {"missed 2..2: 1", "succeeded catch-up 3", "succeeded catch-up 4"},
	} {
		t.Run(name, func(t *testing.T) {
			onTheMove(t, missedPolicies[name], func(m missedOnTheMove, _ bool) {
				m.Pass(80 * time.Second)
				require.Equal(t, []string{"succeeded schedule 1"}, m.lines())
				m.Step(130 * time.Second)
				m.Pass(40*time.Second + 5*time.Second)
				require.Equal(t, append([]string{"succeeded schedule 1"}, want...), m.lines())
				m.Pass(50 * time.Second)
				require.Equal(t, append(append([]string{"succeeded schedule 1"}, want...), "succeeded schedule 5"), m.lines())
			})
		})
	}
}

// The machine sleeps for two hours and ten seconds.
func TestClockOverlaySynctestMissedInASleep(t *testing.T) {
	for name, c := range map[string]struct {
		missed string
		from   int // the first that runs late
	}{
		"skip":        {"missed 2..122: 121", 123},
		"once":        {"missed 2..121: 120", 122},
		"once, bound": {"missed 2..122: 121", 123},
		"all":         {"missed 2..22: 21", 23},
		"all, bound":  {"missed 2..120: 119", 121},
		"newest two":  {"missed 2..120: 119", 121},
	} {
		t.Run(name, func(t *testing.T) {
			onTheMove(t, missedPolicies[name], func(m missedOnTheMove, _ bool) {
				m.Pass(80 * time.Second)
				m.Step(2*time.Hour + 10*time.Second)
				m.Pass(5 * time.Minute) // all is caught up with
				lines := m.lines()
				require.Equal(t, []string{"succeeded schedule 1", c.missed}, lines[:2])
				for i, line := range lines[2:] {
					require.Contains(t, []string{fmt.Sprintf("succeeded catch-up %d", c.from+i), fmt.Sprintf("succeeded schedule %d", c.from+i)}, line)
				}
				require.Equal(t, "succeeded schedule 126", lines[len(lines)-1])
			})
		})
	}
}

// A clock that gains more than a week was set: an interval has missed nothing, and goes on.
func TestClockOverlaySynctestMissedWhenTheClockIsSetForwardByDays(t *testing.T) {
	for name, want := range map[string][]string{
		"skip":       {"missed 2..11522: 11521"},
		"once":       {"missed 2..11521: 11520", "succeeded catch-up 11522"},
		"all, bound": {"missed 2..11520: 11519", "succeeded catch-up 11521", "succeeded catch-up 11522"},
	} {
		t.Run(name, func(t *testing.T) {
			onTheMove(t, missedPolicies[name], func(m missedOnTheMove, isInterval bool) {
				if isInterval {
					want = []string{"succeeded schedule 11522"}
				}
				m.Pass(80 * time.Second)
				m.Step(8*24*time.Hour + 10*time.Second)
				m.Pass(40*time.Second + 5*time.Second)
				require.Equal(t, append([]string{"succeeded schedule 1"}, want...), m.lines())
				m.Pass(time.Minute)
				require.Equal(t, "succeeded schedule 11523", m.lines()[len(m.lines())-1])
			})
		})
	}
}

// A clock that is set back shows times again. Nothing is missed but, maybe, the first of them, which the
// scheduler sees late. Under a store none of them runs twice. An interval goes on.
func TestClockOverlaySynctestMissedWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{5*time.Minute + 10*time.Second, 4*time.Hour + 10*time.Second} {
		for name, option := range missedPolicies {
			t.Run(back.String()+" "+name, func(t *testing.T) {
				onTheMove(t, option, func(m missedOnTheMove, isInterval bool) {
					m.Pass(5*time.Hour + 20*time.Second)
					require.Len(t, m.lines(), 300)
					first := 300 - int(back/time.Minute)
					m.Step(-back)
					m.Pass(10*time.Minute + 5*time.Second)
					lines, late := m.lines()[300:], m.lines()[300]
					if !isInterval {
						lines = lines[1:]
						require.Contains(t, []string{fmt.Sprintf("missed %d..%d: 1", first, first), fmt.Sprintf("succeeded catch-up %d", first),
							fmt.Sprintf("locked-elsewhere catch-up %d", first)}, late)
						first++
					}
					require.Len(t, lines, 10)
					for i, line := range lines {
						want := fmt.Sprintf("succeeded schedule %d", first+i)
						if m.isStored && !isInterval && first+i <= 300 {
							want = fmt.Sprintf("locked-elsewhere schedule %d", first+i)
						}
						require.Equal(t, want, line)
					}
				})
			})
		}
	}
}

// What is being caught up with goes on when the clock is set back: it was due.
func TestClockOverlaySynctestASetClockAndWhatIsBeingCaughtUpWith(t *testing.T) {
	onTheMove(t, missedPolicies["all"], func(m missedOnTheMove, isInterval bool) {
		m.Pass(80 * time.Second)
		m.Step(30*time.Minute + 10*time.Second)
		m.Pass(40*time.Second + 5*time.Second)
		require.Equal(t, "succeeded catch-up 6", m.lines()[len(m.lines())-1])
		m.Step(-15 * time.Minute)
		m.Pass(30 * time.Second)
		var want []string
		for minute := 2; minute <= 32; minute++ {
			want = append(want, fmt.Sprintf("succeeded catch-up %d", minute))
		}
		require.Equal(t, want, m.lines()[1:len(want)+1])
	})
}

// What a sleep passes over of a paused job is paused.
func TestClockOverlaySynctestAPauseAndASleep(t *testing.T) {
	for name, option := range missedPolicies {
		t.Run(name, func(t *testing.T) {
			onTheMove(t, option, func(m missedOnTheMove, _ bool) {
				m.Pass(80 * time.Second)
				require.NoError(t, m.Controller.Pause(m.job.ID()))
				m.Step(10*time.Minute + 10*time.Second)
				m.Pass(40*time.Second + 5*time.Second)
				require.NoError(t, m.Controller.Resume(m.job.ID()))
				m.Pass(50 * time.Second)
				require.Equal(t, []string{"succeeded schedule 1", "paused schedule 2", "paused 3..12: 10", "succeeded schedule 13"}, m.lines())
			})
		})
	}
}
