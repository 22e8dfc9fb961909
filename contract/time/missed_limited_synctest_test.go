//go:build go1.25

package time_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// The clock passes several occurrences of a job with limited runs. Nothing was due after its last
// run, so nothing is missed; before that, what was passed over is.
func TestSynctestMissedEndsWithTheLastLimitedRun(t *testing.T) {
	for name, c := range map[string]struct {
		limit uint
		want  []gocron.Outcome
	}{
		"the last run": {1, []gocron.Outcome{gocron.OutcomeSucceeded}},
		"another left": {2, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeMissed}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClock()
				var outcomes []gocron.Outcome
				d := newDelays(t, gocron.WithClock(clock))
				d.job(gocron.DurationJob(time.Hour), gocron.WithLimitedRuns(c.limit))
				d.s.Start()
				clock.Advance(5 * time.Hour)
				for _, run := range d.take() {
					outcomes = append(outcomes, run.Outcome)
				}
				require.ElementsMatch(t, c.want, outcomes)
			})
		})
	}
}
