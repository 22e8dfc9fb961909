//go:build go1.25

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A slowLocker takes its time to lock, and then locks or does not.
type slowLocker struct {
	takes time.Duration
	err   error
}

func (l slowLocker) Lock(context.Context, string) (gocron.Lock, error) {
	time.Sleep(l.takes)
	return noLock{}, l.err
}

// A run has its slot and waits for a lock when its job is replaced, by an equal or by another
// definition. It is one of the limited runs of the job.
func TestSynctestARunThatOutlivesItsDefinitionIsOneOfTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		lock  slowLocker
		want  []string
	}{
		"equal":              {time.Minute, slowLocker{takes: 10 * time.Second}, []string{"succeeded schedule 1m0s"}},
		"other":              {90 * time.Second, slowLocker{takes: 10 * time.Second}, []string{"succeeded schedule 1m0s"}},
		"equal, slower":      {time.Minute, slowLocker{takes: 70 * time.Second}, []string{"succeeded schedule 1m0s", "cancelled schedule 2m0s"}},
		"equal, not locked":  {time.Minute, slowLocker{10 * time.Second, errTask}, []string{"locked-elsewhere schedule 1m0s", "locked-elsewhere schedule 2m0s", "locked-elsewhere schedule 3m0s"}},
		"other, not locked":  {90 * time.Second, slowLocker{10 * time.Second, errTask}, []string{"locked-elsewhere schedule 1m0s", "locked-elsewhere schedule 2m35s"}},
		"equal, after a run": {time.Minute, slowLocker{takes: time.Second}, []string{"succeeded schedule 1m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithDistributedLocker(c.lock))
				j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(1))
				p.s.Start()
				time.Sleep(60500 * time.Millisecond)
				if c.lock.takes > time.Second {
					time.Sleep(4500 * time.Millisecond)
				}
				_, err := p.s.Update(j.ID(), gocron.DurationJob(c.every), gocron.NewTask(nothing), gocron.WithName("a"), gocron.WithLimitedRuns(1))
				require.NoError(t, err)
				time.Sleep(135 * time.Second)
				require.Equal(t, c.want, p.told())
				if c.lock.err == nil {
					require.Empty(t, p.s.Jobs())
				} else {
					require.Len(t, p.s.Jobs(), 1)
				}
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
