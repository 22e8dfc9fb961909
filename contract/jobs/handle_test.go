package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// askedContext does something before it first answers, once it is armed.
type askedContext struct {
	context.Context
	first *func()
}

func (c askedContext) Err() error {
	if do := *c.first; do != nil {
		*c.first = nil
		do()
	}
	return c.Context.Err()
}

// Handles ask the user's context with nothing locked. What happens to the job
// meanwhile counts.
func TestReplaceWhileAHandleAsksTheContext(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile    func(t *testing.T, r *rig.Rig, j gocron.Job, ran func())
		runNow, next error
		ran          int
		in           time.Duration // until the next run
	}{
		"updated": {
			meanwhile: func(t *testing.T, r *rig.Rig, j gocron.Job, ran func()) {
				_, err := r.Scheduler.Update(j.ID(), gocron.DurationJob(2*time.Hour), gocron.NewTask(ran))
				require.NoError(t, err)
			},
			ran: 1,
			in:  2 * time.Hour,
		},
		"removed": {
			meanwhile: func(t *testing.T, r *rig.Rig, j gocron.Job, _ func()) {
				require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
			},
			runNow: gocron.ErrJobNotFound,
			next:   gocron.ErrJobNotFound,
		},
		"stopped": {
			meanwhile: func(_ *testing.T, r *rig.Rig, _ gocron.Job, _ func()) { r.Stop() },
			runNow:    gocron.ErrJobRunNowFailed,
		},
		"shut down": {
			meanwhile: func(t *testing.T, r *rig.Rig, _ gocron.Job, _ func()) { require.NoError(t, r.Scheduler.Shutdown()) },
			runNow:    gocron.ErrJobRunNowFailed,
			next:      gocron.ErrJobNotFound,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ran := 0
			stage := func() (*rig.Rig, gocron.Job) {
				r := rig.New(t)
				ctx := askedContext{context.Background(), new(func())}
				j := r.Job(gocron.DurationJob(time.Hour), func() { t.Error("the old task ran") }, gocron.WithContext(ctx))
				r.Start()
				*ctx.first = func() { tt.meanwhile(t, r, j, func() { ran++ }) }
				return r, j
			}
			r, j := stage()
			require.Equal(t, tt.runNow, j.RunNow())
			r.Settle()
			require.Equal(t, tt.ran, ran)

			_, j = stage()
			next, err := j.NextRun()
			require.ErrorIs(t, err, tt.next)
			_, j = stage()
			times, err := j.NextRuns(1)
			require.ErrorIs(t, err, tt.next)
			if tt.in > 0 {
				require.Equal(t, rig.Now.Add(tt.in), next)
				require.Equal(t, []time.Time{next}, times)
			} else {
				require.Zero(t, next)
				require.Empty(t, times)
			}
		})
	}
}
